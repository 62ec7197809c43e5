/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * join_hull: all lines that stay below one set of points and above another, and how far they reach at an instant.
 *
 * Only a set's convex hull matters: the lower one of the points above, the upper one of the points below. Lines have slopes between -rate and
 * rate. Coordinates are differences, small beside 2^53, so doubles hold them exactly. Pure; O(n) to build, O(log n) to ask.
 */
#ifndef TAKT_PROBES_JOIN_HULL_H
#define TAKT_PROBES_JOIN_HULL_H

#include <stdbool.h>
#include <stdint.h>

struct join_xy {
	double x, y;
};

/* Both sides' hulls are in an array of the caller's, of as many points as were added to the side. */
struct join_hull {
	struct join_xy *side[2];	/* JOIN_ABOVE, JOIN_BELOW */
	uint32_t n[2];
	double rate;
	double slope[2];		/* the lowest and the highest that fit; rounded outwards */
	uint32_t at[2][2];		/* [side][0: lowest, 1: highest slope]: the vertex that the line of this slope touches */
};

enum join_side { JOIN_ABOVE, JOIN_BELOW };

/* Points come in order of x. */
void join_hull_add(struct join_hull *h, enum join_side side, double x, double y);

/* Which slopes fit? False: no line does. At least one point of each side. */
bool join_hull_fit(struct join_hull *h);

/* The highest (JOIN_ABOVE) and the lowest (JOIN_BELOW) that a line that fits may be at x. */
double join_hull_reach(const struct join_hull *h, enum join_side side, double x);

#endif
