/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_watch: what no probe tells and a look now and then does: time that the hypervisor stole, and steps of the wall clock.
 */
#ifndef TAKT_PROBES_GUEST_WATCH_H
#define TAKT_PROBES_GUEST_WATCH_H

#include "probes/event.h"
#include "probes/guest_time.h"
#include "probes/steal.h"

#define GUEST_WATCH_STEP_NS 1000000	/* shorter steps are not told of */

struct guest_watch {
	struct guest_time real;
	struct steal steal;
};

/* Look; fn gets an EV_STEP or EV_STEAL for each thing that happened since the last look. */
void guest_watch_look(struct guest_watch *w, event_fn *fn, void *ctx);

#endif
