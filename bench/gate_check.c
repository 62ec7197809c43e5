/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/gate_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/anew.h"
#include "bench/gaps.h"

#define HORIZON_NS (10 * NS_PER_MS)	/* no window is judged beyond this */
#define NO_RECORD  UINT32_MAX

/* -- send stamps ------------------------------------------------------------------------------------------------- */

struct link {			/* the wire, modelled */
	int64_t t_free;		/* had every frame started when it was chosen */
	int64_t t_worst;	/* had this burst started at its t_out */
	int64_t t_out;		/* of this burst */
};

enum place { INSIDE, OVERRUN, OUTSIDE };

static enum place place_within(const struct gate_data *d, size_t known, const struct pkt *p, int64_t t_end,
			       int64_t t_worst)
{
	int64_t t_close = timeline_close(&d->timeline, known, p->tc, pkt_t_hand(p), HORIZON_NS);

	if (t_worst <= t_close || t_close == pkt_t_hand(p) + HORIZON_NS)
		return INSIDE;
	return t_end <= t_close && p->flags & PKT_OVERRUN ? OVERRUN : OUTSIDE;
}

/* A schedule that was being set just then may or may not have been known. */
static enum place place(const struct gate_data *d, const struct pkt *p, int64_t t_end, int64_t t_worst)
{
	size_t sure, known = timeline_known(&d->timeline, pkt_t_hand(p), &sure);
	enum place best = place_within(d, known, p, t_end, t_worst), other;

	for (; known > sure && best != INSIDE; known--) {
		other = place_within(d, known - 1, p, t_end, t_worst);
		best = other < best ? other : best;
	}
	return best;
}

static bool right_plan(const struct gate_data *d, const struct pkt *p)
{
	const struct timeline *tl = &d->timeline;
	size_t sure, known = timeline_known(tl, pkt_t_hand(p), &sure);

	for (; known >= sure; known--)
		if (tl->plan[timeline_at(tl, known, pkt_t_hand(p))].generation == p->gcl_gen)
			return true;
	return false;
}

static void note_bad(struct gate_verdict *v, const struct gate_data *d, const struct pkt *p, int64_t t_end, bool seen)
{
	struct gate_case *c = &v->bad[v->n_bad];

	if (v->n_bad == GATE_CASES)
		return;
	v->n_bad++;
	*c = (struct gate_case){.rec = p, .t_end = t_end, .seen = seen};
	c->known = timeline_known(&d->timeline, pkt_t_hand(p), &c->sure);
	c->t_begin = timeline_begin(&d->timeline, c->known, p->tc, pkt_t_hand(p), HORIZON_NS);
	c->t_close = timeline_close(&d->timeline, c->known, p->tc, pkt_t_hand(p), HORIZON_NS);
}

static void judge_record(struct gate_verdict *v, const struct gate_data *d, struct link *l, const struct pkt *p)
{
	int64_t ns = anew_link_ns(d->link_bps, p->len), t_end;

	if (l->t_out != p->t_out) {
		l->t_out = p->t_out;
		l->t_worst = l->t_free > p->t_out ? l->t_free : p->t_out;
	}
	t_end = (l->t_free > pkt_t_hand(p) ? l->t_free : pkt_t_hand(p)) + ns;
	l->t_free = t_end;
	l->t_worst += ns;
	v->frames++;
	v->class_frames[p->tc]++;
	v->flagged += !!(p->flags & PKT_OVERRUN);
	v->wrong_plan += !right_plan(d, p);
	switch (place(d, p, t_end, l->t_worst)) {
	case INSIDE:
		v->inside++;
		break;
	case OVERRUN:
		v->overruns++;
		v->unmatched += !gaps_in(d->gap, d->n_gap, pkt_t_hand(p), p->t_out, d->gap_ns);
		break;
	case OUTSIDE:
		v->outside++;
		note_bad(v, d, p, t_end, false);
		break;
	}
}

static void judge_records(struct gate_verdict *v, const struct gate_data *d, uint32_t *record)
{
	struct link l = {0};
	uint64_t recorded = 0;
	size_t i;

	for (i = 0; i < d->n_rec; i++) {
		const struct pkt *p = &d->rec[i];

		v->bad_sums += !anew_sums_up(p);
		if (p->seq < d->sent && record[p->seq] == NO_RECORD) {
			record[p->seq] = (uint32_t)i;
			recorded++;
		}
		if (p->verdict == VERDICT_SENT)
			judge_record(v, d, &l, p);
		else
			v->dropped++;
	}
	v->unrecorded = d->sent - recorded;
}

/* -- openings ---------------------------------------------------------------------------------------------------- */

/* Time of [t0, t1] that was lost in gaps. Gaps are in order. */
static int64_t lost_in(const struct gate_data *d, int64_t t0, int64_t t1)
{
	int64_t lost = 0, from, to;
	size_t low = 0, high = d->n_gap, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (d->gap[mid].t_end <= t0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < d->n_gap && d->gap[low].t_begin < t1; low++) {
		from = d->gap[low].t_begin > t0 ? d->gap[low].t_begin : t0;
		to = d->gap[low].t_end < t1 ? d->gap[low].t_end : t1;
		lost += to > from ? to - from : 0;
	}
	return lost;
}

struct opening {
	int64_t t_open, t_close;	/* of the last window that a frame was in */
	int64_t open_ns, used_ns;	/* sums over the windows: how long, how long frames were on the link */
};

/* Windows between two that had frames: somebody waited, and nobody went. */
static void skip_windows(struct gate_verdict *v, const struct gate_data *d, const struct opening *o,
			 const struct pkt *p, int64_t t_open)
{
	int64_t t = o->t_close, waiting = p->t_seen + p->hop_ns[HOP_COPY] + p->hop_ns[HOP_CLASS], close;

	while (t < t_open) {
		if (!timeline_open(&d->timeline, d->timeline.n, p->tc, t)) {
			t += NS_PER_US;	/* no window of interest is shorter */
			continue;
		}
		close = timeline_close(&d->timeline, d->timeline.n, p->tc, t, HORIZON_NS);
		if (close > t_open)
			return;
		if (waiting < t) {
			v->windows++;
			v->empty++;
			v->empty_gap += lost_in(d, t, close) * 2 > close - t;
		}
		t = close;
	}
}

static void judge_opening(struct gate_verdict *v, const struct gate_data *d, struct opening *o, const struct pkt *p)
{
	int64_t t_open = timeline_begin(&d->timeline, d->timeline.n, p->tc, pkt_t_hand(p), HORIZON_NS);

	if (t_open == NS_NEVER)
		return;
	if (t_open != o->t_open) {
		if (o->t_open)
			skip_windows(v, d, o, p, t_open);
		o->t_open = t_open;
		o->t_close = timeline_close(&d->timeline, d->timeline.n, p->tc, pkt_t_hand(p), HORIZON_NS);
		if (p->t_seen + p->hop_ns[HOP_COPY] + p->hop_ns[HOP_CLASS] < t_open) {
			v->windows++;
			hist_add(&v->edge, p->t_out - t_open);
			hist_add(&v->edge_chosen, pkt_t_hand(p) - t_open);
		}
		o->open_ns += o->t_close - t_open;
	}
	o->used_ns += anew_link_ns(d->link_bps, p->len);
}

static void judge_openings(struct gate_verdict *v, const struct gate_data *d)
{
	struct opening o = {0};
	size_t i;

	for (i = 0; i < d->n_rec; i++)
		if (d->rec[i].verdict == VERDICT_SENT && d->rec[i].tc == d->edge_tc)
			judge_opening(v, d, &o, &d->rec[i]);
	v->fill = o.open_ns ? (double)o.used_ns / (double)o.open_ns : 0;
}

/* -- receiver ---------------------------------------------------------------------------------------------------- */

/* Was the gate open at some instant of [t0, t1]? The stretch is short: it is walked window by window. */
static bool open_within(const struct timeline *tl, size_t known, uint8_t tc, int64_t t0, int64_t t1)
{
	size_t at;
	int64_t t;

	if (timeline_open(tl, known, tc, t0) || timeline_open(tl, known, tc, t1))
		return true;
	for (t = t0; t < t1; t += NS_PER_US)
		if (timeline_open(tl, known, tc, t))
			return true;
	for (at = timeline_at(tl, known, t0); at < known && tl->plan[at].t_change <= t1; at++)
		if (tl->plan[at].t_change >= t0 && timeline_open(tl, known, tc, tl->plan[at].t_change))
			return true;
	return false;
}

static void judge_place(struct gate_verdict *v, const struct gate_data *d, const struct pkt *p, int64_t t_before,
			int64_t t, int64_t error_ns)
{
	size_t sure, known = timeline_known(&d->timeline, pkt_t_hand(p), &sure);

	if (timeline_open(&d->timeline, known, p->tc, t)) {
		v->placed++;
		return;
	}
	for (; known >= sure; known--)
		if (open_within(&d->timeline, known, p->tc, t_before - error_ns, t + error_ns)) {
			v->placed++;
			v->blurred++;
			return;
		}
	if (p->flags & PKT_OVERRUN && gaps_in(d->gap, d->n_gap, pkt_t_hand(p), p->t_out, d->gap_ns)) {
		v->late++;
		return;
	}
	v->misplaced++;
	note_bad(v, d, p, t, true);
}

static void judge_seen_frames(struct gate_verdict *v, const struct gate_data *d, uint32_t *record)
{
	int64_t t_open = 0, t, t_before, begin, error_ns;
	uint32_t last[8] = {0};
	uint64_t found = 0;
	size_t i;

	for (i = 0; i < d->n_seen; i++) {
		const struct judge_seen *s = &d->seen[i];
		const struct pkt *p = s->number && s->number <= d->sent && record[s->number - 1] != NO_RECORD
					      ? &d->rec[record[s->number - 1]]
					      : NULL;

		v->seen++;
		if (!p || p->verdict != VERDICT_SENT || p->len != s->len || pkt_pcp(p) != s->pcp) {
			v->unexpected++;
			continue;
		}
		record[s->number - 1] = NO_RECORD; /* a second one is one too many */
		found++;
		v->swapped += s->number <= last[p->tc & 7];
		last[p->tc & 7] = s->number;
		t = judge_clock_tai(d->clock, s->tsc);
		t_before = judge_clock_tai(d->clock, s->tsc_before);
		hist_add(&v->look, t - t_before);
		error_ns = d->error_ns + clock_bound_at(d->bound, d->n_bound, t);
		v->early += t < pkt_t_hand(p) - error_ns;
		if (t >= p->t_out)
			hist_add(&v->transit, t - p->t_out);
		judge_place(v, d, p, t_before, t, error_ns);
		if (p->tc != d->edge_tc)
			continue;
		begin = timeline_begin(&d->timeline, d->timeline.n, p->tc, pkt_t_hand(p), HORIZON_NS);
		if (begin != NS_NEVER && begin != t_open &&
		    p->t_seen + p->hop_ns[HOP_COPY] + p->hop_ns[HOP_CLASS] < begin)
			hist_add(&v->edge_seen, t - begin);
		t_open = begin;
	}
	v->missing = v->frames > found ? v->frames - found : 0;
}

int gate_check(struct gate_verdict *v, const struct gate_data *d, struct why *why)
{
	uint32_t *record = malloc((d->sent + 1) * sizeof(*record));

	if (!record)
		return why_fail(why, ENOMEM, "no memory to judge %zu records", d->n_rec);
	memset(record, 0xff, (d->sent + 1) * sizeof(*record));
	memset(v, 0, sizeof(*v));
	hist_init(&v->edge);
	hist_init(&v->edge_chosen);
	hist_init(&v->edge_seen);
	hist_init(&v->look);
	hist_init(&v->transit);
	judge_records(v, d, record);
	judge_openings(v, d);
	judge_seen_frames(v, d, record);
	free(record);
	return 0;
}
