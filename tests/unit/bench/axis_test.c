/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "bench/axis.h"

/* Whoever leaves an axis out gets its default, so that has to be a value it knows, and each value one help. */
static void test_table_is_sound(void **state)
{
	struct why why;
	size_t v;
	int i;

	(void)state;
	for (i = 0; i < AXES; i++) {
		assert_int_equal(axis_find(axes[i].name), i);
		assert_int_equal(axis_check(i, axes[i].value, NULL, &why), 0);
		for (v = 0; axes[i].values && axes[i].values[v]; v++) {
			assert_int_equal(axis_check(i, axes[i].values[v], NULL, &why), 0);
			assert_non_null(axes[i].values_help[v]);
		}
		assert_true(!axes[i].values || !axes[i].values_help[v]);
	}
	assert_int_equal(axis_find("backends"), -1);
}

static void test_values(void **state)
{
	static const char *const schedules[] = { "gates", "cbs", NULL };
	static const struct {
		int axis, rc;
		const char *value;
	} rows[] = {
		{ AXIS_SIZE, 0, "64" }, { AXIS_SIZE, 0, "1518" }, { AXIS_SIZE, -EINVAL, "63" }, { AXIS_SIZE, -EINVAL, "1519" },
		{ AXIS_SIZE, -EINVAL, "64x" }, { AXIS_SIZE, -EINVAL, "" }, { AXIS_CYCLE, 0, "50us" }, { AXIS_CYCLE, 0, "1s" },
		{ AXIS_CYCLE, -EINVAL, "49us" }, { AXIS_CYCLE, -EINVAL, "1001ms" }, { AXIS_CYCLE, -EINVAL, "often" },
		{ AXIS_QUEUES, -EINVAL, "0" }, { AXIS_QUEUES, 0, "8" }, { AXIS_QUEUES, -EINVAL, "9" }, { AXIS_NEIGHBOURS, 0, "8" },
		{ AXIS_NEIGHBOURS, -EINVAL, "-1" }, { AXIS_SCHEDULE, 0, "gates" }, { AXIS_SCHEDULE, 0, "none" }, { AXIS_SCHEDULE, -EINVAL, "gate" },
		{ AXIS_BACKEND, -EINVAL, "takt" }, { AXIS_GUEST, -EINVAL, "qemu" },
	};
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&why, 0, sizeof(why));
		assert_int_equal(axis_check(rows[i].axis, rows[i].value, schedules, &why), rows[i].rc);
		assert_true(!rows[i].rc == !why.text[0]);
		if (rows[i].rc)	/* which axis it is of */
			assert_ptr_equal(strstr(why.text, axes[rows[i].axis].name), why.text);
	}
	assert_int_equal(axis_check(AXIS_SCHEDULE, "gate", schedules, &why), -EINVAL);
	assert_non_null(strstr(why.text, "none, gates, cbs"));
	assert_non_null(strstr(why.text, "mean gates"));
}

TEST_GROUP("bench/axis",
	cmocka_unit_test(test_table_is_sound),
	cmocka_unit_test(test_values),
)
