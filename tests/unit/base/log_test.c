/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tests/unit/base/caught.h"

static struct caught said;

/* The log is the process's: leave it as the other tests expect it. */
static int restore(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_init("takt", LOG_INFO);
	return 0;
}

static void test_levels(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	caught_open(&said);
	log_init("t", LOG_WARN);
	log_error("one %d", 1);
	log_warn("two");
	log_info("three");
	log_init("t", LOG_DEBUG);
	log_info("four");
	log_debug("five");
	caught_close(&said);
	assert_string_equal(said.err, "t: one 1\nt: warning: two\nt: four\nt: debug: five\n");
	assert_string_equal(said.out, "");
}

static void test_journal_prefix(void **state)
{
	(void)state;
	caught_open(&said);
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_init("t", LOG_DEBUG);
	log_error("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
	caught_close(&said);
	assert_string_equal(said.err, "<3>t: e\n<4>t: warning: w\n<6>t: i\n<7>t: debug: d\n");
}

static void test_long_lines_are_cut_to_a_line(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	caught_open(&said);
	log_init("t", LOG_INFO);
	log_warn("%s", text);
	log_info("next");
	caught_close(&said);
	assert_non_null(strstr(said.err, "x\nt: next\n"));
	assert_true(strlen(said.err) > 1000 && strlen(said.err) < 1100);
}

TEST_GROUP("base/log",
	cmocka_unit_test_teardown(test_levels, restore),
	cmocka_unit_test_teardown(test_journal_prefix, restore),
	cmocka_unit_test_teardown(test_long_lines_are_cut_to_a_line, restore),
)
