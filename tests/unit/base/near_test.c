/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "base/near.h"

static const char *nearest(const char *word)
{
	static const char *const names[] = {"show", "path", "gate", "dump", "send", "recv", "capture", "bench", "vm"};
	struct near n;
	size_t i;

	near_init(&n, word);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		near_try(&n, names[i]);
	return n.best;
}

static void test_typing_slips(void **state)
{
	(void)state;
	assert_string_equal(nearest("gat"), "gate");
	assert_string_equal(nearest("gaet"), "gate");
	assert_string_equal(nearest("shwo"), "show");
	assert_string_equal(nearest("recev"), "recv");
	assert_string_equal(nearest("cap"), "capture");
	assert_string_equal(nearest("captuer"), "capture");
	assert_string_equal(nearest("v"), "vm");
}

static void test_strangers_are_not_near(void **state)
{
	char longest[200];

	(void)state;
	assert_null(nearest(""));
	assert_null(nearest("xyz"));
	assert_null(nearest("configuration"));
	memset(longest, 'g', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(nearest(longest));
}

TEST_GROUP("base/near",
	cmocka_unit_test(test_typing_slips),
	cmocka_unit_test(test_strangers_are_not_near),
)
