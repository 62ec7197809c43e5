/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <inttypes.h>

#include "tsn/recip.h"

static void same(int64_t n, int64_t d)
{
	struct recip r;

	recip_init(&r, d);
	if (recip_div(&r, n) != n / d)
		fail_msg("%" PRId64 " / %" PRId64 " is %" PRId64 ", not %" PRId64, n, d, n / d, recip_div(&r, n));
}

/* Every divisor of a few bits, and each power of two with its neighbours, against dividends at the edge of each quotient. */
static void test_edges(void **state)
{
	int64_t d, q;
	int bit, near;

	(void)state;
	for (d = 1; d <= 2000; d++)
		for (q = 0; q < 50; q++) {
			same(q * d, d);
			same(q * d + d - 1, d);
		}
	for (bit = 0; bit <= 62; bit++)
		for (near = -1; near <= 1; near++) {
			d = (INT64_C(1) << bit) + near;
			if (d < 1 || d > RECIP_MAX_D)
				continue;
			same(0, d);
			same(d - 1, d);
			same(RECIP_MAX_N - 1, d);
			same((RECIP_MAX_N - 1) / d * d, d);
			same((RECIP_MAX_N - 1) / d * d - 1 + (d == RECIP_MAX_D), d);
			if (d < RECIP_MAX_N)
				same(d, d);
		}
}

static void test_random_divisors(void **state)
{
	uint64_t seed = 7;
	int i;

	(void)state;
	for (i = 0; i < 300000; i++) {
		int64_t d = (int64_t)(test_random(&seed) >> (2 + test_random(&seed) % 61)) + 1;
		int64_t n = (int64_t)(test_random(&seed) >> (2 + test_random(&seed) % 61));
		int64_t q = (RECIP_MAX_N - 1) / d, any;

		same(n, d);
		any = (int64_t)(test_random(&seed) >> 2);
		q = q ? any % q + 1 : 0;
		same(q * d, d);
		same(q * d - (q > 0), d);
	}
}

TEST_GROUP("tsn/recip",
	cmocka_unit_test(test_edges),
	cmocka_unit_test(test_random_divisors),
)
