/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_load: the points at which takt guest looks into its kernel, and which of them are live here.
 *
 * A point is a row: its hop, and up to three ways to be there. The first that this kernel has, loads and attaches is taken; a point that has
 * none is not live, and says why. Nothing is looked up by kernel version: names and numbers of arguments come from BTF, that of modules too.
 */
#ifndef TAKT_PROBES_GUEST_LOAD_H
#define TAKT_PROBES_GUEST_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "probes/event.h"

#define GUEST_HOWS 3

struct guest_how {
	const char *how;	/* "tp_btf", "fentry", "kprobe"; NULL: no more ways */
	const char *target;	/* the kernel's function or tracepoint */
	int args;		/* that it must have, at least */
	const char *program[2];	/* of guest_*.bpf.h; NULL: none */
};

struct guest_point {
	const char *name, *hop, *help;
	struct guest_how way[GUEST_HOWS];
};

extern const struct guest_point guest_points[];
extern const int guest_points_count;

struct guest_live {
	int way;		/* index; -1: not live */
	char why[160];		/* why not, or why not by an earlier way; "" */
};

struct guest_load_conf {
	int ifindex;
	int64_t min_span_ns;
	const char *virtio;	/* "virtio0": the device's name on its bus; "" */
	const char *without;	/* ways that are not taken, with commas between: "fentry,kprobe"; NULL: all may be */
};

struct guest_load;

/* -ENOTSUP and a sentence where this kernel allows no BPF, or has no BTF: nothing is live then. */
int guest_load_open(struct guest_load **out, const struct guest_load_conf *conf, struct why *why);
void guest_load_close(struct guest_load *g);

const struct guest_live *guest_load_live(const struct guest_load *g);	/* guest_points_count of them */

/* The interrupts that are the device's, by number; others are no frames' interrupts. */
void guest_load_irqs(struct guest_load *g, const int *irq, int n);
/* A thread whose delays are told of from now on, though it sends nothing by itself: ksoftirqd. */
void guest_load_track(struct guest_load *g, int tid);

int guest_load_fd(const struct guest_load *g);	/* readable when a quarter of the buffer is full */
/* Hand the events that wait to fn, a whole buffer of them at most. */
void guest_load_drain(struct guest_load *g, event_fn *fn, void *ctx);

/* When the question for the time with this number was about to be in the ring, and when its answer came up; 0: not seen. */
void guest_load_asked(const struct guest_load *g, uint64_t id, int64_t *t_asked, int64_t *t_answered);

/* Since the start. */
struct guest_cost {
	uint64_t events, lost, unkeyed;
	uint64_t runs, run_ns;	/* of all programs, while the kernel counted */
};
void guest_load_cost(const struct guest_load *g, struct guest_cost *cost);
/* Let the kernel measure the programs' run time, or no more; -errno where it does not allow that. */
int guest_load_measure(struct guest_load *g, bool on);

#endif
