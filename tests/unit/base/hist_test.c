/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "base/hist.h"

#define N 10000

static void test_buckets_tile_the_line(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < HIST_BUCKETS; i++) {
		assert_int_equal(hist_index(hist_lower(i)), i);
		assert_int_equal(hist_index(hist_upper(i)), i);
		assert_true(hist_lower(i) == (i ? hist_upper(i - 1) + 1 : 0));
		assert_true(i < 128 ? hist_upper(i) == i : (hist_upper(i) - hist_lower(i) + 1) * 64 <= hist_lower(i));
	}
	assert_true(hist_upper(HIST_BUCKETS - 1) == INT64_MAX);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The definition, on the sorted values: the smallest v with at least q * n of them <= v. Index by integers: q is per 100,000. */
static int64_t exact(const int64_t *sorted, uint64_t n, uint64_t per_100k)
{
	uint64_t rank = (n * per_100k + 99999) / 100000;

	return sorted[rank ? rank - 1 : 0];
}

static void check_quantiles(const struct hist *h, int64_t *values, uint64_t n)
{
	static const uint64_t quantiles[] = {0, 1, 1000, 50000, 90000, 99000, 99900, 99990, 99999, 100000};
	int64_t want, got;
	size_t i;

	qsort(values, n, sizeof(*values), compare);
	for (i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		want = hist_upper(hist_index(exact(values, n, quantiles[i])));
		want = want > h->max ? h->max : want;
		got = hist_quantile(h, (double)quantiles[i] / 1e5);
		if (got != want)
			fail_msg("n %lu quantile %lu: got %ld, want %ld", n, quantiles[i], got, want);
	}
}

static void test_quantiles_against_sorted_values(void **state)
{
	static const uint64_t sizes[] = {1, 2, 3, 10, 99, 100, 101, 1000, N};
	struct hist *h = malloc(sizeof(*h));
	int64_t *values = calloc(N, sizeof(*values));
	uint64_t seed = 42, i;
	double sum;
	size_t s;

	(void)state;
	assert_non_null(h);
	assert_non_null(values);
	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		hist_init(h);
		for (sum = 0, i = 0; i < sizes[s]; i++) {
			values[i] = (int64_t)(test_random(&seed) >> (20 + test_random(&seed) % 44));
			sum += (double)values[i];
			hist_add(h, values[i]);
		}
		assert_true(h->sum == sum);
		check_quantiles(h, values, sizes[s]);
		assert_int_equal(h->count, sizes[s]);
		assert_true(h->min == values[0] && h->max == values[sizes[s] - 1]);
	}
	free(values);
	free(h);
}

static void test_extremes(void **state)
{
	struct hist *h = malloc(sizeof(*h));

	(void)state;
	assert_non_null(h);
	hist_init(h);
	assert_int_equal(hist_quantile(h, 0.5), 0);
	assert_false(hist_knows(h, 0));
	hist_add(h, -1);
	hist_add(h, INT64_MIN);
	assert_int_equal(h->negative, 2);
	assert_int_equal(h->count, 0);
	assert_int_equal(h->min, 0);
	hist_add(h, INT64_MAX);
	assert_true(h->min == INT64_MAX && h->max == INT64_MAX);
	assert_true(hist_quantile(h, 0) == INT64_MAX && hist_quantile(h, 1) == INT64_MAX);
	hist_add(h, 0);
	assert_true(h->min == 0 && hist_quantile(h, 0.5) == 0 && hist_quantile(h, 0.51) == INT64_MAX);
	free(h);
}

/* Fractions that a double overstates: 0.07 * 100 comes out above 7. */
static void test_rank_is_not_rounded_up(void **state)
{
	struct hist *h = malloc(sizeof(*h));
	int i;

	(void)state;
	assert_non_null(h);
	hist_init(h);
	for (i = 1; i <= 100; i++)
		hist_add(h, i);
	for (i = 1; i <= 100; i++)
		assert_int_equal(hist_quantile(h, i / 100.0), i);
	free(h);
}

static void test_merge_is_adding(void **state)
{
	struct hist *h = calloc(4, sizeof(*h)), *all = &h[3];
	uint64_t seed = 7;
	int64_t v;
	int i;

	(void)state;
	assert_non_null(h);
	for (i = 0; i < 5000; i++) {
		v = (int64_t)(test_random(&seed) % 100000) - 10;
		hist_add(&h[i % 2], v);
		hist_add(all, v);
	}
	hist_merge(&h[2], &h[0]);
	hist_merge(&h[2], &h[1]);
	assert_memory_equal(&h[2], all, sizeof(*all));
	hist_init(&h[0]);
	hist_merge(&h[2], &h[0]);
	assert_memory_equal(&h[2], all, sizeof(*all));
	free(h);
}

static void test_knows_wants_ten_above(void **state)
{
	struct hist *h = malloc(sizeof(*h));
	int i;

	(void)state;
	assert_non_null(h);
	hist_init(h);
	for (i = 0; i < N - 1; i++)
		hist_add(h, i);
	assert_false(hist_knows(h, 0.999));
	hist_add(h, i);
	assert_true(hist_knows(h, 0.999));
	assert_false(hist_knows(h, 0.9999));
	assert_true(hist_knows(h, 0.5));
	assert_false(hist_knows(h, 1));
	free(h);
}

TEST_GROUP("base/hist",
	cmocka_unit_test(test_buckets_tile_the_line),
	cmocka_unit_test(test_quantiles_against_sorted_values),
	cmocka_unit_test(test_extremes),
	cmocka_unit_test(test_rank_is_not_rounded_up),
	cmocka_unit_test(test_merge_is_adding),
	cmocka_unit_test(test_knows_wants_ten_above),
)
