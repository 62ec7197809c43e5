/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "base/ask.h"

static void test_bytes_on_the_wire(void **state)
{
	static const uint8_t want[ASK_LEN] = {
		0x74, 0x61, 0x6b, 0x74, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct ask a = {.op = ASK_ASKS, .id = 0x1234, .t_guest = -2}, back;
	uint8_t payload[ASK_LEN];

	(void)state;
	ask_put(payload, &a);
	assert_memory_equal(payload, want, ASK_LEN);
	assert_true(ask_get(&back, payload, ASK_LEN));
	assert_true(back.op == ASK_ASKS && back.id == 0x1234 && back.t_guest == -2 && !back.t_seen);
	a = (struct ask){.op = ASK_ANSWERS, .id = UINT64_MAX, .t_guest = INT64_MAX, .t_seen = 0x0102030405060708};
	ask_put(payload, &a);
	assert_int_equal(payload[24], 1);
	assert_true(ask_get(&back, payload, ASK_LEN + 14));
	assert_true(back.op == ASK_ANSWERS && back.id == UINT64_MAX && back.t_guest == INT64_MAX && back.t_seen == a.t_seen);
}

/* Every byte that is not the asker's own counts, and one too few is too few. */
static void test_what_is_none(void **state)
{
	struct ask a = {.op = ASK_ASKS, .id = 7, .t_guest = 8}, back;
	uint8_t payload[ASK_LEN];
	uint32_t i;

	(void)state;
	for (i = 0; i < ASK_LEN; i++) {
		ask_put(payload, &a);
		payload[i] ^= 0x40;
		assert_int_equal(ask_get(&back, payload, ASK_LEN), i >= 8 && i < 24);
		assert_false(ask_get(&back, payload, i));
	}
}

TEST_GROUP("base/ask",
	cmocka_unit_test(test_bytes_on_the_wire),
	cmocka_unit_test(test_what_is_none),
)
