/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cbs_check.h"

#include <stdbool.h>
#include <string.h>

#include "base/ns.h"

#define CALM_NS	 (5 * NS_PER_MS)	/* a stretch begins and ends where nothing was being caught up with */
#define SHARP_NS (20 * NS_PER_US)	/* and where the start of a frame is known that well */
#define TRIM	 10			/* at most 1/TRIM of it is cut off for that, at either end */

double cbs_hi_credit(int64_t link_bps, int64_t idle_bps, uint32_t below, int64_t above_bps, uint32_t above)
{
	double lo_above = (double)(above_bps - link_bps) * above / (double)link_bps; /* sendSlope * longest frame / rate: negative */

	return (double)idle_bps * (below - (above_bps ? lo_above : 0)) / (double)(link_bps - above_bps);
}

/* Time lost in gaps up to t: a cursor that only moves forward. */
struct lost {
	const struct rec_gap *gap;
	size_t n, at;
	int64_t before_ns;	/* in gaps before `at` */
};

static int64_t lost_until(struct lost *l, int64_t t)
{
	for (; l->at < l->n && l->gap[l->at].t_end <= t; l->at++)
		l->before_ns += l->gap[l->at].t_end - l->gap[l->at].t_begin;
	return l->before_ns + (l->at < l->n && l->gap[l->at].t_begin < t ? t - l->gap[l->at].t_begin : 0);
}

/* -- rate ------------------------------------------------------------------------------------------------------------------- */

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

static bool calm(const struct cbs_data *d, size_t i)
{
	const struct cbs_start *f = &d->frame[i];
	size_t low = 0, high = d->n_gap, mid;

	if (f->t_to - f->t_from > SHARP_NS)
		return false;
	while (low < high) {
		mid = (low + high) / 2;
		if (d->gap[mid].t_begin < f->t_to)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low && d->gap[low - 1].t_end > f->t_to - CALM_NS; low--)
		if (d->gap[low - 1].t_end - d->gap[low - 1].t_begin >= SHARP_NS)
			return false;
	return true;
}

static struct stretch trim(const struct cbs_data *d, struct stretch s)
{
	size_t most = (s.to - s.from) / TRIM, k;
	struct stretch out = s;

	for (k = 0; k < most && !calm(d, s.from + k); k++)
		;
	out.from = k < most ? s.from + k : s.from;
	for (k = 0; k < most && !calm(d, s.to - k); k++)
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

/* -- burst ------------------------------------------------------------------------------------------------------------------ */

/*
 * `lent` is the smallest (bytes before i) - idleSlope * t_i so far, where credit that grew in a gap may go beyond hiCredit (`gap`: by how much) until
 * it is back at hiCredit or below: the distance to it is what has been spent of hiCredit. `least` is the same over the frames that had no such credit:
 * the distance to it is the excess.
 */
static void check_burst(struct cbs_verdict *v, const struct cbs_data *d, bool *over)
{
	double per_ns = (double)d->idle_bps / 8 / (double)NS_PER_SEC, hi = d->hi_bytes + per_ns * (double)d->slack_ns;
	double sum = 0, least = 0, lent = 0, gap = 0, from, to;
	struct lost lost = {.gap = d->gap, .n = d->n_gap};
	int64_t t0 = d->frame[0].t_from, before_ns = lost_until(&lost, d->frame[0].t_queued), lost_ns;
	bool begun = false;
	size_t j;

	for (j = 0; j < d->n; j++) {
		const struct cbs_start *f = &d->frame[j];

		from = sum - per_ns * (double)(f->t_from - t0);
		to = sum - per_ns * (double)(f->t_to - t0);
		lost_ns = lost_until(&lost, f->t_to);
		gap += per_ns * (double)(lost_ns - before_ns);
		before_ns = lost_ns;
		lent = !j || from + gap < lent ? from + gap : lent;
		v->errors += to - lent > hi;
		if (lent - to <= 0)
			gap = 0; /* used up */
		sum += f->bytes;
		if (over)
			over[j] = gap > 0;
		if (gap > 0) {
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
