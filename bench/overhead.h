/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * overhead: what looking costs. Two measurements, each beside the same without, in turns, so that a busy machine is busy for both.
 *
 *	cost	64-byte frames a second from a guest to nowhere (pvp64), with records and without: rounds of with, without, with, each on a taktd of its own.
 *		A round's figure is the mean of its two outer ones over the middle one; its floor is what these two differ by, which is nobody's doing.
 *		And the same from a driver that is never the slower one
 *	way	the way of a frame: from a wire through taktd into a guest and back (overhead_way.h), with each set of probes and without any
 */
#ifndef TAKT_BENCH_OVERHEAD_H
#define TAKT_BENCH_OVERHEAD_H

#include "base/out.h"
#include "bench/pvp64.h"

#define OVERHEAD_ROUNDS 100

struct overhead_cost {
	int n;					/* rounds */
	double on[OVERHEAD_ROUNDS];		/* frames a second: mean of the two */
	double off[OVERHEAD_ROUNDS];
	double cost[OVERHEAD_ROUNDS];		/* share of the throughput, 0.01: one per cent */
	double floor[OVERHEAD_ROUNDS];		/* the same of with beside with: without a sign */
	double gap_share[OVERHEAD_ROUNDS];	/* of the time, lost in poll gaps; the most of the three */
	double idle[OVERHEAD_ROUNDS];		/* share of turns without a frame; the most of the three. Where it is high, the generator was what was measured */
};

/* Another round of PVP64_TAKT or PVP64_NULL. `conf` is as pvp64_measure() wants it but for `more`. As pvp64_measure(). */
int overhead_cost_round(struct overhead_cost *c, struct pvp64_conf *conf, enum pvp64_device device, struct why *why);

/* Lines: of PVP64_TAKT; and of PVP64_NULL. They sort what is in it. */
void overhead_cost_tell(struct overhead_cost *c, struct out *o);
void overhead_cost_tell_null(struct overhead_cost *c, struct out *o);

#endif
