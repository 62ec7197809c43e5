/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cbs_check.h"

#include <stdbool.h>
#include <string.h>

#include "base/ns.h"

#define SHARP_NS (30 * NS_PER_US)	/* a stretch begins and ends so soon after credit was known: two long frames */
#define TRIM	 5			/* at most 1/TRIM of it is cut off for that, at either end */

double cbs_hi_credit(int64_t link_bps, int64_t idle_bps, uint32_t below, int64_t above_bps, uint32_t above)
{
	/* sendSlope * longest frame / rate: negative */
	double lo_above = (double)(above_bps - link_bps) * above / (double)link_bps;

	return (double)idle_bps * (below - (above_bps ? lo_above : 0)) / (double)(link_bps - above_bps);
}

/* Time lost in gaps up to t. A cursor: quick for instants that lie close together. */
struct lost {
	const struct rec_gap *gap;
	size_t n, at;
	int64_t before_ns;	/* in gaps before `at` */
};

static int64_t lost_until(struct lost *l, int64_t t)
{
	for (; l->at < l->n && l->gap[l->at].t_end <= t; l->at++)
		l->before_ns += l->gap[l->at].t_end - l->gap[l->at].t_begin;
	for (; l->at && l->gap[l->at - 1].t_end > t; l->at--)
		l->before_ns -= l->gap[l->at - 1].t_end - l->gap[l->at - 1].t_begin;
	return l->before_ns + (l->at < l->n && l->gap[l->at].t_begin < t ? t - l->gap[l->at].t_begin : 0);
}

/* A lower class had its turn at t; if the worker was away right before, it had been chosen before that. */
static int64_t chosen_at(struct lost *l, int64_t t, int64_t slack_ns)
{
	size_t i;

	lost_until(l, t);
	for (i = l->at < l->n && l->gap[l->at].t_begin < t ? l->at + 1 : l->at;
	     i && l->gap[i - 1].t_end >= t - slack_ns; i--)
		t = l->gap[i - 1].t_begin < t ? l->gap[i - 1].t_begin : t;
	return t;
}

/* -- rate -------------------------------------------------------------------------------------------------------- */

struct stretch { size_t from, to; };	/* frames from..to, both included */

static struct stretch longest(struct cbs_verdict *v, const struct cbs_data *d)
{
	struct stretch best = {0}, now = {0};
	size_t i;

	for (i = 1; i < d->n; i++) {
		if (d->frame[i].t_queued > d->frame[i - 1].t_to) {
			v->dry++;
			now.from = i;
		}
		now.to = i;
		if (d->frame[now.to].t_to - d->frame[now.from].t_to > d->frame[best.to].t_to - d->frame[best.from].t_to)
			best = now;
	}
	return best;
}

/* A lower class had its turn just before: credit was used up, and its frame is known to have started just then. */
static bool even(const struct cbs_data *d, struct lost *l, size_t i)
{
	const struct cbs_start *f = &d->frame[i];

	return f->t_low && f->t_to - f->t_from <= SHARP_NS && f->t_to - chosen_at(l, f->t_low, d->slack_ns) <= SHARP_NS;
}

static struct stretch trim(const struct cbs_data *d, struct stretch s)
{
	struct lost lost = {.gap = d->gap, .n = d->n_gap};
	size_t most = (s.to - s.from) / TRIM, k;
	struct stretch out = s;

	for (k = 0; k < most && !even(d, &lost, s.from + k); k++)
		;
	out.from = k < most ? s.from + k : s.from;
	for (k = 0; k < most && !even(d, &lost, s.to - k); k++)
		;
	out.to = k < most ? s.to - k : s.to;
	return out;
}

static void check_rate(struct cbs_verdict *v, const struct cbs_data *d)
{
	struct stretch s = trim(d, longest(v, d));
	double bytes = 0;
	size_t i;

	for (i = s.from; i < s.to; i++)
		bytes += d->frame[i].bytes;
	v->span_ns = d->frame[s.to].t_to - d->frame[s.from].t_to;
	if (!v->span_ns)
		return;
	v->rate_bps = bytes * 8 * (double)NS_PER_SEC / (double)v->span_ns;
	v->ppm = (v->rate_bps / (double)d->idle_bps - 1) * 1e6;
}

/* -- burst ------------------------------------------------------------------------------------------------------- */

/*
 * `lent` is such that the distance to it is what has been spent of hiCredit: credit is at most hiCredit and what grew
 * in gaps since a lower class last had its turn (`gap`), and at most what has grown since then in all. `least` is the
 * smallest (bytes before i) - idleSlope * t_i, over the frames with no more than hiCredit: the distance to it is the
 * excess.
 */
static void check_burst(struct cbs_verdict *v, const struct cbs_data *d, bool *over)
{
	double per_ns = (double)d->idle_bps / 8 / (double)NS_PER_SEC, hi = d->hi_bytes + per_ns * (double)d->slack_ns;
	double sum = 0, least = 0, lent = 0, gap = 0, from, to, grown;
	struct lost lost = {.gap = d->gap, .n = d->n_gap};
	double own_hi = d->hi_bytes;
	int64_t t0 = d->frame[0].t_from, since_ns = lost_until(&lost, d->frame[0].t_queued), t_low;
	bool begun = false;
	size_t j;

	for (j = 0; j < d->n; j++) {
		const struct cbs_start *f = &d->frame[j];

		from = sum - per_ns * (double)(f->t_from - t0);
		to = sum - per_ns * (double)(f->t_to - t0);
		t_low = f->t_low ? chosen_at(&lost, f->t_low, d->slack_ns) : 0;
		since_ns = t_low ? lost_until(&lost, t_low) : since_ns;
		gap = per_ns * (double)(lost_until(&lost, f->t_to) - since_ns);
		lent = !j || from + gap < lent ? from + gap : lent;
		grown = to + per_ns * (double)(f->t_to - t_low) - own_hi;
		lent = t_low && grown < lent ? grown : lent;
		v->errors += to - lent > hi;
		sum += f->bytes;
		if (over)
			over[j] = gap > 0 && lent > to;
		if (gap > 0 && lent > to) {
			v->gap_frames++;
			v->lent = lent - to > v->lent ? lent - to : v->lent;
			continue;
		}
		least = !begun || from < least ? from : least;
		begun = true;
		v->burst = to - least + f->bytes > v->burst ? to - least + f->bytes : v->burst;
	}
}

void cbs_check(struct cbs_verdict *v, const struct cbs_data *d, bool *over)
{
	memset(v, 0, sizeof(*v));
	v->frames = d->n;
	if (d->n < 2)
		return;
	check_rate(v, d);
	check_burst(v, d, over);
}

size_t cbs_away(struct rec_gap *out, const struct cbs_data *d, const bool *over, int64_t link_bps)
{
	size_t i = 0, k = 0, n = 0;
	struct rec_gap g;

	while (i < d->n || k < d->n_gap) {
		if (i < d->n && !over[i]) {
			i++;
			continue;
		}
		if (i == d->n || (k < d->n_gap && d->gap[k].t_begin <= d->frame[i].t_from)) {
			g = d->gap[k++];
		} else {
			g = (struct rec_gap){.t_begin = d->frame[i].t_from};
			g.t_end = g.t_begin + (int64_t)d->frame[i].bytes * 8 * NS_PER_SEC / link_bps + d->slack_ns;
			if (++i < d->n && d->frame[i].t_from < g.t_end)
				g.t_end = d->frame[i].t_from;
		}
		if (n && g.t_begin < out[n - 1].t_end)
			out[n - 1].t_end = g.t_end > out[n - 1].t_end ? g.t_end : out[n - 1].t_end;
		else
			out[n++] = g;
	}
	return n;
}
