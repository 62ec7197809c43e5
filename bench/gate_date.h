/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate_date: when was each schedule adopted, by the records alone, and was that one of the instants it may have been?
 *
 * A schedule's first frame must come at or after a config-change-time that its base time and the instant of setting
 * allow, and the last frame under the one before it must have been chosen earlier. Pure, but for a warning for each of
 * the first few errors.
 */
#ifndef TAKT_BENCH_GATE_DATE_H
#define TAKT_BENCH_GATE_DATE_H

#include "bench/timeline.h"
#include "vnet/rec.h"

#define GATE_STALL_NS INT64_C(250000000)	/* away for so long: taken for a step of the clock (worker.h) */

/*
 * Sets t_change of plans 1 and up. t_told: config-change-time as taktd told it while it was pending, one for each plan;
 * 0: it was not asked in time. Returns how many schedules were adopted at another time, or never.
 */
uint64_t gate_date(struct timeline_plan *plan, size_t plans, const int64_t *t_told, const struct pkt *rec, size_t n,
		   const struct rec_gap *gap, size_t n_gap);

#endif
