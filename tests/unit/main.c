/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run [--list] [PATTERN...]: run the groups whose name or a test of which matches (a shell pattern, or a part of the name).
 * Exit status 0: all held; 1: some did not; 2: no test matches.
 */
#include "tests/unit/test.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct test_group *groups; /* in order of their names */
static size_t started, finished;  /* a test that neither finished nor failed was skipped: cmocka does not tell */

void test_register(struct test_group *group)
{
	struct test_group **p = &groups;

	while (*p && strcmp((*p)->name, group->name) < 0)
		p = &(*p)->next;
	group->next = *p;
	*p = group;
}

static bool is_asked(const char *group, const char *test, int argc, char **argv)
{
	char name[256];
	int i;

	snprintf(name, sizeof(name), "%s %s", group, test);
	for (i = 1; i < argc; i++)
		if (strstr(name, argv[i]) || !fnmatch(argv[i], group, 0) || !fnmatch(argv[i], test, 0))
			return true;
	return argc == 1;
}

/* The state of a wrapped test is the test itself. */
static void run_counted(void **state)
{
	const struct CMUnitTest *test = *state;

	*state = test->initial_state;
	started++;
	test->test_func(state);
	finished++;
}

/* Returns how many failed. */
static size_t run_group(const struct test_group *g, int argc, char **argv, bool list, size_t *ran)
{
	struct CMUnitTest *asked = calloc(g->n_tests, sizeof(*asked));
	size_t i, n = 0;
	int failed = 0;

	if (!asked)
		return 1;
	for (i = 0; i < g->n_tests; i++) {
		const struct CMUnitTest *t = &g->tests[i];

		if (!is_asked(g->name, t->name, argc, argv))
			continue;
		if (list)
			printf("%s %s\n", g->name, t->name);
		asked[n] = *t;
		if (!t->setup_func && !t->teardown_func) {
			asked[n].test_func = run_counted;
			asked[n].initial_state = (void *)t;
		} else {
			started++;
			finished++;
		}
		n++;
	}
	if (n && !list)
		failed = _cmocka_run_group_tests(g->name, asked, n, NULL, NULL);
	*ran += n;
	free(asked);
	return failed < 0 ? n : (size_t)failed;
}

int main(int argc, char **argv)
{
	bool list = argc > 1 && !strcmp(argv[1], "--list");
	size_t ran = 0, failed = 0;
	const struct test_group *g;

	for (g = groups; g; g = g->next)
		failed += run_group(g, argc - list, argv + list, list, &ran);
	if (!ran) {
		fprintf(stderr, "no test matches (--list names them all)\n");
		return 2;
	}
	if (!list)
		fprintf(stderr, "%zu tests: %zu failed, %zu skipped\n", ran, failed,
			started - finished > failed ? started - finished - failed : 0);
	return failed ? 1 : 0;
}
