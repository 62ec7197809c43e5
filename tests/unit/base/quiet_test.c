/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/quiet.h"

#include "tests/unit/test.h"

/* A line a second, for ever: ten in each window, of which the tenth is the last, and none is lost to the next window. */
static void test_a_line_a_second(void **state)
{
	struct quiet q = {0};
	int s, told = 0, lasts = 0;
	bool last;

	(void)state;
	for (s = 0; s < 610; s++) {
		if (!quiet_may(&q, s * INT64_C(1000000000), &last)) {
			assert_false(last);
			continue;
		}
		told++;
		lasts += last;
		assert_true(last == (told % QUIET_LINES == 0));
	}
	assert_int_equal(told, 10 * QUIET_LINES);
	assert_int_equal(lasts, 10);
}

static void test_seldom(void **state)
{
	struct quiet q = {0};
	bool last;
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		assert_true(quiet_may(&q, i * INT64_C(10000000000), &last));
		assert_false(last);
	}
	for (i = 0; i < QUIET_LINES + 5; i++)
		quiet_may(&q, 5, &last);
	assert_false(quiet_may(&q, 5, &last));
	assert_true(quiet_may(&q, 4, &last)); /* the clock went back */
}

TEST_GROUP("base/quiet",
	cmocka_unit_test(test_a_line_a_second),
	cmocka_unit_test(test_seldom),
)
