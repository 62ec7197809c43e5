/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_time.h"

#include "base/ns.h"
#include "ptp/now.h"

#define READINGS 3	/* at a time: the narrowest counts most */

bool guest_time_read(struct guest_time *g)
{
	int64_t low_ns = INT64_MIN, high_ns = INT64_MAX;

	for (int i = 0; i < READINGS; i++) {
		int64_t a = now_of(CLOCK_MONOTONIC), t = now_of(g->clock), b = now_of(CLOCK_MONOTONIC);

		if (t - b > low_ns)
			low_ns = t - b;
		if (t - a < high_ns)
			high_ns = t - a;
	}
	if (low_ns > high_ns)	/* stepped just now: the next reading tells */
		return false;
	if (g->begun && low_ns <= g->high_ns && high_ns >= g->low_ns) {
		g->low_ns = low_ns > g->low_ns ? low_ns : g->low_ns;
		g->high_ns = high_ns < g->high_ns ? high_ns : g->high_ns;
		return false;
	}
	g->step_ns = g->begun ? (low_ns + high_ns) / 2 - (g->low_ns + g->high_ns) / 2 : 0;
	g->low_ns = low_ns;
	g->high_ns = high_ns;
	if (g->begun)
		return true;
	g->begun = true;
	return false;
}
