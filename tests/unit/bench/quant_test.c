/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/chance.h"
#include "bench/quant.h"

/* Distributions by the inverse of their function, so that their quantiles are known. */
static double uniform(double u) { return 1e6 * u; }
static double exponential(double u) { return -1e5 * log1p(-u); }
static double bimodal(double u) { return u < 0.9 ? 1000 + 100 * u : 50000 + 100 * u; }
static double coarse(double u) { return 1000 * floor(10 * u); }	/* ten values: ties everywhere */

static double lognormal(double u)	/* the normal's inverse, by halving: slow and sure */
{
	double low = -9, high = 9;

	while (high - low > 1e-9) {
		double middle = (low + high) / 2;

		if (0.5 * erfc(-middle / M_SQRT2) < u)
			low = middle;
		else
			high = middle;
	}
	return 20000 * exp(low);
}

static const struct law { const char *name; double (*at)(double u); } laws[] = {
	{"uniform", uniform}, {"exponential", exponential}, {"bimodal", bimodal}, {"coarse", coarse}, {"lognormal", lognormal},
};
#define LAWS (sizeof(laws) / sizeof(laws[0]))

/* n samples that lie exactly at the middles of n equal parts: each quantile is exact, whatever the order they come in. */
static void test_exact(void **state)
{
	enum { N = 400000 };
	int64_t *v = calloc(N, sizeof(*v));
	size_t i, j;

	(void)state;
	assert_non_null(v);
	for (j = 0; j < LAWS; j++) {
		struct quant q[QUANT_STEPS];

		for (i = 0; i < N; i++)
			v[i * 7919 % N] = (int64_t)floor(laws[j].at(((double)i + 0.5) / N));
		quant_sort(v, N);
		quant_ladder(q, v, N, 0.95);
		for (i = 0; i < QUANT_STEPS; i++) {
			double rank = ceil(N * quant_steps[i].p - 1e-4);

			assert_true(q[i].known);
			assert_int_equal(q[i].ns, (int64_t)floor(laws[j].at((rank - 0.5) / N)));
			assert_true(q[i].lower_ns <= q[i].ns && q[i].ns <= q[i].upper_ns);
		}
	}
	free(v);
}

static void test_rank(void **state)
{
	(void)state;
	assert_int_equal(quant_rank(0, 0.5), 0);
	assert_int_equal(quant_rank(1, 0.99999), 1);
	assert_int_equal(quant_rank(2, 0.5), 1);
	assert_int_equal(quant_rank(3, 0.5), 2);
	assert_int_equal(quant_rank(10, 0), 1);
	assert_int_equal(quant_rank(10, 1), 10);
	assert_int_equal(quant_rank(1000, 0.999), 999);
	assert_int_equal(quant_rank(1001, 0.999), 1000);
	assert_int_equal(quant_rank(100000, 0.99999), 99999);
	assert_int_equal(quant_rank(100000000, 0.99999), 99999000);
}

static void test_refused(void **state)
{
	int64_t v[400];
	struct why why = {""};
	struct quant q;
	size_t i, l, u;

	(void)state;
	for (i = 0; i < 400; i++)
		v[i] = (int64_t)i;
	assert_int_equal(quant_find(&q, v, 400, 0.999, 0.95, &why), -ENODATA);
	assert_string_equal(why.text, "p99.9 takes 3,688 samples, there are 400");
	assert_false(q.known);
	assert_true(q.ns == 0 && q.lower_ns == 0 && q.upper_ns == 0);
	assert_int_equal(quant_find(&q, NULL, 0, 0.5, 0.95, &why), -ENODATA);
	assert_string_equal(why.text, "p50 takes 6 samples, there are 0");
	assert_int_equal(quant_find(&q, v, 1, 0.5, 0.95, &why), -ENODATA);
	assert_int_equal(quant_needs(0.99999, 0.95), 368887);
	assert_int_equal(quant_find(&q, v, 400, 0.99999, 0.95, &why), -ENODATA);
	assert_string_equal(why.text, "p99.999 takes 368,887 samples, there are 400");
	for (i = 0; i < QUANT_STEPS; i++) {
		size_t n = quant_needs(quant_steps[i].p, 0.95);

		assert_true(quant_ranks(n, quant_steps[i].p, 0.95, &l, &u));
		assert_int_equal(u, n);
		assert_false(quant_ranks(n - 1, quant_steps[i].p, 0.95, &l, &u));
	}
	assert_true(quant_ranks(quant_needs(0.01, 0.95), 0.01, 0.95, &l, &u) && l == 1);
}

/* The ranks leave no more than they may, and the next narrower ones would: exactly, and for every n. */
static void test_ranks_are_tight(void **state)
{
	size_t i, n, l, u;

	(void)state;
	for (i = 0; i < 4; i++)
		for (n = quant_needs(quant_steps[i].p, 0.95); n < 6000; n += 1 + n / 20) {
			double p = quant_steps[i].p;

			assert_true(quant_ranks(n, p, 0.95, &l, &u));
			assert_true(l >= 1 && l <= quant_rank(n, p) && quant_rank(n, p) <= u && u <= n);
			assert_true(chance_at_most(l - 1, n, p) <= 0.025 && chance_at_most(l, n, p) > 0.025);
			assert_true(chance_at_least(u, n, p) <= 0.025 && chance_at_least(u - 1, n, p) > 0.025);
		}
	/* from a printed table: the median of 10 lies between the 2nd and the 9th (97.9 %), of 20 between the 6th and the 15th (95.9 %) */
	assert_true(quant_ranks(10, 0.5, 0.95, &l, &u) && l == 2 && u == 9);
	assert_true(quant_ranks(20, 0.5, 0.95, &l, &u) && l == 6 && u == 15);
}

/* How often do the bounds hold what they should? At least as often as they say, and for a law without ties not much more often. */
static void cover(const struct law *law, size_t n, double p, int trials, bool ties)
{
	int64_t v[1200], truth = (int64_t)floor(law->at(p));
	struct chance_draw d = {n * 31 + (uint64_t)(p * 1000)};
	size_t i, l, u, b;
	double exact, sigma;
	int t, held = 0;

	for (t = 0; t < trials; t++) {
		struct quant q;

		for (i = 0; i < n; i++)
			v[i] = (int64_t)floor(law->at(chance_draw_unit(&d)));
		quant_sort(v, n);
		assert_int_equal(quant_find(&q, v, n, p, 0.95, NULL), 0);
		held += q.lower_ns <= truth && truth <= q.upper_ns;
	}
	assert_true(quant_ranks(n, p, 0.95, &l, &u));
	b = u - 1;
	exact = chance_at_most(b, n, p) - chance_at_most(l - 1, n, p);
	sigma = sqrt(exact * (1 - exact) / trials);
	if (held < trials * (0.95 - 3 * sigma) || (!ties && fabs((double)held / trials - exact) > 4 * sigma))
		fail_msg("%s, n %zu, p %g: held in %.4f, nominal 0.95, exact %.4f", law->name, n, p, (double)held / trials, exact);
}

static void test_coverage(void **state)
{
	(void)state;
	cover(&laws[0], 6, 0.5, 20000, false);
	cover(&laws[0], 37, 0.5, 20000, false);
	cover(&laws[1], 100, 0.9, 20000, false);
	cover(&laws[0], 368, 0.99, 20000, false);
	cover(&laws[1], 1200, 0.99, 4000, false);
	cover(&laws[2], 101, 0.9, 20000, true);
	cover(&laws[3], 100, 0.5, 20000, true);
	cover(&laws[4], 50, 0.5, 4000, false);
}

static void test_sums(void **state)
{
	int64_t v[] = {700, 100, 400, 100, 1200}, same[] = {5, 5, 5}, far[] = {INT64_MIN, INT64_MAX}, out[5];
	uint32_t seqid[] = {1, 2, 4, 5, 6};
	struct quant_sum s;

	(void)state;
	quant_sum(&s, v, 5);
	assert_true(s.n == 5 && s.min == 100 && s.max == 1200 && s.peak_to_peak == 1100);
	assert_true(fabs(s.mean - 500) < 1e-9 && fabs(s.sd - sqrt(860000. / 4)) < 1e-9);
	quant_sum(&s, same, 3);
	assert_true(s.sd == 0 && s.mean == 5 && s.peak_to_peak == 0);
	quant_sum(&s, v, 1);
	assert_true(s.sd == 0 && s.min == 700 && s.max == 700);
	quant_sum(&s, NULL, 0);
	assert_true(s.n == 0 && s.min == 0 && s.max == 0 && s.sd == 0);
	quant_sum(&s, far, 2);
	assert_int_equal(s.peak_to_peak, INT64_MAX);

	assert_int_equal(quant_ipdv(out, v, NULL, 5), 4);
	assert_true(out[0] == -600 && out[1] == 300 && out[2] == -300 && out[3] == 1100);
	assert_int_equal(quant_ipdv(out, v, seqid, 5), 3);	/* 3 never came: 2 and 4 are no neighbours */
	assert_true(out[0] == -600 && out[1] == -300 && out[2] == 1100);
	assert_int_equal(quant_ipdv(out, v, NULL, 1), 0);
	assert_int_equal(quant_ipdv(out, v, NULL, 0), 0);
	quant_pdv(out, v, 5);
	assert_true(out[0] == 600 && out[1] == 0 && out[2] == 300 && out[3] == 0 && out[4] == 1100);
	quant_pdv(v, v, 5);
	assert_memory_equal(v, out, sizeof(v));
	quant_pdv(out, NULL, 0);
}

/* A constant, and ties: bounds are the value itself. */
static void test_constant(void **state)
{
	int64_t v[1000];
	struct quant q;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		v[i] = -42;
	assert_int_equal(quant_find(&q, v, 1000, 0.99, 0.95, NULL), 0);
	assert_true(q.ns == -42 && q.lower_ns == -42 && q.upper_ns == -42);
}

static void test_share(void **state)
{
	static const struct { uint64_t k, n; double lower, upper; } rows[] = {	/* 1 - (1/40)^(1/n) where nobody did: the rule of three, exactly */
		{0, 10, 0, 0.3084971}, {10, 10, 0.6915029, 1}, {1, 10, 0.0025286, 0.4450161}, {5, 10, 0.1870860, 0.8129140},
		{0, 4000, 0, 0.00092179}, {0, 0, 0, 1},
	};
	struct chance_draw d = {99};
	struct quant_share s;
	int t, held = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		quant_share(&s, rows[i].k, rows[i].n, 0.95);
		assert_true(fabs(s.lower - rows[i].lower) < 1e-6);
		assert_true(fabs(s.upper - rows[i].upper) < 1e-6);
		assert_true(s.lower <= s.share && s.share <= s.upper);
	}
	for (t = 0; t < 5000; t++) {	/* of 500 frames one in a hundred is late: do the bounds hold that? */
		uint64_t k = 0;
		int j;

		for (j = 0; j < 500; j++)
			k += chance_draw_unit(&d) < 0.01;
		quant_share(&s, k, 500, 0.95);
		held += s.lower <= 0.01 && 0.01 <= s.upper;
	}
	assert_true(held >= 5000 * (0.95 - 3 * 0.0031));
	assert_true(held <= 5000 * 0.99);
}

TEST_GROUP("bench/quant",
	cmocka_unit_test(test_exact),
	cmocka_unit_test(test_rank),
	cmocka_unit_test(test_refused),
	cmocka_unit_test(test_ranks_are_tight),
	cmocka_unit_test(test_coverage),
	cmocka_unit_test(test_sums),
	cmocka_unit_test(test_constant),
	cmocka_unit_test(test_share),
)
