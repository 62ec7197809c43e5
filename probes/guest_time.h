/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_time: how far a clock of this kernel is from CLOCK_MONOTONIC: a difference that nothing changes but steps, so each reading narrows it.
 */
#ifndef TAKT_PROBES_GUEST_TIME_H
#define TAKT_PROBES_GUEST_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct guest_time {
	clockid_t clock;	/* CLOCK_REALTIME, CLOCK_TAI */
	int64_t low_ns, high_ns;	/* clock - CLOCK_MONOTONIC is between them; both 0 before the first reading */
	int64_t step_ns;	/* of the last step that guest_time_read() saw */
	bool begun;
};

/* Read it; true when the clock was stepped since the last reading: step_ns says by how much, and the bounds begin anew. */
bool guest_time_read(struct guest_time *g);

/* An instant of that clock on CLOCK_MONOTONIC: never later, or never earlier, than it was. */
static inline int64_t guest_time_not_after(const struct guest_time *g, int64_t t)
{
	return t - g->high_ns;
}

static inline int64_t guest_time_not_before(const struct guest_time *g, int64_t t)
{
	return t - g->low_ns;
}


#endif
