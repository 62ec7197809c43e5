/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "base/why.h"

static void test_sentence_and_errno(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(why_fail(&why, EINVAL, "%d entries are too many", 9), -EINVAL);
	assert_string_equal(why.text, "9 entries are too many");
	assert_int_equal(why_fail(NULL, ENOENT, "nobody reads this"), -ENOENT);
}

/* A value that is quoted in a sentence must not break the line or speak to the terminal. */
static void test_one_printable_line(void **state)
{
	struct why why;

	(void)state;
	why_fail(&why, EINVAL, "\"%s\" is wrong: \xc2\xb5s is not", "a\nb\x1b[31m\x7f");
	why_at(&why, "%s", "x\ty");
	assert_string_equal(why.text, "x y: \"a b [31m \" is wrong: \xc2\xb5s is not");
}

static void test_places_go_in_front(void **state)
{
	struct why why;

	(void)state;
	why_fail(&why, EINVAL, "is odd");
	why_at(&why, "entry %d", 3);
	why_at(&why, "%s:%d", "takt.yaml", 12);
	assert_string_equal(why.text, "takt.yaml:12: entry 3: is odd");
	why_at(NULL, "nowhere");
}

static void test_long_place_leaves_the_reason(void **state)
{
	char place[2 * WHY_LEN];
	struct why why;

	(void)state;
	memset(place, 'x', sizeof(place) - 1);
	place[sizeof(place) - 1] = '\0';
	why_fail(&why, EINVAL, "the reason");
	why_at(&why, "%s", place);
	assert_non_null(strstr(why.text, "x: the reason"));
	why_fail(&why, EINVAL, "%s", place);
	assert_int_equal(strlen(why.text), WHY_LEN - 1);
	why_at(&why, "here");
	assert_int_equal(strlen(why.text), WHY_LEN - 1);
	assert_memory_equal(why.text, "here: xxx", 9);
}

static void test_long_sentence_ends_at_a_word(void **state)
{
	char words[2 * WHY_LEN];
	struct why why;
	size_t i, n;

	(void)state;
	for (i = 0; i + 1 < sizeof(words); i++)
		words[i] = i % 7 == 6 ? ' ' : 'x';
	words[i] = '\0';
	why_fail(&why, EINVAL, "%s", words);
	n = strlen(why.text);
	assert_in_range(n, WHY_LEN - 12, WHY_LEN - 1);
	assert_string_equal(why.text + n - 10, "xxxxxx ...");
	why_at(&why, "here");
	n = strlen(why.text);
	assert_in_range(n, WHY_LEN - 12, WHY_LEN - 1);
	assert_string_equal(why.text + n - 10, "xxxxxx ...");
	words[WHY_LEN - 1] = '\0';
	why_fail(&why, EINVAL, "%s", words);	/* just fits */
	assert_string_equal(why.text, words);
}

TEST_GROUP("base/why",
	cmocka_unit_test(test_sentence_and_errno),
	cmocka_unit_test(test_one_printable_line),
	cmocka_unit_test(test_places_go_in_front),
	cmocka_unit_test(test_long_place_leaves_the_reason),
	cmocka_unit_test(test_long_sentence_ends_at_a_word),
)
