/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "probes/host_wakes.h"

/* The bucket that a value belongs to, found the slow way. */
static uint32_t bucket_of(uint64_t ns)
{
	uint32_t i;

	for (i = 0; i < HOST_BUCKETS; i++)
		if (ns >= host_wakes_lower(i) && ns <= host_wakes_upper(i))
			return i;
	fail();
	return 0;
}

static void test_buckets_touch_and_are_narrow(void **state)
{
	uint32_t i;

	(void)state;
	assert_int_equal(host_wakes_lower(0), 0);
	for (i = 0; i + 1 < HOST_BUCKETS; i++) {
		assert_true(host_wakes_upper(i) + 1 == host_wakes_lower(i + 1));
		assert_true(host_wakes_upper(i) - host_wakes_lower(i) <= host_wakes_lower(i) / 8);
	}
}

static void test_quantile_is_the_upper_edge(void **state)
{
	struct host_wakes w;
	uint64_t seed = 7, value[1000], q;
	uint32_t i, k, below;

	(void)state;
	memset(&w, 0, sizeof(w));
	for (i = 0; i < 1000; i++) {
		value[i] = test_random(&seed) >> (test_random(&seed) % 60 + 2);
		w.bucket[bucket_of(value[i])]++;
	}
	for (k = 1; k <= 99; k++) {
		q = host_wakes_quantile(&w, k / 100.0);
		for (i = 0, below = 0; i < 1000; i++)
			below += value[i] <= q;
		assert_true(below >= k * 10);
		for (i = 0, below = 0; i < 1000; i++)
			below += value[i] < host_wakes_lower(bucket_of(q));
		assert_true(below < k * 10);
	}
}

static void test_too_few_are_no_quantile(void **state)
{
	struct host_wakes w;

	(void)state;
	memset(&w, 0, sizeof(w));
	assert_int_equal(host_wakes_quantile(&w, 0.5), 0);
	w.bucket[5] = 19;
	assert_int_equal(host_wakes_quantile(&w, 0.5), 0);
	w.bucket[5] = 20;
	assert_int_equal(host_wakes_quantile(&w, 0.5), 5);
	assert_int_equal(host_wakes_quantile(&w, 0.99), 0);
}

TEST_GROUP("probes/host_wakes",
	cmocka_unit_test(test_buckets_touch_and_are_narrow),
	cmocka_unit_test(test_quantile_is_the_upper_edge),
	cmocka_unit_test(test_too_few_are_no_quantile),
)
