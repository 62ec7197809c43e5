/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include "base/ns.h"
#include "bench/timeline.h"

#define LIMIT 100000

/* Class 7 for 100 ns, class 0 for 300, both for 100; then, from 10,000 on, class 0 alone for 50 of 200 ns. */
static const struct timeline_plan plans[] = {
	{.list = {.cycle_ns = 500, .n = 3, .entry = {{0x80, 100}, {0x01, 300}, {0x81, 100}}}, .generation = 1},
	{.list = {.t_base = 10030, .cycle_ns = 200, .n = 2, .entry = {{0x01, 50}, {0x00, 150}}},
	 .t_change = 10030,
	 .t_asked = 9000,
	 .t_known = 9500,
	 .generation = 2},
};
static const struct timeline tl = {.plan = plans, .n = 2};

static void test_gates(void **state)
{
	(void)state;
	assert_true(timeline_open(&tl, 2, 7, 1000));
	assert_true(timeline_open(&tl, 2, 7, 1099));
	assert_false(timeline_open(&tl, 2, 7, 1100));
	assert_false(timeline_open(&tl, 2, 0, 1099));
	assert_true(timeline_open(&tl, 2, 0, 1100));
	assert_true(timeline_open(&tl, 2, 7, 1400));
	assert_false(timeline_open(&tl, 2, 7, 10030));
	assert_true(timeline_open(&tl, 1, 7, 10030)); /* who does not know of the second plan */
}

static void test_windows_run_over_entries_cycles_and_plans(void **state)
{
	(void)state;
	assert_int_equal(timeline_close(&tl, 2, 7, 1450, LIMIT), 1600);
	assert_int_equal(timeline_begin(&tl, 2, 7, 1550, LIMIT), 1400);
	assert_int_equal(timeline_close(&tl, 2, 0, 1100, LIMIT), 1500);
	assert_int_equal(timeline_begin(&tl, 2, 0, 1450, LIMIT), 1100);
	assert_int_equal(timeline_close(&tl, 2, 7, 1100, LIMIT), 1100);
	assert_int_equal(timeline_begin(&tl, 2, 7, 1100, LIMIT), NS_NEVER);
	assert_int_equal(timeline_close(&tl, 2, 7, 10000, LIMIT), 10030);
	assert_int_equal(timeline_close(&tl, 1, 7, 10000, LIMIT), 10100);
	assert_int_equal(timeline_close(&tl, 2, 0, 10040, LIMIT), 10080);
	assert_int_equal(timeline_begin(&tl, 2, 0, 10040, LIMIT), 10030);
}

static void test_known(void **state)
{
	size_t sure;

	(void)state;
	assert_int_equal(timeline_known(&tl, 8999, &sure), 1);
	assert_int_equal(timeline_known(&tl, 9000, &sure), 2);
	assert_int_equal(sure, 1);
	assert_int_equal(timeline_known(&tl, 9500, &sure), 2);
	assert_int_equal(sure, 2);
}

static void test_change_time(void **state)
{
	struct timeline_list list = {.t_base = 1000, .cycle_ns = 300};

	(void)state;
	assert_int_equal(timeline_change_time(&list, 900), 1000);
	assert_int_equal(timeline_change_time(&list, 1000), 1000);
	assert_int_equal(timeline_change_time(&list, 1001), 1300);
	assert_int_equal(timeline_change_time(&list, 1300), 1300);
}

TEST_GROUP("bench/timeline",
	cmocka_unit_test(test_gates),
	cmocka_unit_test(test_windows_run_over_entries_cycles_and_plans),
	cmocka_unit_test(test_known),
	cmocka_unit_test(test_change_time),
)
