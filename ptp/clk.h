/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * clk: the clock a worker reads: TAI ns from the TSC map, or a simulated one that a test can stop, warp and step.
 *
 * A step is reported beside the time: `stepped` is the sum of all steps so far. Whoever keeps instants moves them by
 * the change of it, so that durations stay true across a step.
 */
#ifndef TAKT_PTP_CLK_H
#define TAKT_PTP_CLK_H

#include <stdint.h>

#include "ptp/tscmap.h"

/* A clock for simulation. One thread. */
struct clk_sim {
	int64_t now;	 /* TAI ns */
	int64_t stepped; /* sum of steps, ns */
	int64_t cost_ns; /* each read moves the clock on by this much: work takes time */

	/* One thing that happens when the clock reaches t_event, in the middle of whatever is being done: 0 for none. */
	int64_t t_event;
	int64_t away_ns; /* the reader lost its CPU for this long */
	int64_t step_ns; /* the clock was stepped by this much */
};

/* Exactly one of the two is set. */
struct clk {
	const struct tscmap *map;
	struct clk_sim *sim;
};

static inline int64_t clk_now(const struct clk *c, int64_t *stepped)
{
	if (c->map)
		return tscmap_now(c->map, stepped);
	c->sim->now += c->sim->cost_ns;
	if (c->sim->t_event && c->sim->now >= c->sim->t_event) {
		c->sim->now += c->sim->away_ns + c->sim->step_ns;
		c->sim->stepped += c->sim->step_ns;
		c->sim->t_event = 0;
	}
	*stepped = c->sim->stepped;
	return c->sim->now;
}

#endif
