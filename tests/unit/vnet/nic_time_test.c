/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/nic_time.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/unit/test.h"

#define T0 INT64_C(1767225637000000000)

/* Pairs as NICs with clocks of these rates would give them, 100 ms apart. */
static void test_rates(void **state)
{
	static const uint64_t hz[] = {1000000, 125000000, 312500000, 1000000000, 3000000000};
	struct nic_time n;
	size_t i;
	int64_t ms;

	(void)state;
	for (i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
		struct nic_time_pair a = {T0, 77}, b = {T0 + 100000000, 77 + hz[i] / 10};

		assert_int_equal(nic_time_learn(&n, &a, &b, NULL), 0);
		assert_true(nic_time_count(&n, b.t) == b.count);
		for (ms = -100; ms <= 2000; ms += 7) {
			int64_t want = (int64_t)b.count + ms * (int64_t)(hz[i] / 1000);

			/* 2 s at a rate that is known to 2^-32 counts per ns */
			assert_true(llabs((int64_t)nic_time_count(&n, b.t + ms * 1000000) - want) <= 2);
		}
	}
}

static void test_wraps(void **state)
{
	struct nic_time_pair a = {T0, UINT64_MAX - 50000000}, b = {T0 + 100000000, 49999999};
	struct nic_time n;

	(void)state;
	assert_int_equal(nic_time_learn(&n, &a, &b, NULL), 0);
	assert_true(nic_time_count(&n, T0 + 200000000) == 149999999);
	assert_true(nic_time_count(&n, T0) == UINT64_MAX - 50000000);
}

static void test_refusals(void **state)
{
	struct nic_time_pair a = {T0, 1000000}, b = {T0 + 100000000, 101000000}, close = {T0 + 9999999, 11000000};
	struct nic_time_pair still = {T0 + 100000000, 1000000}, back = {T0 + 100000000, 999999}, fast = {T0 + 100000000, 1101000001};
	struct nic_time_pair steady = {T0 + 200000000, 201040000}, stepped = {T0 + 200000000, 201060000};
	struct nic_time n, m;

	(void)state;
	assert_int_equal(nic_time_learn(&n, &a, &b, NULL), 0);
	assert_int_equal(nic_time_learn(&m, &a, &close, NULL), -EAGAIN);
	assert_int_equal(nic_time_learn(&m, &b, &a, NULL), -ERANGE);
	assert_int_equal(nic_time_learn(&m, &a, &still, NULL), -ERANGE);
	assert_int_equal(nic_time_learn(&m, &a, &back, NULL), -ERANGE);
	assert_int_equal(nic_time_learn(&m, &a, &fast, NULL), -ERANGE);
	assert_int_equal(nic_time_learn(&m, &b, &steady, &n), 0);
	assert_int_equal(nic_time_learn(&m, &b, &stepped, &n), -ERANGE);
}

TEST_GROUP("vnet/nic_time",
	cmocka_unit_test(test_rates),
	cmocka_unit_test(test_wraps),
	cmocka_unit_test(test_refusals),
)
