/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tsn/cls.h"

static size_t read_hex(uint8_t *out, const char *hex)
{
	size_t n = 0;
	unsigned int byte;

	for (; hex[0] && hex[1] && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[n++] = (uint8_t)byte;
	assert_int_equal(*hex, '\0');
	return n;
}

/* The frame is copied to a block of its own size, so that the sanitizer sees a read behind its end. */
static int frame_row(const struct test_row *row, struct why *why)
{
	uint8_t bytes[64] = {0};
	size_t len = 12 + read_hex(bytes + 12, row->word[1]);
	struct cls_frame f;
	uint8_t *exact = malloc(len);
	int err;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	err = cls_parse(&f, exact, (uint32_t)len);
	free(exact);
	if (!strcmp(row->word[0], "bad"))
		return err == -EBADMSG ? 0 : why_fail(why, EINVAL, "returned %d, not -EBADMSG", err);
	if (err)
		return why_fail(why, EINVAL, "refused: %d", err);
	if (f.ethertype != test_row_int(row, 2) || f.tagged != !strcmp(row->word[3], "tagged") || f.vid != test_row_int(row, 4) ||
	    f.pcp != test_row_int(row, 5) || f.dei != test_row_int(row, 6))
		return why_fail(why, EINVAL, "got 0x%04x %s %u %u %u", f.ethertype, f.tagged ? "tagged" : "untagged", f.vid, f.pcp, f.dei);
	return 0;
}

static int cls_row(const struct test_row *row, struct why *why)
{
	uint8_t address[32];
	uint8_t tc;

	if (!strcmp(row->word[0], "class")) {
		tc = cls_default_map[test_row_int(row, 1)];
		return tc == test_row_int(row, 2) ? 0 : why_fail(why, EINVAL, "got class %u", tc);
	}
	if (!strcmp(row->word[0], "local")) {
		assert_int_equal(read_hex(address, row->word[1]), 6);
		if (cls_link_local(address) == !strcmp(row->word[2], "yes"))
			return 0;
		return why_fail(why, EINVAL, "%s is taken for the opposite", row->word[1]);
	}
	return frame_row(row, why);
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/cls.vec", cls_row);
}

/* No length and no content reads behind the end or yields a number out of its range. */
static void test_any_bytes(void **state)
{
	uint64_t seed = 1;
	struct cls_frame f;
	uint8_t *data;
	uint32_t len, n;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		len = CLS_ETH_HLEN + (uint32_t)(test_random(&seed) % 6);
		data = malloc(len);
		assert_non_null(data);
		for (n = 0; n < len; n++)
			data[n] = (uint8_t)(test_random(&seed) >> 32);
		if (i & 1) {
			data[12] = 0x81;
			data[13] = 0x00;
		}
		if (!cls_parse(&f, data, len)) {
			assert_in_range(f.vid, 0, 4094);
			assert_in_range(f.pcp, 0, 7);
			assert_int_equal(f.tagged, data[12] == 0x81 && data[13] == 0x00);
		}
		free(data);
	}
}

TEST_GROUP("tsn/cls",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_any_bytes),
)
