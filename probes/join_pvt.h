/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * join_pvt: what join's files share and nobody else sees.
 */
#ifndef TAKT_PROBES_JOIN_PVT_H
#define TAKT_PROBES_JOIN_PVT_H

#include "probes/join.h"
#include "probes/join_hull.h"
#include "probes/join_part.h"

/* One clock that was not stepped: constraints first..end-1. */
struct join_segment {
	size_t first, end;
	size_t fit, n_fits;
	int64_t g_first, g_last;
};

/* One window of a segment. */
struct join_fit {
	struct join_hull hull;
	int64_t g0;		/* x is g - g0 */
	__int128 y0;		/* y is h - g - y0 */
	double x_first, x_last;	/* of its constraints */
};

struct join_told {
	int64_t g1, g2;
};

struct join {
	struct join_conf conf;
	struct join_parts parts;
	struct join_told *told;	/* breaks */
	size_t n_told;
	struct join_stat stat;

	/* of the last fit */
	struct join_c *all;
	size_t n_all;
	struct join_segment *segment;
	size_t n_segments;
	struct join_fit *fit;
	size_t n_fits;
	struct join_xy *xy;	/* the hulls' memory, and one window more to try in */
	size_t n_xy;
};

/* By this window alone. */
struct join_point join_fit_map(const struct join *j, const struct join_fit *f, int64_t g);

#endif
