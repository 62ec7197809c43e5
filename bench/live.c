/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "bench/gaps.h"
#include "bench/hugepages.h"
#include "bench/lines.h"

#define FLOOR_NS (2 * NS_PER_SEC)

int live_perform(struct live *l, const struct live_conf *conf, const struct trial *c, live_body_fn body, void *user, struct why *why)
{
	int64_t borrowed;
	int rc = daemon_find(l->judge, sizeof(l->judge), "takt-judge", conf->judge, "judge", why);

	if (rc)
		return rc;
	l->terminal = isatty(STDERR_FILENO);
	l->at.set = c->set;
	l->at.dir = c->dir;
	l->at.taktd = c->taktd;
	l->at.judge = l->judge;
	l->at.worker_cpu = c->worker_cpu;
	l->at.other_cpu = c->other_cpu;
	l->at.link_bps = LIVE_LINK_BPS;
	l->at.poll_gap_ns = conf->gap_ns;
	fprintf(stderr, "first %d s of a bare loop on CPU %d to compare with, then taktd there under load; what is measured follows at the end\n",
		(int)(FLOOR_NS / NS_PER_SEC), l->at.worker_cpu);
	rc = hugepages_borrow(&borrowed, RIG_PAGES, why);
	if (rc)
		return rc;
	lines_begin(&l->out, conf->all.json);
	rc = lines_end(&l->out, body(user, why), why);
	hugepages_return(borrowed);
	return rc ?: l->bad ? CMD_FAILED : CMD_OK;
}

int live_floor(struct live *l, struct noise_cpu *s, int64_t period_ns, struct why *why)
{
	const struct noise_conf conf = {.what = NOISE_POLL, .span_ns = FLOOR_NS, .period_ns = period_ns, .gap_ns = LIVE_STALL_NS};

	s->cpu = l->at.worker_cpu;
	return noise_run(s, 1, &conf, NULL, why) ?: procs_pause(l->at.set, 1);
}

void live_progress(struct live *l, const char *what, uint64_t n, uint64_t of, bool done)
{
	unsigned int quarters = of ? (unsigned int)(4 * n / of) : 0;

	if (l->terminal)
		fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64 "%s", what, n, of, done ? "\n" : "");
	else if (done)
		fprintf(stderr, "%s: %" PRIu64 "\n", what, n);
	else if (quarters > l->quarters && n < of)
		fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 "\n", what, n, of);
	l->quarters = done ? 0 : quarters;
}

/* Instants are told as distances from the choice. */
static void tell_bad(const struct gate_verdict *v, const struct gate_data *d)
{
	uint32_t i;

	for (i = 0; i < v->n_bad; i++) {
		const struct gate_case *c = &v->bad[i];
		const struct pkt *p = c->rec;
		const struct timeline_plan *plan = &d->timeline.plan[c->known - 1];
		int64_t t = pkt_t_hand(p);

		log_warn("frame %" PRIu64 ", class %u, %u bytes, flags %#x, chosen at %" PRId64 ": window %+" PRId64
			 " to %+" PRId64 " ns, handed over %+" PRId64 ", %s %+" PRId64
			 "; schedule %u; of %zu plans %zu surely known, the last asked for at %+" PRId64
			 ", running from %+" PRId64 "; clocks within %" PRId64,
			 p->seq, p->tc, p->len, p->flags, t, c->t_begin == NS_NEVER ? 0 : c->t_begin - t,
			 c->t_close - t, p->t_out - t, c->seen ? "seen" : "over on the link", c->t_end - t, p->gcl_gen,
			 c->known, c->sure, plan->t_asked - t, plan->t_change - t,
			 d->error_ns + clock_bound_at(d->bound, d->n_bound, t));
	}
}

int live_judge(struct live *l, struct gate_verdict *v, struct judge_clock *clock, const struct timeline *tl,
	       uint8_t edge_tc, struct why *why)
{
	struct rig *r = &l->rig;
	struct gate_data d = {
		.timeline = *tl,
		.link_bps = l->at.link_bps,
		.gap_ns = l->at.poll_gap_ns,
		.rec = r->rec,
		.n_rec = r->n_rec,
		.gap = r->gap,
		.n_gap = r->n_gap,
		.seen = judge_seen(r->seen),
		.n_seen = atomic_load(&r->seen->n_seen),
		.sent = rig_sent(r),
		.clock = clock,
		.edge_tc = edge_tc,
		.bound = r->bound,
		.n_bound = r->n_bound,
	};
	int rc;

	rc = judge_clock_init(clock, judge_looks(r->seen), atomic_load(&r->seen->n_looks), why);
	if (rc)
		return rc;
	d.error_ns = clock->error_ns;
	rc = gate_check(v, &d, why);
	if (!rc)
		tell_bad(v, &d);
	return rc;
}

uint64_t live_lost(const struct live *l, const struct gate_verdict *v)
{
	return v->dropped + v->unrecorded + v->missing + v->unexpected + v->swapped + v->bad_sums + l->rig.lost +
	       atomic_load(&l->rig.seen->foreign);
}

void live_rows(struct live *l, const struct live_row *row, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		lines_value(&l->out, row[i].name, row[i].value, row[i].unit);
		l->bad |= row[i].bad && row[i].value > 0;
	}
}

void live_beside(struct live *l, const char *name, double value, const char *unit, double peer)
{
	double ratio = peer > 0 ? value / peer : 0;

	lines_put(&l->out, name, value, unit, &peer, peer > 0 ? &ratio : NULL);
}

void live_gaps(struct live *l, const char *prefix)
{
	const struct hist *x = &l->before.away, *y = &l->after.away;
	const struct rig *r = &l->rig;
	int64_t t0 = r->n_rec ? r->rec[0].t_seen : 0, t1 = r->n_rec ? r->rec[r->n_rec - 1].t_out : 1;
	double floor_s = (double)(l->before.poll_ns + l->after.poll_ns) / 1e9, s = (double)(t1 - t0) / 1e9;
	struct gaps_sum g = {0};
	char name[64];

	gaps_add(&g, r->gap, r->n_gap, t0, t1, LIVE_STALL_NS);
	snprintf(name, sizeof(name), "%s_poll_gaps", prefix);
	live_beside(l, name, (double)g.count / s, "1/s", (double)(x->count + y->count) / floor_s);
	snprintf(name, sizeof(name), "%s_poll_gaps_unread", prefix);
	lines_value(&l->out, name, (double)r->gaps_lost, "gaps");
	snprintf(name, sizeof(name), "%s_poll_gap_share", prefix);
	live_beside(l, name, (double)g.lost_ns / s / 1e7, "%", (x->sum + y->sum) / floor_s / 1e7);
	snprintf(name, sizeof(name), "%s_poll_gap_longest_us", prefix);
	live_beside(l, name, (double)g.longest_ns / 1e3, "us",
		    (double)(x->max > y->max ? x->max : y->max) / 1e3);
}
