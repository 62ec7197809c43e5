/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dots: which points of a cloud a figure has to draw. Of points that would lie on one another the first one is drawn, so the picture is that of all points: what is rare, and a tail is rare, is all there.
 * A hundred thousand frames become as many dots as the figure has room for.
 */
#ifndef TAKT_BENCH_DOTS_H
#define TAKT_BENCH_DOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOTS_ACROSS 448		/* places of a figure that is as wide as the page: two pixels each */
#define DOTS_UP	    80

struct dots {
	double x_low, x_high, y_low, y_high;
	bool log_y;
	size_t across;
	uint8_t taken[DOTS_UP][DOTS_ACROSS];
};

/* A range that is empty takes nothing. log_y: y_low is above 0. `panels`: how many share the width. */
void dots_begin(struct dots *d, double x_low, double x_high, double y_low, double y_high, bool log_y, size_t panels);

/* Whether the point is to be drawn; what lies outside of the range is not. */
bool dots_take(struct dots *d, double x, double y);

#endif
