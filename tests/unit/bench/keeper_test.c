/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdio.h>

#include "bench/keeper.h"

/* Who looks which processes there are finds it under its own name from the start, not as another copy of ours. */
static void test_has_its_name_at_once(void **state)
{
	char path[64], name[32] = "";
	struct keeper k;
	struct why why;
	FILE *f;

	(void)state;
	assert_int_equal(keeper_start(&k, &why), 0);
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)k.pid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(name, sizeof(name), f));
	fclose(f);
	keeper_end(&k);
	assert_string_equal(name, "takt-keeper\n");
}

TEST_GROUP("bench/keeper",
	cmocka_unit_test(test_has_its_name_at_once),
)
