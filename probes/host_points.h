/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_points: which program goes to which of a kernel's tracepoints.
 *
 * Decided from the kernel's types: a tracepoint that is not there, or has other arguments than any of our programs knows, gets none, and its
 * row in the coverage table says why. Pure: types in, rows out; host_attach.h does what was decided.
 */
#ifndef TAKT_PROBES_HOST_POINTS_H
#define TAKT_PROBES_HOST_POINTS_H

#include "probes/host.h"

#define HOST_MAX_POINTS 32

struct btf;

enum host_how { HOST_TYPED, HOST_RAW, HOST_CLASS };	/* tp_btf; raw tracepoint; the event of its class, by perf */

struct host_way {
	const char *point;	/* the row that it serves */
	const char *tracepoint;
	const char *sig;	/* what its arguments begin with (host_sig.h) */
	enum host_prog prog;
	enum host_how how;
	const char *lacks;	/* what this way does without; "" */
};

struct host_points {
	int n;
	struct host_point point[HOST_MAX_POINTS];
	uint32_t refused;	/* bit per program that the kernel did not load */
	char refusal[HOST_PROG_COUNT][96];
	uint32_t wanted;	/* bit per program that is to be loaded */
};

static_assert(HOST_PROG_COUNT <= 32, "a bit for each program");

extern const char *const host_prog_names[HOST_PROG_COUNT];

/* All ways; those of one tracepoint stand together and are tried in their order. A point is live when each of its tracepoints has one. */
const struct host_way *host_ways(int *n);
int host_ways_together(int first);	/* how many from this one on are of its tracepoint */

/* Fill the rows, and `wanted`, from these types: the kernel's first, then those of modules. Refused programs are not wanted again. */
void host_points_choose(struct host_points *p, struct btf *const *types, int n_types);

/* The kernel did not take this program. False: there is no such program, or it was refused before. */
bool host_points_refuse(struct host_points *p, const char *program, const char *reason);

struct host_point *host_points_row(struct host_points *p, const char *name);

/* This point is not live, for this reason. */
void host_point_fail(struct host_point *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Some KVMs have the tracepoints of exits and never pass them. After the runs of each program: when one went on to the monitor often and left no
 * guest, these points are not live.
 */
void host_points_silent(struct host_points *p, const uint64_t runs[HOST_PROG_COUNT]);

/* Some kernels pass no tracepoint for some switches: so many of `switches`. */
void host_points_untold(struct host_points *p, uint64_t untold, uint64_t switches);

#endif
