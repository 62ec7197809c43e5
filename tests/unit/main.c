/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static struct unit *units; /* in order of their names */

void unit_add(struct unit *u)
{
	struct unit **p = &units;

	while (*p && strcmp((*p)->name, u->name) < 0)
		p = &(*p)->next;
	u->next = *p;
	*p = u;
}

static bool is_named(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	int failed = 0, groups = 0;
	struct unit *u;

	for (u = units; u; u = u->next) {
		if (!is_named(u->name, argc, argv))
			continue;
		groups++;
		failed += _cmocka_run_group_tests(u->name, u->tests, u->n, NULL, NULL);
	}
	if (!groups)
		fprintf(stderr, "no group has that name\n");
	return failed || !groups;
}
