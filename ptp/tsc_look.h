/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tsc_look: a clock of the kernel, read between two reads of the TSC. Of several tries the narrowest counts. Any thread.
 */
#ifndef TAKT_PTP_TSC_LOOK_H
#define TAKT_PTP_TSC_LOOK_H

#include "ptp/now.h"
#include "ptp/tscmap.h"

struct tsc_look {
	uint64_t before, after;	/* ticks */
	int64_t t;		/* ns of the clock, read between the two */
};

/* The TSC, read neither before what stands before it nor after what stands behind it. */
static inline uint64_t tsc_settled(void)
{
	uint64_t v;

	tscmap_settle();
	v = tscmap_tsc();
	tscmap_settle();
	return v;
}

static inline struct tsc_look tsc_look(clockid_t id, int tries)
{
	struct tsc_look best = {0, UINT64_MAX, 0}, l;

	for (; tries; tries--) {
		l.before = tsc_settled();
		l.t = now_of(id);
		l.after = tsc_settled();
		if (l.after - l.before < best.after - best.before)
			best = l;
	}
	return best;
}

#endif
