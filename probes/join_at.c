/* SPDX-License-Identifier: BSD-3-Clause */
/* What was fitted, asked of an instant. */
#include "probes/join_pvt.h"

#include <math.h>

static double clamp_ns(double ns)
{
	return ns < 9e18 ? ns : 9e18;
}

/* From the extreme lines, in ns of the window's own origin. */
static void reach(const struct join *j, const struct join_fit *f, double x, double *lo, double *hi)
{
	double rate = 1.002e-9 * (double)j->conf.rate_max_ppb;
	double edge = x < 0 ? 0 : x > f->x_last ? f->x_last : x;
	double away = fabs(x - edge), bend, top, bottom;

	*hi = join_hull_reach(&f->hull, JOIN_ABOVE, x);
	*lo = join_hull_reach(&f->hull, JOIN_BELOW, x);
	if (away == 0)
		return;
	bend = 1e-9 * (double)j->conf.wander_ppb * away * (1 + away / (double)j->conf.window_ns);
	top = join_hull_reach(&f->hull, JOIN_ABOVE, edge) + rate * away;
	bottom = join_hull_reach(&f->hull, JOIN_BELOW, edge) - rate * away;
	*hi = fmin(*hi + bend, top);
	*lo = fmax(*lo - bend, bottom);
}

static struct join_point between(__int128 lo, __int128 hi)
{
	__int128 t = lo + (hi - lo) / 2, bound = hi - t > t - lo ? hi - t : t - lo;

	if (t > INT64_MAX || t < INT64_MIN || bound >= INT64_MAX)
		return (struct join_point){t > 0 ? INT64_MAX : INT64_MIN, INT64_MAX};
	return (struct join_point){(int64_t)t, (int64_t)bound};
}

struct join_point join_fit_map(const struct join *j, const struct join_fit *f, int64_t g)
{
	double lo, hi;
	__int128 base = (__int128)g + f->y0;

	reach(j, f, (double)((__int128)g - f->g0), &lo, &hi);
	return between(base + (__int128)floor(-clamp_ns(-lo)), base + (__int128)ceil(clamp_ns(hi)));
}

/* The last window of this segment that begins no later than g, or its first; it has one. */
static size_t fit_at(const struct join *j, const struct join_segment *s, int64_t g)
{
	size_t lo = s->fit, hi = s->fit + s->n_fits, mid;

	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if (j->fit[mid].g0 <= g)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* The window of this segment whose middle is next to g, and its neighbours: each bound holds, the tightest is taken. */
static struct join_point segment_map(const struct join *j, const struct join_segment *s, int64_t g)
{
	struct join_point best = {0, INT64_MAX}, p;
	size_t at, i;

	if (!s->n_fits)
		return best;
	at = fit_at(j, s, g);
	for (i = at > s->fit ? at - 1 : at; i < s->fit + s->n_fits && i <= at + 1; i++) {
		p = join_fit_map(j, &j->fit[i], g);
		if (p.bound_ns < best.bound_ns)
			best = p;
	}
	return best;
}

/* The last segment that begins no later than g, or the first; there is one. */
static const struct join_segment *segment_at(const struct join *j, int64_t g)
{
	size_t lo = 0, hi = j->n_segments, mid;

	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if (j->segment[mid].g_first <= g)
			lo = mid;
		else
			hi = mid;
	}
	return &j->segment[lo];
}

struct join_point join_map(const struct join *j, int64_t g)
{
	const struct join_segment *s;
	struct join_point a, b;
	__int128 lo_t, hi_t;

	if (!j->n_segments)
		return (struct join_point){0, INT64_MAX};
	s = segment_at(j, g);
	a = segment_map(j, s, g);
	if (g <= s->g_last || s + 1 == j->segment + j->n_segments)
		return a;
	b = segment_map(j, s + 1, g);
	if (a.bound_ns == INT64_MAX || b.bound_ns == INT64_MAX)
		return (struct join_point){0, INT64_MAX};
	lo_t = (__int128)a.t - a.bound_ns < (__int128)b.t - b.bound_ns ? (__int128)a.t - a.bound_ns : (__int128)b.t - b.bound_ns;
	hi_t = (__int128)a.t + a.bound_ns > (__int128)b.t + b.bound_ns ? (__int128)a.t + a.bound_ns : (__int128)b.t + b.bound_ns;
	return between(lo_t, hi_t);
}

struct join_rate join_rate(const struct join *j, int64_t g)
{
	const struct join_segment *s = j->n_segments ? segment_at(j, g) : NULL;
	const struct join_hull *h;

	if (!s || !s->n_fits || (g > s->g_last && s + 1 != j->segment + j->n_segments))
		return (struct join_rate){0, 1e-9 * (double)j->conf.rate_max_ppb};
	h = &j->fit[fit_at(j, s, g)].hull;
	return (struct join_rate){-(h->slope[0] + h->slope[1]) / 2, (h->slope[1] - h->slope[0]) / 2 + 1e-9 * (double)j->conf.wander_ppb};
}
