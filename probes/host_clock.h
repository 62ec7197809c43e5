/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_clock: where this machine's monotonic clock is on TAI, and steps of its wall clock.
 */
#ifndef TAKT_PROBES_HOST_CLOCK_H
#define TAKT_PROBES_HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/event.h"

struct host_clock {
	bool known;
	int64_t real_ns, real_bound_ns;		/* CLOCK_REALTIME - CLOCK_MONOTONIC, and how far the look may be off */
};

/* EV_CLOCK and, after the wall clock was stepped, EV_STEP. */
void host_clock_look(struct host_clock *c, event_fn *fn, void *ctx);

#endif
