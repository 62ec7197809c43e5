/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <math.h>

#include "bench/chance.h"
#include "bench/ranks.h"

/* Every way of dealing out, one by one: in how many is at least as much of B above A? Pairs are counted, not ranks: the same order by another way. */
static double pairs(const double *v, unsigned int b_mask, size_t n)
{
	double sum = 0;
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			if ((b_mask >> i & 1) && !(b_mask >> j & 1))
				sum += v[i] > v[j] ? 1 : v[i] == v[j] ? 0.5 : 0;
	return sum;
}

static double brute(const double *v, size_t n_a, size_t n_b, const double *w, size_t m_a, size_t m_b)
{
	size_t n = n_a + n_b, m = m_a + m_b, all = 0, above = 0;
	unsigned int i, j;
	double is = pairs(v, ((1u << n_b) - 1) << n_a, n) + pairs(w, ((1u << m_b) - 1) << m_a, m);

	for (i = 0; i < 1u << n; i++)
		for (j = 0; j < 1u << m; j++)
			if (__builtin_popcount(i) == (int)n_b && __builtin_popcount(j) == (int)m_b) {
				all++;
				above += pairs(v, i, n) + pairs(w, j, m) >= is;
			}
	return (double)above / (double)all;
}

static void test_brute(void **state)
{
	struct chance_draw d = {5};
	int t;

	(void)state;
	for (t = 0; t < 200; t++) {
		size_t n_a = 1 + chance_draw_below(&d, 3), n_b = 1 + chance_draw_below(&d, 3), i;
		double v[6], w[4];
		struct ranks r;

		for (i = 0; i < 6; i++)
			v[i] = (double)chance_draw_below(&d, 7);	/* ties often */
		for (i = 0; i < 4; i++)
			w[i] = (double)chance_draw_below(&d, 1000) + (i >= 2 ? 200 : 0);
		ranks_init(&r);
		assert_int_equal(ranks_add(&r, v, n_a, v + n_a, n_b, 1, 0), 0);
		assert_int_equal(ranks_add(&r, w, 2, w + 2, 2, 1, 0), 0);
		/* sums of ranks and of pairs differ by a constant where strata are of one size, so compare one stratum at a time as well */
		assert_true(fabs(ranks_above(&r) - brute(v, n_a, n_b, w, 2, 2)) < 1e-12);
		ranks_fini(&r);
	}
}

static void test_known(void **state)
{
	static const double a[] = {1, 2, 3, 4, 5}, b[] = {11, 12, 13, 14, 15};
	struct ranks r;
	int i;

	(void)state;
	ranks_init(&r);
	assert_true(ranks_above(&r) == 1);
	ranks_add(&r, a, 3, b, 3, 1, 0);
	assert_true(fabs(ranks_above(&r) - 1. / 20) < 1e-12);
	ranks_add(&r, a, 5, b, 5, 1, 0);
	assert_true(fabs(ranks_above(&r) - 1. / 20 / 252) < 1e-12);
	ranks_fini(&r);
	ranks_add(&r, a, 3, b, 3, -1, 0);	/* below: not at all */
	assert_true(ranks_above(&r) == 1);
	ranks_fini(&r);
	ranks_add(&r, a, 3, b, 3, 1, -9);	/* 2 3 4 against 1 2 3: sums of 12 ranks and more, of 20 ways */
	assert_true(ranks_above(&r) > 0.2 && ranks_above(&r) < 0.5);
	ranks_fini(&r);
	ranks_add(&r, a, 3, a, 3, 1, 0);
	assert_true(ranks_above(&r) > 0.5);
	ranks_fini(&r);
	for (i = 0; i < 2; i++)
		assert_true(fabs(ranks_ways(3, 3) - 20) < 1e-9 && fabs(ranks_ways(1, 7) - 8) < 1e-9);
}

/* Above RANKS_EXACT values it is normal: close to what is exact just below. */
static void test_normal(void **state)
{
	double a[30], b[30];
	struct chance_draw d = {11};
	struct ranks few, many, as;
	size_t i;

	(void)state;
	for (i = 0; i < 30; i++) {
		a[i] = chance_draw_unit(&d);
		b[i] = chance_draw_unit(&d) + 0.05;
	}
	ranks_init(&few);
	ranks_init(&many);
	ranks_add(&few, a, 20, b, 20, 1, 0);
	ranks_add(&many, a, 20, b, 21, 1, 0);
	assert_true(!few.normal && many.normal);
	as = few;
	as.normal = true;
	assert_true(fabs(ranks_above(&as) / ranks_above(&few) - 1) < 0.005);	/* a sum is a whole number: without half a rank's correction it is off by 1.5 % */
	assert_true(ranks_above(&many) > 0 && ranks_above(&many) < 0.5);
	ranks_fini(&few);
	ranks_fini(&many);
}

/* Once a stratum made it normal it stays so, whatever is added; the mean and the variance are those of all strata, ties taken off. */
static void test_normal_stays(void **state)
{
	static const double three[] = {1, 2, 3}, tied[] = {2, 2, 2};
	double many[30];
	struct ranks r;
	size_t i;

	(void)state;
	for (i = 0; i < 30; i++)
		many[i] = (double)i;
	ranks_init(&r);
	assert_int_equal(ranks_add(&r, many, 30, many, 30, 1, 0.5), 0);
	assert_true(r.normal && r.mean == 30 * 61 && fabs(r.variance - 4 * 30 * 30 * 61 / 12.) < 1e-6);
	assert_int_equal(ranks_add(&r, three, 3, tied, 3, 1, 0), 0);	/* ranks 1, 3.5 four times, 6, each twice */
	assert_true(r.normal && r.mean == 30 * 61 + 21 && fabs(r.variance - 4 * 30 * 30 * 61 / 12. - 9 / 30. * 50) < 1e-6);
	assert_true(ranks_above(&r) > 0.3 && ranks_above(&r) < 0.5);
	ranks_fini(&r);
}

TEST_GROUP("bench/ranks",
	cmocka_unit_test(test_brute),
	cmocka_unit_test(test_known),
	cmocka_unit_test(test_normal),
	cmocka_unit_test(test_normal_stays),
)
