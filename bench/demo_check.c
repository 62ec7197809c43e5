/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/demo_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/gaps.h"

#define SLICES	   10
#define MIN_FRAMES 1000		/* fewer prove nothing */

static int by_arrival(const void *a, const void *b)
{
	const struct pkt *p = a, *q = b;

	return (p->seq > q->seq) - (p->seq < q->seq);
}

static int by_value(const void *a, const void *b)
{
	int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;

	return (p > q) - (p < q);
}

static int by_begin(const void *a, const void *b)
{
	return by_value(&((const struct rec_gap *)a)->t_begin, &((const struct rec_gap *)b)->t_begin);
}

static int64_t rank(const int64_t *sorted, size_t n, double q)
{
	return n ? sorted[(size_t)(q * (double)(n - 1) + .5)] : 0;
}

/* Sorts. */
static int64_t quantile(int64_t *v, size_t n, double q)
{
	qsort(v, n, sizeof(*v), by_value);
	return rank(v, n, q);
}

static void spread_of(struct demo_spread *s, int64_t *v, size_t n)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	s->count = n;
	if (!n)
		return;
	qsort(v, n, sizeof(*v), by_value);
	s->min = v[0];
	s->p01 = rank(v, n, .001);
	s->p50 = rank(v, n, .5);
	s->p999 = rank(v, n, .999);
	s->max = v[n - 1];
	for (i = 0; i < n; i++)
		v[i] = llabs(v[i]);
	s->abs999 = quantile(v, n, .999);
}

static bool gap_in(const struct demo_run *r, int64_t t0, int64_t t1, int64_t min_ns)
{
	return gaps_in(r->gaps, r->n_gaps, t0, t1, min_ns);
}

static void overrun(struct demo_window *w, uint32_t number, const struct pkt *p, bool gap)
{
	if (gap)
		w->overruns++;
	else
		w->unmatched++;
	if (w->n_list == DEMO_OVERRUNS)
		return;
	w->list[w->n_list++] = (struct demo_overrun){
		.number = number,
		.late_ns = ns_mod(pkt_t_hand(p), DEMO_CYCLE_NS) + p->hop_ns[HOP_SEND] - DEMO_WINDOW_NS,
		.send_ns = p->hop_ns[HOP_SEND],
		.gap = gap,
	};
}

static void check_window(struct demo_window *w, const struct demo_run *r)
{
	int64_t open, at;
	size_t i;

	w->first_ns = DEMO_CYCLE_NS;
	for (i = 0; i < r->n_plc; i++) {
		const struct pkt *p = &r->plc[i];

		if (p->verdict != VERDICT_SENT)
			continue;
		w->frames++;
		open = pkt_t_hand(p) - ns_mod(pkt_t_hand(p), DEMO_CYCLE_NS);
		at = p->t_out - open;
		if (at <= DEMO_WINDOW_NS) {
			w->inside++;
			w->first_ns = at < w->first_ns ? at : w->first_ns;
			w->last_ns = at > w->last_ns ? at : w->last_ns;
		} else if (!(p->flags & PKT_OVERRUN) || pkt_t_hand(p) - open > DEMO_WINDOW_NS) {
			w->outside++;
		} else {
			overrun(w, (uint32_t)i + 1, p, gap_in(r, pkt_t_hand(p), p->t_out, DEMO_GAP_NS));
		}
	}
	if (!w->inside)
		w->first_ns = 0;
}

static void check_gaps(struct demo_gaps *g, const struct demo_run *r)
{
	int64_t ns;
	size_t i;

	for (i = 0; i < r->n_gaps; i++) {
		if (r->gaps[i].t_end < r->t_begin || r->gaps[i].t_begin > r->t_end)
			continue;
		ns = r->gaps[i].t_end - r->gaps[i].t_begin;
		g->count++;
		g->lost_ns += ns;
		g->longest_ns = ns > g->longest_ns ? ns : g->longest_ns;
		if (r->gaps[i].where < 3)
			g->where[r->gaps[i].where]++;
	}
	for (i = 0; i < r->n_plc; i++)
		g->touched += gap_in(r, r->plc[i].t_seen, r->plc[i].t_out, DEMO_STALL_NS);
}

/* The n-th frame that arrived carries number n: the plc numbers from 1, and loses none on the way to the worker. */
static void pair_up(struct demo_witness *w, const struct demo_run *r, int64_t *error)
{
	uint32_t last = 0;
	const struct pkt *p;
	size_t i, sent = 0;
	int64_t t;

	for (i = 0; i < r->n_plc; i++)
		sent += r->plc[i].verdict == VERDICT_SENT;
	for (i = 0; i < r->n_seen; i++) {
		p = r->seen[i].seqid && r->seen[i].seqid <= r->n_plc ? &r->plc[r->seen[i].seqid - 1] : NULL;
		if (!p || p->verdict != VERDICT_SENT) {
			w->unexpected++;
			continue;
		}
		w->swapped += r->seen[i].seqid <= last;
		last = r->seen[i].seqid;
		t = r->seen[i].t;
		error[w->pairs++] = t - p->t_out;
		if (t < pkt_t_hand(p))
			w->early_ns = pkt_t_hand(p) - t > w->early_ns ? pkt_t_hand(p) - t : w->early_ns;
		else if (t > p->t_out)
			w->late_ns = t - p->t_out > w->late_ns ? t - p->t_out : w->late_ns;
		else
			w->within++;
	}
	w->missing = sent > w->pairs ? sent - w->pairs : 0;
}

static void witness_window(struct demo_witness *w, const struct demo_run *r)
{
	const struct pkt *p;
	int64_t at;
	size_t i;

	for (i = 0; i < r->n_seen; i++) {
		at = ns_mod(r->seen[i].t, DEMO_CYCLE_NS);
		if (at <= DEMO_WINDOW_NS + w->bound_ns || at >= DEMO_CYCLE_NS - w->bound_ns)
			continue;
		w->outside++;
		p = r->seen[i].seqid && r->seen[i].seqid <= r->n_plc ? &r->plc[r->seen[i].seqid - 1] : NULL;
		if (p && gap_in(r, pkt_t_hand(p), p->t_out, DEMO_GAP_NS))
			w->outside_gap++;
	}
}

static int check_witnesses(struct demo_verdict *v, struct demo_run *runs)
{
	size_t n = 1, used = 0;
	int64_t *error, *other;
	int k;

	for (k = 0; k < DEMO_KINDS; k++)
		n += runs[k].n_seen;
	error = malloc(n * sizeof(*error));
	other = malloc(n * sizeof(*other));
	if (!error || !other) {
		free(error);
		free(other);
		return -ENOMEM;
	}
	for (k = 0; k < DEMO_KINDS; k++) {
		pair_up(&v->witness[k], &runs[k], error);
		if (k == DEMO_QUIET || k == DEMO_STRICT)
			for (n = 0; n < v->witness[k].pairs; n++)
				other[used++] = llabs(error[n]);
		spread_of(&v->witness[k].error, error, v->witness[k].pairs);
	}
	v->witness[DEMO_GATES].bound_ns = quantile(other, used, .999);
	witness_window(&v->witness[DEMO_GATES], &runs[DEMO_GATES]);
	free(error);
	free(other);
	return 0;
}

/* A hop of frames first..last-1; only those that no stall touched when `calm`. Returns how many. */
static size_t collect(int64_t *out, const struct demo_run *r, int hop, size_t first, size_t last, bool calm)
{
	size_t i, n = 0;

	for (i = first; i < last; i++)
		if (r->plc[i].verdict == VERDICT_SENT && !(calm && gap_in(r, r->plc[i].t_seen, r->plc[i].t_out, DEMO_STALL_NS)))
			out[n++] = r->plc[i].hop_ns[hop];
	return n;
}

static void floor_of(struct demo_floor *f, const struct demo_run *quiet, int hop, int64_t *v)
{
	int64_t low50 = INT64_MAX, high50 = 0, low99 = INT64_MAX, high99 = 0, x;
	size_t i, n;

	for (i = 0; i < SLICES; i++) {
		n = collect(v, quiet, hop, quiet->n_plc * i / SLICES, quiet->n_plc * (i + 1) / SLICES, false);
		if (!n)
			continue;
		x = quantile(v, n, .5);
		low50 = x < low50 ? x : low50;
		high50 = x > high50 ? x : high50;
		x = rank(v, n, .99);
		low99 = x < low99 ? x : low99;
		high99 = x > high99 ? x : high99;
	}
	f->floor50 = high50 >= low50 ? high50 - low50 : 0;
	f->floor99 = high99 >= low99 ? high99 - low99 : 0;
}

static int check_floor(struct demo_verdict *v, const struct demo_run *runs)
{
	struct demo_floor *f;
	size_t n = 1;
	int64_t *x;
	int k, h;

	for (k = 0; k < DEMO_KINDS; k++)
		n = runs[k].n_plc > n ? runs[k].n_plc : n;
	x = malloc(n * sizeof(*x));
	if (!x)
		return -ENOMEM;
	for (h = 0; h < HOP_COUNT; h++) {
		f = &v->floor[h];
		floor_of(f, &runs[DEMO_QUIET], h, x);
		for (k = 0; k < DEMO_KINDS; k++) {
			n = collect(x, &runs[k], h, 0, runs[k].n_plc, false);
			f->p50[k] = quantile(x, n, .5);
			f->p99[k] = rank(x, n, .99);
			n = collect(x, &runs[k], h, 0, runs[k].n_plc, true);
			f->calm99[k] = n >= MIN_FRAMES ? quantile(x, n, .99) : INT64_MAX;
			f->explained50[k] = f->p50[k] - f->p50[DEMO_QUIET] <= f->floor50;
			f->explained99[k] = f->p99[k] - f->p99[DEMO_QUIET] <= f->floor99 ||
					    (f->calm99[k] < INT64_MAX && f->calm99[k] - f->calm99[DEMO_QUIET] <= f->floor99);
		}
	}
	free(x);
	return 0;
}

static uint64_t drops(const struct demo_stats *s)
{
	uint64_t n = 0;
	int i;

	for (i = VERDICT_SENT + 1; i < VERDICT_COUNT; i++)
		n += s->dropped[i];
	return n;
}

static void judge(struct demo_verdict *v, const struct demo_run *r)
{
	const struct demo_window *w = &v->window[DEMO_GATES];
	const struct demo_witness *c = &v->witness[DEMO_GATES];
	const struct {
		bool bad;
		uint64_t n;
		const char *what;
	} rows[] = {
		{ w->frames < MIN_FRAMES, w->frames, "frames of the plc are too few to tell" },
		{ w->outside > 0, w->outside, "frames left outside their window" },
		{ w->unmatched > 0, w->unmatched, "overruns have no poll gap that explains them" },
		{ drops(&r->stats[DEMO_PLC]) > 0, drops(&r->stats[DEMO_PLC]), "frames of the plc were dropped" },
		{ r->lost > 0, r->lost, "records were overwritten before they were read" },
		{ r->stats[DEMO_PLC].bad_sums + r->stats[DEMO_NOISE].bad_sums > 0, r->stats[DEMO_PLC].bad_sums + r->stats[DEMO_NOISE].bad_sums,
		  "records have hops that do not add up to their stay" },
		{ c->unexpected > 0, c->unexpected, "captured frames are not among the records" },
		{ c->missing > r->capture_drops, c->missing, "frames were sent but not captured" },
		{ c->swapped > 0, c->swapped, "frames were captured out of order" },
		{ c->outside > c->outside_gap, c->outside - c->outside_gap, "captured stamps lie outside the window by more than their error" },
	};
	size_t i;

	v->held = true;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && v->held; i++) {
		if (!rows[i].bad)
			continue;
		v->held = false;
		snprintf(v->because, sizeof(v->because), "%" PRIu64 " %s", rows[i].n, rows[i].what);
	}
}

int demo_check(struct demo_verdict *v, struct demo_run *runs)
{
	struct demo_run *r;
	int k, rc;

	memset(v, 0, sizeof(*v));
	for (k = 0; k < DEMO_KINDS; k++) {
		r = &runs[k];
		if (!r->n_plc)
			continue;
		qsort(r->plc, r->n_plc, sizeof(*r->plc), by_arrival);
		if (r->n_gaps)
			qsort(r->gaps, r->n_gaps, sizeof(*r->gaps), by_begin);
		r->t_begin = r->plc[0].t_seen;
		r->t_end = r->plc[r->n_plc - 1].t_out;
		check_window(&v->window[k], r);
		check_gaps(&v->gaps[k], r);
	}
	rc = check_witnesses(v, runs);
	if (!rc)
		rc = check_floor(v, runs);
	if (!rc)
		judge(v, &runs[DEMO_GATES]);
	return rc;
}
