/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_points: which program goes to which of this kernel's tracepoints.
 *
 * Decided from its types: a tracepoint that is not there, or has other arguments than any of our programs knows, is not attached, and says why.
 */
#ifndef TAKT_PROBES_HOST_POINTS_H
#define TAKT_PROBES_HOST_POINTS_H

#include "base/why.h"
#include "probes/host.h"

#define HOST_MAX_POINTS 32
#define HOST_MAX_LINKS	64

struct bpf_link;
struct bpf_object;

struct host_points {
	int n, n_links;
	struct host_point point[HOST_MAX_POINTS];
	struct bpf_link *link[HOST_MAX_LINKS];
	uint32_t refused;	/* bit per program that the kernel did not load */
	char refusal[HOST_PROG_COUNT][96];
};

/* Choose the programs of an object that is open and not loaded yet. -ENOTSUP: the kernel tells no types. */
int host_points_choose(struct host_points *p, struct bpf_object *obj, struct why *why);

/* The kernel did not take this program: it is not chosen again. False: no such program. */
bool host_points_refuse(struct host_points *p, const char *program, const char *reason);

/* Attach; the object is loaded. -errno of the first refusal when no point is live. */
int host_points_attach(struct host_points *p, struct bpf_object *obj, struct why *why);

void host_points_detach(struct host_points *p);

#endif
