/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "base/stamp.h"

#define TYPE_AT(frame, at, type) ((frame)[at] = (uint8_t)((type) >> 8), (frame)[(at) + 1] = (uint8_t)(type))

static void test_bytes_on_the_wire(void **state)
{
	static const uint8_t want[STAMP_LEN] = {
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0x00, 0x01, 0x86, 0xa0,
	};
	struct stamp s = {.t_scheduled = 0x0102030405060708, .t_wakeup = -2, .seqid = 100000}, back;
	uint8_t payload[STAMP_LEN];

	(void)state;
	stamp_put(payload, &s);
	assert_memory_equal(payload, want, STAMP_LEN);
	stamp_get(&back, payload);
	assert_true(back.t_scheduled == s.t_scheduled && back.t_wakeup == s.t_wakeup && back.seqid == s.seqid);
}

/* With 0 to 2 tags the stamp is found, with 3 it is not; a byte short of it, never. */
static void test_found_behind_tags(void **state)
{
	struct stamp s = {.t_scheduled = 1, .t_wakeup = 2, .seqid = 3}, back;
	uint8_t frame[128];
	uint32_t tags, at, i;

	(void)state;
	for (tags = 0; tags <= 3; tags++) {
		memset(frame, 0, sizeof(frame));
		for (i = 0, at = 12; i < tags; i++, at += 4)
			TYPE_AT(frame, at, i ? 0x8100 : 0x88a8);
		TYPE_AT(frame, at, STAMP_ETHERTYPE);
		stamp_put(frame + at + 2, &s);
		memset(&back, 0, sizeof(back));
		assert_int_equal(stamp_find(&back, frame, at + 2 + STAMP_LEN, STAMP_ETHERTYPE), tags < 3);
		if (tags < 3)
			assert_int_equal(back.seqid, 3);
		assert_false(stamp_find(&back, frame, at + 1 + STAMP_LEN, STAMP_ETHERTYPE));
		assert_false(stamp_find(&back, frame, at + 2 + STAMP_LEN, 0x0800));
	}
	for (i = 0; i < 14; i++)
		assert_false(stamp_find(&back, frame, i, STAMP_ETHERTYPE));
}

TEST_GROUP("base/stamp",
	cmocka_unit_test(test_bytes_on_the_wire),
	cmocka_unit_test(test_found_behind_tags),
)
