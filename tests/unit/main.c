/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run [--list] [PATTERN...]: run the unit tests whose "group/test" holds one of the patterns, or matches it as a shell
 * pattern; all without one. The last line is "N passed, N failed, N skipped"; exit status 1 when one failed, 2 when no name matches.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

static struct test_group *groups;	/* filled by constructors, sorted by name */

/* cmocka says how many failed, not how many were skipped: each test runs in a wrapper that sees whether it came to its end. */
static struct {
	const struct CMUnitTest **next;	/* the test that the coming set-up belongs to */
	const struct CMUnitTest *test;
	bool finished;
	unsigned int passed;
} running;

void test_register(struct test_group *group)
{
	struct test_group **at = &groups;

	while (*at && strcmp((*at)->name, group->name) < 0)
		at = &(*at)->next;
	group->next = *at;
	*at = group;
}

static int before(void **state)
{
	running.test = *running.next++;
	running.finished = false;
	return running.test->setup_func ? running.test->setup_func(state) : 0;
}

static void body(void **state)
{
	running.test->test_func(state);
	running.finished = true;
}

static int after(void **state)
{
	int rc = running.test->teardown_func ? running.test->teardown_func(state) : 0;

	running.passed += running.finished && !rc;
	return rc;
}

static bool wanted(const struct test_group *group, const struct CMUnitTest *test, int n, char **patterns)
{
	char name[256];
	int i;

	snprintf(name, sizeof(name), "%s/%s", group->name, test->name);
	for (i = 0; i < n; i++)
		if (strstr(name, patterns[i]) || !fnmatch(patterns[i], name, 0))
			return true;
	return n == 0;
}

struct total {
	unsigned int passed, failed, skipped;
};

static void run_group(const struct test_group *group, int n_patterns, char **patterns, bool list, struct total *total)
{
	struct CMUnitTest *wrapped = calloc(group->n_tests, sizeof(*wrapped));
	const struct CMUnitTest **tests = calloc(group->n_tests, sizeof(*tests));
	unsigned int failed = 0;
	size_t i, n = 0;

	if (!wrapped || !tests)
		abort();
	for (i = 0; i < group->n_tests; i++) {
		if (!wanted(group, &group->tests[i], n_patterns, patterns))
			continue;
		if (list)
			printf("%s/%s\n", group->name, group->tests[i].name);
		tests[n] = &group->tests[i];
		wrapped[n++] = (struct CMUnitTest){group->tests[i].name, body, before, after, group->tests[i].initial_state};
	}
	running.next = tests;
	running.passed = 0;
	if (n && !list)
		failed = (unsigned int)_cmocka_run_group_tests(group->name, wrapped, n, NULL, NULL);
	total->passed += list ? (unsigned int)n : running.passed;
	total->failed += failed;
	total->skipped += list ? 0 : (unsigned int)n - running.passed - failed;
	free(wrapped);
	free(tests);
}

int main(int argc, char **argv)
{
	bool list = argc > 1 && !strcmp(argv[1], "--list");
	struct total total = {0, 0, 0};
	const struct test_group *group;

	argc -= 1 + list;
	argv += 1 + list;
	for (group = groups; group; group = group->next)
		run_group(group, argc, argv, list, &total);
	if (!(total.passed + total.failed + total.skipped)) {
		fprintf(stderr, "run: no test matches: --list names them\n");
		return 2;
	}
	if (list)
		return 0;
	fflush(stderr);
	printf("%u passed, %u failed, %u skipped\n", total.passed, total.failed, total.skipped);
	return total.failed > 0;
}
