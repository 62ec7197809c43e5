/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "base/cpu_list.h"

static const char *again(const char *text)
{
	static char buf[CPU_LIST_STR_LEN];
	struct cpu_list l;
	struct why why;

	assert_int_equal(cpu_list_parse(&l, text, &why), 0);
	return cpu_list_str(buf, &l);
}

static void test_there_and_back(void **state)
{
	(void)state;
	assert_string_equal(again("0"), "0");
	assert_string_equal(again("0,2-3"), "0,2-3");
	assert_string_equal(again("3,2,0"), "0,2-3");
	assert_string_equal(again("0-1,1-4,1023"), "0-4,1023");
	assert_string_equal(again("63-64"), "63-64");
	assert_string_equal(again("0-1023"), "0-1023");
}

static void test_refused(void **state)
{
	static const char *const no[] = {"", ",", "1,", ",1", "1-", "-1", "3-2", "1024", "0-1024", "a", "1 ", " 1", "+1", "1--2",
					 "99999999999999999999", "0x1", "1;2"};
	struct cpu_list l;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_int_equal(cpu_list_parse(&l, no[i], &why), -EINVAL);
		assert_non_null(strstr(why.text, "write it as"));
	}
}

static void test_the_kernels(void **state)
{
	char buf[CPU_LIST_STR_LEN];
	struct cpu_list l;

	(void)state;
	assert_int_equal(cpu_list_read(&l, "\n"), 0);
	assert_true(cpu_list_empty(&l));
	assert_int_equal(cpu_list_read(&l, ""), 0);
	assert_int_equal(cpu_list_read(&l, "\t0-1,3\n"), 0);
	assert_string_equal(cpu_list_str(buf, &l), "0-1,3");
	assert_int_equal(cpu_list_read(&l, "(null)\n"), -EINVAL);
}

static void test_sets(void **state)
{
	char buf[CPU_LIST_STR_LEN];
	struct cpu_list a, b, c;

	(void)state;
	cpu_list_read(&a, "0-70");
	cpu_list_read(&b, "1,69-80");
	c = cpu_list_and(a, &b);
	assert_string_equal(cpu_list_str(buf, &c), "1,69-70");
	c = cpu_list_or(a, &b);
	assert_string_equal(cpu_list_str(buf, &c), "0-80");
	c = cpu_list_without(a, &b);
	assert_string_equal(cpu_list_str(buf, &c), "0,2-68");
	assert_false(cpu_list_has(&a, -1));
	assert_false(cpu_list_has(&a, 71));
	assert_false(cpu_list_has(&a, CPU_LIST_MAX));
	assert_true(cpu_list_has(&a, 64));
}

/* Every other CPU: longer than any buffer. */
static void test_too_many_to_print(void **state)
{
	char buf[CPU_LIST_STR_LEN];
	struct cpu_list l = {{0}};
	int i;

	(void)state;
	for (i = 0; i < CPU_LIST_MAX; i += 2)
		cpu_list_add(&l, i);
	cpu_list_str(buf, &l);
	assert_true(strlen(buf) < CPU_LIST_STR_LEN);
	assert_string_equal(buf + strlen(buf) - 3, "...");
}

TEST_GROUP("base/cpu_list",
	cmocka_unit_test(test_there_and_back),
	cmocka_unit_test(test_refused),
	cmocka_unit_test(test_the_kernels),
	cmocka_unit_test(test_sets),
	cmocka_unit_test(test_too_many_to_print),
)
