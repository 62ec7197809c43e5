/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/chance.h"

#include <math.h>

#define TINY	    1e-300	/* in place of a zero denominator (Lentz) */
#define CLOSE	    4e-15	/* above what rounding leaves */
#define TURNS	    1000000	/* it converges in some sqrt(a + b) */

/* 1 / (1 + d1 / (1 + d2 / ...)) of DLMF 8.17.22, by Lentz's method; it converges fast for x < (a + 1) / (a + b + 2). */
static double fraction(double a, double b, double x)
{
	double c = 1 / TINY, d = 1, value = 1;
	int i;

	for (i = 1; i < TURNS; i++) {
		double m = i / 2;
		double term = i % 2 ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
				    : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));

		d = 1 + term * d;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = 1 + term / c;
		c = fabs(c) < TINY ? TINY : c;
		value *= c * d;
		if (fabs(c * d - 1) < CLOSE)
			break;
	}
	return value;
}

double chance_beta(double a, double b, double x)
{
	int sign;
	double front;

	if (!(x > 0))
		return 0;
	if (x >= 1)
		return 1;
	front = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return fmin(1, front * fraction(a, b, x) / a);
	return fmax(0, 1 - front * fraction(b, a, 1 - x) / b);
}

double chance_at_most(uint64_t k, uint64_t n, double p)
{
	return k >= n ? 1 : chance_beta((double)(n - k), (double)k + 1, 1 - p);
}

double chance_at_least(uint64_t k, uint64_t n, double p)
{
	return k == 0 ? 1 : k > n ? 0 : chance_beta((double)k, (double)(n - k) + 1, p);
}

double chance_t_above(double t, double df)
{
	double half = 0.5 * chance_beta(df / 2, 0.5, df / (df + t * t));

	return t < 0 ? 1 - half : half;
}

double chance_t_point(double above, double df)
{
	double low = 0, high = 1;
	int i;

	if (above > 0.5)
		return -chance_t_point(1 - above, df);
	while (chance_t_above(high, df) > above && high < 1e150)
		high *= 2;
	for (i = 0; i < 200 && high - low > 1e-12 * high; i++) {
		double middle = (low + high) / 2;

		if (chance_t_above(middle, df) > above)
			low = middle;
		else
			high = middle;
	}
	return high;
}

uint64_t chance_draw(struct chance_draw *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t chance_draw_below(struct chance_draw *d, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)chance_draw(d) * n) >> 64);
}

double chance_draw_unit(struct chance_draw *d)
{
	return ((double)(chance_draw(d) >> 12) + 0.5) / 4503599627370496.;	/* 2^52 */
}
