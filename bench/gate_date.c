/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/gate_date.h"

#include <inttypes.h>

#include "base/log.h"

#define EXPLAINED 5	/* errors that are told one by one */

/*
 * The worker was away so long that the engine takes it for a step of the clock: the pending schedule's time is then
 * worked out anew, for the instant at which it was back.
 */
static int64_t latest_set(const struct timeline_plan *p, const struct rec_gap *gap, size_t n, int64_t t_first)
{
	int64_t latest = p->t_known;

	for (; n && gap[n - 1].t_end > p->t_asked; n--)
		if (gap[n - 1].t_end - gap[n - 1].t_begin >= GATE_STALL_NS && gap[n - 1].t_begin < t_first &&
		    gap[n - 1].t_end > latest)
			latest = gap[n - 1].t_end;
	return latest;
}

/* The config-change-time in (t_last, t_first] that was possible; if none was, the earliest possible one, and false. */
static bool date(struct timeline_plan *p, int64_t latest, int64_t t_told, int64_t t_last, int64_t t_first)
{
	int64_t t, end = timeline_change_time(&p->list, latest);

	p->t_change = timeline_change_time(&p->list, p->t_asked);
	for (t = p->t_change; t <= end; t += p->list.cycle_ns) {
		if (t <= t_last || t > t_first || (t_told && t != t_told && latest <= p->t_known))
			continue;
		p->t_change = t;
		return true;
	}
	return false;
}

uint64_t gate_date(struct timeline_plan *plan, size_t plans, const int64_t *t_told, const struct pkt *rec, size_t n,
		   const struct rec_gap *gap, size_t n_gap)
{
	int64_t t_last = INT64_MIN, t_first, latest;
	uint64_t wrong = 0;
	size_t i = 0, k;

	for (k = 1; k < plans; k++) {
		struct timeline_plan *p = &plan[k];

		for (; i < n && (rec[i].verdict != VERDICT_SENT || rec[i].gcl_gen == p[-1].generation); i++)
			if (rec[i].verdict == VERDICT_SENT)
				t_last = pkt_t_hand(&rec[i]);
		t_first = i < n && rec[i].gcl_gen == p->generation ? pkt_t_hand(&rec[i]) : INT64_MIN;
		latest = latest_set(p, gap, n_gap, t_first);
		if (date(p, latest, t_told[k], t_last, t_first))
			continue;
		if (wrong++ < EXPLAINED)
			log_warn("change %zu: set between %" PRId64 " and %" PRId64 ", base %" PRId64 ", cycle %" PRId64
				 ", told %" PRId64 ": the last frame under the old one left at %" PRId64
				 ", the first under the new one at %" PRId64,
				 k, p->t_asked, latest, p->list.t_base, p->list.cycle_ns, t_told[k], t_last, t_first);
	}
	return wrong;
}
