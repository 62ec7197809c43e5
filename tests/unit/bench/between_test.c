/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "bench/between.h"
#include "bench/chance.h"

#define SAMPLES 400
#define TRIALS	1000

static double normal(struct chance_draw *d)
{
	return sqrt(-2 * log(chance_draw_unit(d))) * cos(2 * M_PI * chance_draw_unit(d));
}

/* Repetitions that lie apart by a factor, of samples that depend on each other: in how many of 1000 do the bounds hold the median of a usual run? */
static int held(size_t reps, bool widened)
{
	struct chance_draw d = {reps};
	int64_t v[10 * SAMPLES];
	int t, n = 0;

	for (t = 0; t < TRIALS; t++) {
		struct between b = {0};
		struct quant q;
		size_t r, i;

		for (r = 0; r < reps; r++) {
			double lies = 0.1 * normal(&d), drift = normal(&d);

			for (i = 0; i < SAMPLES; i++) {
				drift = 0.9 * drift + 0.436 * normal(&d);
				v[r * SAMPLES + i] = (int64_t)(20000 * exp(lies + 0.3 * drift));
			}
			quant_sort(v + r * SAMPLES, SAMPLES);
			between_add(&b, v + r * SAMPLES, SAMPLES, 0.95);
		}
		quant_sort(v, reps * SAMPLES);
		assert_int_equal(quant_find(&q, v, reps * SAMPLES, 0.5, 0.95, NULL), 0);
		if (widened)
			assert_true(between_widen(&b, &q, QUANT_P50, 0.95));
		n += q.lower_ns <= 20000 && 20000 <= q.upper_ns;
	}
	return n;
}

static void test_coverage(void **state)
{
	size_t reps;

	(void)state;
	for (reps = 2; reps <= 10; reps += reps < 3 ? 1 : 7)
		assert_in_range(held(reps, true), TRIALS * (0.95 - 3 * 0.0069), TRIALS);
	assert_true(held(3, false) < TRIALS / 2);	/* the reason for all this */
}

static void test_numbers(void **state)
{
	int64_t a[6] = {1000, 1000, 1000, 1000, 1000, 1000}, c[6], all[12];
	struct between b = {0};
	struct quant q, was;
	double far;
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		c[i] = 1100;
		all[i] = a[i];
		all[i + 6] = c[i];
	}
	assert_int_equal(quant_find(&q, all, 12, 0.5, 0.95, NULL), 0);
	was = q;
	assert_false(between_widen(&b, &q, QUANT_P50, 0.95));
	between_add(&b, a, 6, 0.95);
	assert_false(between_widen(&b, &q, QUANT_P50, 0.95));
	between_add(&b, c, 6, 0.95);
	assert_false(between_widen(&b, &q, QUANT_P99, 0.95));	/* neither tells it */
	assert_memory_equal(&q, &was, sizeof(q));
	assert_true(between_widen(&b, &q, QUANT_P50, 0.95));
	far = 12.7062047 * log(1.1) / 2;	/* of two values the error of the mean is half of what they differ by */
	assert_in_range(q.lower_ns, sqrt(1.1e6) * exp(-far) - 2, sqrt(1.1e6) * exp(-far) + 2);
	assert_in_range(q.upper_ns, sqrt(1.1e6) * exp(far) - 2, sqrt(1.1e6) * exp(far) + 2);
	between_add(&b, c, 5, 0.95);	/* one that cannot tell it: none does */
	assert_false(between_widen(&b, &q, QUANT_P50, 0.95));
	memset(&b, 0, sizeof(b));
	memset(a, 0, sizeof(a));
	between_add(&b, a, 6, 0.95);
	between_add(&b, a, 6, 0.95);
	assert_false(between_widen(&b, &q, QUANT_P50, 0.95));	/* of 0 there is no logarithm */
}

TEST_GROUP("bench/between",
	cmocka_unit_test(test_numbers),
	cmocka_unit_test(test_coverage),
)
