/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test: what every unit test includes. One binary, build/tests/unit/run, links them all.
 *
 * tests/unit/FOLDER/X_test.c tests FOLDER/X.c. It ends in a TEST_GROUP, which registers itself before main():
 * adding a file needs no edit anywhere else (the Makefile takes every .c of tests/unit and of its folders).
 *
 *	static void test_empty_list_is_refused(void **state) { ... assert_int_equal(...); }
 *
 *	TEST_GROUP("tsn/gcl",
 *		cmocka_unit_test(test_empty_list_is_refused),
 *	)
 *
 * Vectors are text, tests/vectors/X.vec: a row per line, words separated by blanks, '#' starts a comment. Each row names its
 * clause in a comment or a last word. A row that does not hold is reported as tests/vectors/X.vec:LINE: SENTENCE; all rows are tried.
 */
#ifndef TAKT_TESTS_UNIT_TEST_H
#define TAKT_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/why.h"

struct test_group {
	const char *name;		/* the path of what is tested, without suffix: "tsn/gcl" */
	const struct CMUnitTest *tests;
	size_t n_tests;
	struct test_group *next;
};

void test_register(struct test_group *group);

#define TEST_GROUP(group_name, ...)						\
	__attribute__((constructor)) static void register_test_group(void)	\
	{									\
		static const struct CMUnitTest tests[] = { __VA_ARGS__ };	\
		static struct test_group group = {				\
			.name = group_name, .tests = tests,			\
			.n_tests = sizeof(tests) / sizeof(tests[0]),		\
		};								\
										\
		test_register(&group);						\
	}

/* A row of vectors. Words live until the row's function returns. */
#define TEST_WORDS 160
struct test_row {
	const char *path;
	int line;
	int n;				/* words */
	char *word[TEST_WORDS];
};

/*
 * Call `row_fn` for each row of the file (path from the top of the tree). It returns 0, or fails by
 * `return why_fail(why, EINVAL, "got %d, want %d", ...)`. The running test fails when a row did, or when there is no row.
 */
void test_vectors(const char *path, int (*row_fn)(const struct test_row *row, struct why *why));

/* Word i as a whole number (decimal or 0x), or as a duration of ns_parse(). What is missing or wrong fails the test with its place. */
int64_t test_row_int(const struct test_row *row, int i);
int64_t test_row_ns(const struct test_row *row, int i);

/* What *text, a part of a word, begins with: a whole number; *text is then behind it, and behind one of , @ = /. As above. */
int64_t test_row_begin(const struct test_row *row, char **text);

/* The sentence holds all these words (NULL ends them)? A refusal is tested by what it names, not by its whole wording. */
void test_why_names(const struct why *why, ...) __attribute__((sentinel));

/* A small repeatable random generator (xorshift64*): the seed is the test's, so a failure comes again. */
static inline uint64_t test_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

#endif
