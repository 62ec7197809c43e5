/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/join_pvt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define WINDOW_NS  (4 * NS_PER_SEC)
#define RATE_MAX   1000000	/* ppb */
#define WANDER	   1000		/* ppb: more than a quartz does in four seconds, less than a servo may */
#define PARTS	   64		/* of a window */
#define BREAKS_MAX 1024		/* more, and it is no clock */
#define ROUNDING   1.0		/* ns: of the doubles, and of halves */

struct join *join_create(const struct join_conf *conf)
{
	struct join *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	if (conf)
		j->conf = *conf;
	j->conf.window_ns = j->conf.window_ns > PARTS ? j->conf.window_ns : WINDOW_NS;
	j->conf.rate_max_ppb = j->conf.rate_max_ppb ?: RATE_MAX;
	j->conf.wander_ppb = j->conf.wander_ppb ?: WANDER;
	j->parts.part_ns = j->conf.window_ns / PARTS;
	j->conf.window_ns = j->parts.part_ns * PARTS;
	return j;
}

static void fit_free(struct join *j)
{
	free(j->all);
	free(j->segment);
	free(j->fit);
	free(j->xy);
	j->all = NULL;
	j->segment = NULL;
	j->fit = NULL;
	j->xy = NULL;
	j->n_all = j->n_segments = j->n_fits = j->n_xy = 0;
}

void join_destroy(struct join *j)
{
	if (!j)
		return;
	fit_free(j);
	join_parts_free(&j->parts);
	free(j->told);
	free(j);
}

static int add(struct join *j, int64_t g, int64_t h, enum join_side side)
{
	struct join_c c = {g, h, side};

	if (g > JOIN_T_MAX || g < -JOIN_T_MAX || h > JOIN_T_MAX || h < -JOIN_T_MAX)
		return 0;
	*(side == JOIN_ABOVE ? &j->stat.above : &j->stat.below) += 1;
	return join_parts_add(&j->parts, &c);
}

int join_not_after(struct join *j, int64_t g, int64_t h)
{
	return add(j, g, h, JOIN_ABOVE);
}

int join_not_before(struct join *j, int64_t g, int64_t h)
{
	return add(j, g, h, JOIN_BELOW);
}

int join_break(struct join *j, int64_t g1, int64_t g2)
{
	struct join_told *more;

	if (j->n_told == BREAKS_MAX) {
		memmove(j->told, j->told + 1, (BREAKS_MAX - 1) * sizeof(*more));
		j->n_told--;
	}
	more = realloc(j->told, (j->n_told + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	j->told = more;
	j->told[j->n_told++] = (struct join_told){g1 < g2 ? g1 : g2, g1 < g2 ? g2 : g1};
	return 0;
}

void join_forget(struct join *j, int64_t g)
{
	join_parts_forget(&j->parts, g);
}

/* -- one window ---------------------------------------------------------------------------------------------- */

/* How far a smooth clock may bend away from a line that touches it anywhere in a stretch, at its other end; both axes' noise besides. */
static double slack(const struct join *j, double span_ns)
{
	return 0.5e-9 * (double)j->conf.wander_ppb * span_ns + (double)j->conf.noise_ns + ROUNDING;
}

/* Hulls of constraints first..end-1 in this memory; false when a side has none, or no line fits (*one_sided tells). */
static bool fit_range(const struct join *j, struct join_fit *f, size_t first, size_t end, struct join_xy *xy, bool *one_sided)
{
	const struct join_c *c = j->all;
	double e, x, y;
	size_t i, n[2] = {0};

	memset(f, 0, sizeof(*f));
	/* Near the truth, so that what is near it too is exact: the tightest from below. */
	for (i = first; i < end; i++)
		if (!n[c[i].side]++ ? c[i].side == JOIN_BELOW : c[i].side == JOIN_BELOW && (__int128)c[i].h - c[i].g > f->y0)
			f->y0 = (__int128)c[i].h - c[i].g;
	*one_sided = !n[0] || !n[1];
	if (*one_sided)
		return false;
	f->g0 = c[first].g;
	f->x_last = (double)((__int128)c[end - 1].g - f->g0);
	f->hull.side[JOIN_ABOVE] = xy;
	f->hull.side[JOIN_BELOW] = xy + n[JOIN_ABOVE];
	/* Rates are of the guest by the host's axis, slopes the other way round: a little more than the reciprocal. */
	f->hull.rate = 1.002e-9 * (double)j->conf.rate_max_ppb;
	e = slack(j, f->x_last);
	for (i = first; i < end; i++) {
		x = (double)((__int128)c[i].g - f->g0);
		y = (double)((__int128)c[i].h - c[i].g - f->y0);
		join_hull_add(&f->hull, c[i].side, x, c[i].side == JOIN_ABOVE ? y + e : y - e);
	}
	return join_hull_fit(&f->hull);
}

static bool fits(const struct join *j, size_t first, size_t end, struct join_xy *xy)
{
	bool one_sided;
	struct join_fit f;

	return first >= end || fit_range(j, &f, first, end, xy, &one_sided) || one_sided;
}

/* -- segments ------------------------------------------------------------------------------------------------ */

/* The first constraint at g or later. */
static size_t first_from(const struct join *j, int64_t g)
{
	size_t lo = 0, hi = j->n_all, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (j->all[mid].g < g)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int segment_add(struct join *j, size_t first, size_t end)
{
	struct join_segment *more = realloc(j->segment, (j->n_segments + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	j->segment = more;
	j->segment[j->n_segments++] = (struct join_segment){.first = first, .end = end, .g_first = j->all[first].g,
						       .g_last = j->all[end - 1].g};
	return 0;
}

/* No line fits constraints first..end-1: the step is after *before (the last one that is surely before it) and no later than *after. */
static void find_break(const struct join *j, size_t first, size_t end, struct join_xy *xy, size_t *before, size_t *after)
{
	size_t lo = first + 1, hi = end, mid;

	/* first..lo-1 fit, first..hi-1 do not. */
	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (fits(j, first, mid, xy))
			lo = mid;
		else
			hi = mid;
	}
	*after = hi - 1;
	/* lo..after do not fit, hi..after do. */
	lo = first;
	hi = *after;
	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (fits(j, mid, *after + 1, xy))
			hi = mid;
		else
			lo = mid;
	}
	/* What happened at the same instant is on the same side. */
	while (lo + 1 < *after && j->all[lo + 1].g == j->all[lo].g)
		lo++;
	while (*after > lo + 1 && j->all[*after - 1].g == j->all[*after].g)
		--*after;
	*before = lo;
}

static int64_t window_begin(const struct join *j, int64_t k)
{
	__int128 g = (__int128)k * (j->conf.window_ns / 2);

	return g < INT64_MIN ? INT64_MIN : g > INT64_MAX ? INT64_MAX : (int64_t)g;
}

/* Cut [first, end), which no told break divides, where no line fits a window. */
static int cut(struct join *j, size_t first, size_t end, struct join_xy *xy)
{
	int64_t half = j->conf.window_ns / 2, k;
	size_t i = first, a, b, before, after;
	int err;

	while (i < end) {
		k = ns_div_floor(j->all[i].g, half);
		b = first_from(j, window_begin(j, k + 2));
		b = b < end ? b : end;
		a = first_from(j, window_begin(j, k));
		a = a > first ? a : first;
		if (fits(j, a, b, xy)) {
			i = first_from(j, window_begin(j, k + 1));
			continue;
		}
		find_break(j, a, b, xy, &before, &after);
		err = segment_add(j, first, before + 1);
		if (err || ++j->stat.breaks > BREAKS_MAX)
			return err ?: -ERANGE;
		i = first = after;
	}
	return first < end ? segment_add(j, first, end) : 0;
}

static int by_begin(const void *va, const void *vb)
{
	const struct join_told *a = va, *b = vb;

	return (a->g1 > b->g1) - (a->g1 < b->g1);
}

static int cut_all(struct join *j, struct join_xy *xy)
{
	size_t first = 0, end, i;
	int err = 0;

	if (j->n_told)
		qsort(j->told, j->n_told, sizeof(*j->told), by_begin);
	for (i = 0; i < j->n_told && !err; i++) {
		end = first_from(j, j->told[i].g1);
		if (end > first) {
			err = cut(j, first, end, xy);
			j->stat.breaks += end < j->n_all;
		}
		end = j->told[i].g2 == INT64_MAX ? j->n_all : first_from(j, j->told[i].g2 + 1);
		first = end > first ? end : first;
	}
	return err ?: cut(j, first, j->n_all, xy);
}

/* -- all windows --------------------------------------------------------------------------------------------- */

static void note(struct join *j, const struct join_fit *f)
{
	int64_t middle = f->g0 + (int64_t)(f->x_last / 2);
	struct join_point p = join_fit_map(j, f, middle);
	struct join_stat *s = &j->stat;

	if (!s->windows || p.bound_ns < s->bound_min_ns)
		s->bound_min_ns = p.bound_ns;
	if (!s->windows || p.bound_ns > s->bound_max_ns)
		s->bound_max_ns = p.bound_ns;
	if (!s->windows++ || 1e6 * (f->hull.slope[1] - f->hull.slope[0]) / 2 < s->rate_bound_ppm) {
		s->rate_ppm = -1e6 * (f->hull.slope[0] + f->hull.slope[1]) / 2;
		s->rate_bound_ppm = 1e6 * (f->hull.slope[1] - f->hull.slope[0]) / 2;
	}
}

static int fit_segment(struct join *j, struct join_segment *s)
{
	int64_t half = j->conf.window_ns / 2, k, done = INT64_MIN;
	bool one_sided;
	struct join_fit *more, f;
	size_t i, a, b;

	s->fit = j->n_fits;
	for (i = s->first; i < s->end; i = first_from(j, window_begin(j, k + 1))) {
		int64_t from;

		k = ns_div_floor(j->all[i].g, half);
		/* Each constraint is in two windows. */
		for (from = k - 1; from <= k; from++) {
			if (from <= done && done != INT64_MIN)
				continue;
			done = from;
			a = first_from(j, window_begin(j, from));
			b = first_from(j, window_begin(j, from + 2));
			a = a > s->first ? a : s->first;
			b = b < s->end ? b : s->end;
			if (a >= b || !fit_range(j, &f, a, b, j->xy + j->n_xy, &one_sided))
				continue;
			more = realloc(j->fit, (j->n_fits + 1) * sizeof(*more));
			if (!more)
				return -ENOMEM;
			j->fit = more;
			j->fit[j->n_fits++] = f;
			j->n_xy += b - a;
			note(j, &f);
		}
	}
	s->n_fits = j->n_fits - s->fit;
	return 0;
}

int join_fit(struct join *j)
{
	struct join_xy *try;
	size_t i;
	int err;

	fit_free(j);
	j->stat.windows = j->stat.breaks = 0;
	j->stat.bound_min_ns = j->stat.bound_max_ns = INT64_MAX;
	j->stat.rate_ppm = j->stat.rate_bound_ppm = 0;
	j->all = join_parts_all(&j->parts, &j->n_all, &err);
	j->stat.kept = j->n_all;
	j->stat.forgotten = j->parts.forgotten;
	if (!j->all)
		return err ?: -ENODATA;
	j->stat.g_first = j->all[0].g;
	j->stat.g_last = j->all[j->n_all - 1].g;
	/* Two windows for each constraint, and what is being tried behind them. */
	j->xy = malloc(3 * j->n_all * sizeof(*j->xy));
	try = j->xy;
	if (!j->xy)
		return -ENOMEM;
	err = cut_all(j, try);
	for (i = 0; i < j->n_segments && !err; i++)
		err = fit_segment(j, &j->segment[i]);
	if (err)
		fit_free(j);
	return err ?: j->n_fits ? 0 : -ENODATA;
}

const struct join_stat *join_stat(const struct join *j)
{
	return &j->stat;
}
