/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_watch: what no probe tells and a look now and then does: time that the hypervisor stole, and steps of the wall clock.
 */
#ifndef TAKT_PROBES_GUEST_WATCH_H
#define TAKT_PROBES_GUEST_WATCH_H

#include <stdint.h>

#include "probes/event.h"

#define GUEST_WATCH_CPUS 64		/* of more, the first */
#define GUEST_WATCH_STEP_NS 1000000	/* a shorter step is none: it is what adjusting does, or what the look itself took */

struct guest_watch {
	int64_t t_last;			/* CLOCK_MONOTONIC */
	int64_t real_ns;		/* CLOCK_REALTIME - CLOCK_MONOTONIC */
	uint64_t steal[GUEST_WATCH_CPUS];	/* in clock ticks */
	int begun;
};

/* Look; fn gets an EV_STEP or EV_STEAL for each thing that happened since the last look. */
void guest_watch_look(struct guest_watch *w, void (*fn)(void *ctx, struct event *e), void *ctx);

/* CLOCK_REALTIME (or another clock) minus CLOCK_MONOTONIC, from the narrowest of a few readings. */
int64_t guest_watch_offset(int clock);

#endif
