/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * curve: how many are larger, as points of a figure with two logarithmic axes.
 */
#ifndef TAKT_BENCH_CURVE_H
#define TAKT_BENCH_CURVE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CURVE_FLOOR_NS 10	/* what is less is drawn here: a log axis has no zero */

static inline double curve_level(int64_t ns)
{
	return ns < CURVE_FLOOR_NS ? CURVE_FLOOR_NS : (double)ns;
}

/*
 * Lines of "value  how many are larger * scale", from sorted values; a point where the curve has moved on enough to be seen, and each of the last hundred. `never`: how many have no value because they never came;
 * they are larger than any, so the curve ends at their share.
 */
void curve_write(FILE *f, const int64_t *sorted, size_t n, size_t never, double scale);

#endif
