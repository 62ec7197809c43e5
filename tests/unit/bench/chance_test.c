/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <math.h>

#include "bench/chance.h"

/* Term by term, by logarithms of factorials that are sums: nothing of what is tested. */
static double sum_at_most(uint64_t k, uint64_t n, double p)
{
	long double sum = 0, term = 0;
	uint64_t i;

	for (i = 0; i <= k; i++) {
		sum += expl(term + (long double)i * logl(p) + (long double)(n - i) * log1pl(-p));
		term += logl((long double)(n - i)) - logl((long double)(i + 1));
	}
	return (double)sum;
}

static void test_binomial(void **state)
{
	static const double ps[] = {0.001, 0.01, 0.3, 0.5, 0.9, 0.99, 0.99999};
	static const uint64_t ns[] = {1, 2, 7, 50, 999};
	size_t i, j;
	uint64_t k;

	(void)state;
	for (i = 0; i < sizeof(ps) / sizeof(ps[0]); i++)
		for (j = 0; j < sizeof(ns) / sizeof(ns[0]); j++)
			for (k = 0; k < ns[j]; k++) {
				double want = sum_at_most(k, ns[j], ps[i]);

				assert_true(fabs(chance_at_most(k, ns[j], ps[i]) - want) < 1e-10);
				assert_true(fabs(chance_at_least(k + 1, ns[j], ps[i]) - (1 - want)) < 1e-10);
			}
	assert_true(chance_at_most(5, 5, 0.3) == 1 && chance_at_least(0, 5, 0.3) == 1 && chance_at_least(6, 5, 0.3) == 0);
}

/* Ten million trials: the middle, by the normal approximation's own error; and the ends, which have closed forms. */
static void test_binomial_large(void **state)
{
	(void)state;
	assert_true(fabs(chance_at_most(5000000, 10000000, 0.5) - 0.5001261566) < 1e-7);
	assert_true(fabs(chance_at_least(10000000, 10000000, 0.9999999) / exp(10000000 * log1p(-1e-7)) - 1) < 1e-6);
	assert_true(fabs(chance_at_most(0, 10000000, 1e-7) / exp(10000000 * log1p(-1e-7)) - 1) < 1e-6);
}

static void test_t(void **state)
{
	static const struct { double df, above, t; } rows[] = {	/* of any printed table; the first two have closed forms */
		{1, 0.025, 12.706204736}, {2, 0.025, 4.30265273}, {4, 0.025, 2.776445105}, {10, 0.005, 3.169272673}, {30, 0.05, 1.697260887},
		{1e7, 0.025, 1.959964}, {4, 0.5, 0}, {4, 0.975, -2.776445105},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(fabs(chance_t_point(rows[i].above, rows[i].df) - rows[i].t) < 1e-5);
		assert_true(fabs(chance_t_above(rows[i].t, rows[i].df) - rows[i].above) < 1e-6);
	}
	/* far out: P(T > t) of two degrees is 1/2 - t / (2 sqrt(2 + t^2)), some 1 / (2 t^2) */
	assert_true(fabs(chance_t_above(1e4, 2) / 5e-9 - 1) < 1e-6);
	assert_true(fabs(chance_t_point(1e-6, 3) / 103.299 - 1) < 1e-3);
}

static void test_draw(void **state)
{
	struct chance_draw a = {7}, b = {7}, c = {8};
	unsigned int count[6] = {0};
	double sum = 0;
	int i;

	(void)state;
	for (i = 0; i < 60000; i++) {
		uint64_t x = chance_draw_below(&a, 6);

		assert_true(x < 6);
		assert_int_equal(x, chance_draw_below(&b, 6));
		count[x]++;
	}
	for (i = 0; i < 6; i++)
		assert_in_range(count[i], 10000 - 5 * 92, 10000 + 5 * 92);	/* five sigma */
	for (i = 0; i < 10000; i++) {
		double u = chance_draw_unit(&c);

		assert_true(u > 0 && u < 1);
		sum += u;
	}
	assert_true(fabs(sum / 10000 - 0.5) < 5 * 0.00289);
}

TEST_GROUP("bench/chance",
	cmocka_unit_test(test_binomial),
	cmocka_unit_test(test_binomial_large),
	cmocka_unit_test(test_t),
	cmocka_unit_test(test_draw),
)
