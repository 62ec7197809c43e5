/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * unit: how a file of unit tests enters the one runner.
 *
 *	static void test_x(void **state) { ... }
 *	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_x), ... };
 *	UNIT(conf, tests)
 *
 * `run` runs all groups, `run conf yml` those named; its exit status is 0 when no test failed.
 */
#ifndef TAKT_TESTS_UNIT_H
#define TAKT_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct unit {
	const char *name;
	const struct CMUnitTest *tests;
	size_t n;
	struct unit *next;
};

void unit_add(struct unit *u);

#define UNIT(group, table)                                                                                           \
	static struct unit unit_##group = {#group, table, sizeof(table) / sizeof((table)[0]), NULL};                 \
	static void __attribute__((constructor)) unit_enter_##group(void)                                            \
	{                                                                                                            \
		unit_add(&unit_##group);                                                                             \
	}

#endif
