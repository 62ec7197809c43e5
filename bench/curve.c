/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/curve.h"

#include <inttypes.h>

#define STEP 1.02	/* the next point is at least 2 % further on */

void curve_write(FILE *f, const int64_t *v, size_t n, size_t never, double scale)
{
	double last_x = 0, last_y = 0, x, y;
	size_t i;

	for (i = 0; i + 1 < n; i++) {
		x = curve_level(v[i]);
		y = (double)(n - 1 - i + never) * scale;
		if (last_y && x < last_x * STEP && y * STEP > last_y)
			continue;
		fprintf(f, "%.0f %.3e\n", x, y);
		last_x = x;
		last_y = y;
	}
	if (n)	/* the largest: where there is no larger one, drawn as the half of one */
		fprintf(f, "%.0f %.3e\n", curve_level(v[n - 1]), never ? (double)never * scale : scale / 2);
	else
		fprintf(f, "1 1\n");
}
