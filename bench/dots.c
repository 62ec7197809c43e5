/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/dots.h"

#include <math.h>
#include <string.h>

void dots_begin(struct dots *d, double x_low, double x_high, double y_low, double y_high, bool log_y, size_t panels)
{
	memset(d, 0, sizeof(*d));
	d->x_low = x_low;
	d->x_high = x_high;
	d->log_y = log_y;
	d->y_low = log_y ? log(y_low) : y_low;
	d->y_high = log_y ? log(y_high) : y_high;
	d->across = DOTS_ACROSS / (panels ? panels : 1);
}

/* Which of n places; n for outside. */
static size_t place(double v, double low, double high, size_t n)
{
	double at = (v - low) / (high - low) * (double)n;

	if (!(high > low) || !(v >= low) || v > high)
		return n;
	return at < (double)n ? (size_t)at : n - 1;
}

bool dots_take(struct dots *d, double x, double y)
{
	size_t across = place(x, d->x_low, d->x_high, d->across);
	size_t up = place(d->log_y ? log(y) : y, d->y_low, d->y_high, DOTS_UP);

	if (across == d->across || up == DOTS_UP || d->taken[up][across])
		return false;
	d->taken[up][across] = 1;
	return true;
}
