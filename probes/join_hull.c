/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/join_hull.h"

#define HALVINGS 64	/* of the range of slopes: further down than a double's precision */

/* Below 0: the way a, b, c turns right; above: left. */
static double turn(const struct join_xy *a, const struct join_xy *b, const struct join_xy *c)
{
	return (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
}

void join_hull_add(struct join_hull *h, enum join_side side, double x, double y)
{
	struct join_xy *v = h->side[side], p = {x, y};
	uint32_t n = h->n[side];

	/* Of several at one instant the tightest counts. */
	if (n && v[n - 1].x == x) {
		if (side == JOIN_ABOVE ? v[n - 1].y <= y : v[n - 1].y >= y)
			return;
		n--;
	}
	while (n >= 2 && (side == JOIN_ABOVE ? turn(&v[n - 2], &v[n - 1], &p) <= 0 : turn(&v[n - 2], &v[n - 1], &p) >= 0))
		n--;
	v[n] = p;
	h->n[side] = n + 1;
}

static double slope_after(const struct join_xy *v)
{
	return (v[1].y - v[0].y) / (v[1].x - v[0].x);
}

/* The vertex that is met first by a line of this slope coming from the far side: edges get steeper above, flatter below. */
static uint32_t touch(const struct join_hull *h, enum join_side side, double slope)
{
	const struct join_xy *v = h->side[side];
	uint32_t lo = 0, hi = h->n[side] - 1, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (side == JOIN_ABOVE ? slope_after(&v[mid]) < slope : slope_after(&v[mid]) > slope)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* How much room there is between the sides for lines of this slope; *lean: where there is more. */
static double room(const struct join_hull *h, double slope, double *lean)
{
	const struct join_xy *a = &h->side[JOIN_ABOVE][touch(h, JOIN_ABOVE, slope)];
	const struct join_xy *b = &h->side[JOIN_BELOW][touch(h, JOIN_BELOW, slope)];

	*lean = b->x - a->x;
	return (a->y - b->y) - slope * (a->x - b->x);
}

/* From a slope that fits towards a limit: the first beyond those that fit, or the limit. */
static double furthest(const struct join_hull *h, double good, double limit)
{
	double lean, mid;
	int i;

	if (room(h, limit, &lean) >= 0)
		return limit;
	for (i = 0; i < HALVINGS; i++) {
		mid = good + (limit - good) / 2;
		if (room(h, mid, &lean) >= 0)
			good = mid;
		else
			limit = mid;
	}
	return limit;
}

bool join_hull_fit(struct join_hull *h)
{
	double lo = -h->rate, hi = h->rate, mid = 0, lean, width = room(h, mid, &lean);
	int i, side, end;

	for (i = 0; i < HALVINGS && width < 0; i++) {
		if (lean == 0)
			return false;
		if (lean > 0)
			lo = mid;
		else
			hi = mid;
		mid = lo + (hi - lo) / 2;
		width = room(h, mid, &lean);
	}
	if (width < 0)
		return false;
	h->slope[0] = furthest(h, mid, -h->rate);
	h->slope[1] = furthest(h, mid, h->rate);
	for (side = 0; side < 2; side++)
		for (end = 0; end < 2; end++)
			h->at[side][end] = touch(h, (enum join_side)side, h->slope[end]);
	return true;
}

/*
 * Between the vertices that the steepest and the flattest line touch, a line reaches as far as the hull itself; beyond them, as far as these lines.
 * Above, the flattest one limits what is to the left and the steepest what is to the right; below it is the other way round.
 */
double join_hull_reach(const struct join_hull *h, enum join_side side, double x)
{
	const struct join_xy *v = h->side[side];
	int left = side == JOIN_ABOVE ? 0 : 1;
	uint32_t lo = h->at[side][left], hi = h->at[side][!left], mid;

	if (x <= v[lo].x)
		return v[lo].y + h->slope[left] * (x - v[lo].x);
	if (x >= v[hi].x)
		return v[hi].y + h->slope[!left] * (x - v[hi].x);
	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if (v[mid].x <= x)
			lo = mid;
		else
			hi = mid;
	}
	return v[lo].y + slope_after(&v[lo]) * (x - v[lo].x);
}
