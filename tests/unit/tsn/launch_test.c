/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tsn/launch.h"

#define ROOM 128

/* Bytes in hex, or xN zeros, behind the addresses. */
static uint16_t read_bytes(const struct test_row *row, int first, int end, uint8_t *frame)
{
	uint16_t len = 12;
	int i;

	memset(frame, 0x22, 12);
	for (i = first; i < end; i++) {
		const char *text = row->word[i];
		int zeros = *text == 'x' ? atoi(text + 1) : 0;
		unsigned int byte;

		for (; zeros > 0 && len < ROOM; zeros--)
			frame[len++] = 0;
		for (; *text != 'x' && *text && len < ROOM; text += 2) {
			if (sscanf(text, "%2x", &byte) != 1)
				fail_msg("%s:%d: \"%s\" is no hex", row->path, row->line, text);
			frame[len++] = (uint8_t)byte;
		}
	}
	return len;
}

static int read_row(const struct test_row *row, struct why *why)
{
	struct launch_conf conf = {.enabled = true, .offset_ns = test_row_int(row, 1)};
	int64_t now = test_row_int(row, 2), t = -77;
	uint16_t len, was;
	uint8_t frame[ROOM];
	int eq, err, want = 0;

	for (eq = 3; eq < row->n - 1 && strcmp(row->word[eq], "="); eq++)
		;
	conf.source = strcmp(row->word[0], "avtp") ? LAUNCH_FROM_TRAILER : LAUNCH_FROM_AVTP;
	len = was = read_bytes(row, 3, eq, frame);
	if (!strcmp(row->word[eq + 1], "none"))
		want = -ENOMSG;
	if (!strcmp(row->word[eq + 1], "far"))
		want = -ERANGE;
	err = launch_read(&conf, frame, &len, now, &t);
	if (err != want || (err && (t != -77 || len != was)))
		return why_fail(why, EINVAL, "returned %d, %" PRId64 ", %d bytes", err, t, len);
	if (!err && t != test_row_int(row, eq + 1))
		return why_fail(why, EINVAL, "got %" PRId64, t);
	was = conf.source == LAUNCH_FROM_TRAILER ? (uint16_t)test_row_int(row, eq + 2) : was;
	return len == was ? 0 : why_fail(why, EINVAL, "%d bytes are left", len);
}

static int window_row(const struct test_row *row, struct why *why)
{
	struct launch_conf conf = {.enabled = true, .late_ns = test_row_int(row, 2)};
	int64_t t = test_row_int(row, 3), from, until;

	conf.mode = strcmp(row->word[1], "strict") ? LAUNCH_DEADLINE : LAUNCH_STRICT;
	from = launch_from(&conf, t);
	until = launch_until(&conf, t);
	if (from != (strcmp(row->word[4], "now") ? test_row_int(row, 4) : INT64_MIN) || until != test_row_int(row, 5))
		return why_fail(why, EINVAL, "got %" PRId64 " to %" PRId64, from, until);
	return 0;
}

static int launch_row(const struct test_row *row, struct why *why)
{
	return strcmp(row->word[0], "window") ? read_row(row, why) : window_row(row, why);
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/launch.vec", launch_row);
}

/*
 * Frames of every length from 14 on, cut anywhere, in memory that ends where the frame does (so the sanitizer sees one byte too
 * many), and of random bytes that look right at their beginning: never a read beyond, and what is refused is untouched.
 */
static void test_hostile_frames(void **state)
{
	static const uint8_t good[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x81, 0, 0x60, 2, 0x22, 0xf0, 2, 0x81, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8,
				       0x3b, 0x9a, 0xca, 0};
	uint64_t seed = 11;
	int i, found = 0, refused = 0;

	(void)state;
	for (i = 0; i < 200000; i++) {
		struct launch_conf conf = {.enabled = true, .source = i % 2 ? LAUNCH_FROM_AVTP : LAUNCH_FROM_TRAILER};
		uint16_t len = (uint16_t)(14 + (unsigned int)i / 2 % 80), was = len, k;
		int64_t now = 1000000000 + (int64_t)(test_random(&seed) % 1000), t = -77;
		uint8_t *frame = malloc(len);
		int err;

		assert_non_null(frame);
		for (k = 0; k < len; k++)
			frame[k] = k < sizeof(good) && i % 3 ? good[k] : (uint8_t)(test_random(&seed) >> 40);
		if (len >= 24 && i % 5 == 0)
			launch_put_trailer(frame, len - LAUNCH_TRAILER, (int64_t)test_random(&seed) >> (test_random(&seed) % 63));
		if (i % 7 == 0)
			frame[test_random(&seed) % len] ^= (uint8_t)(1u << test_random(&seed) % 8);
		err = launch_read(&conf, frame, &len, now, &t);
		if (err) {
			assert_true(err == -ENOMSG || err == -ERANGE);
			assert_int_equal(t, -77);
			assert_int_equal(len, was);
			refused++;
		} else {
			assert_in_range(t - now + LAUNCH_HORIZON_NS, 0, 2 * LAUNCH_HORIZON_NS);
			assert_int_equal(was - len, i % 2 ? 0 : LAUNCH_TRAILER);
			assert_true(len >= (frame[12] == 0x81 && !frame[13] ? 18 : 14));
			found++;
		}
		free(frame);
	}
	assert_true(found > 10000 && refused > 10000);
}

/* Every instant within the horizon is told from its low 32 bits, wherever now is. */
static void test_nearest(void **state)
{
	struct launch_conf conf = {.enabled = true, .source = LAUNCH_FROM_AVTP};
	uint8_t frame[30] = {[12] = 0x22, 0xf0, 2, 0x81};
	uint64_t seed = 3;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		int64_t now = (int64_t)test_random(&seed) >> 2, t = 0;
		int64_t want = now - LAUNCH_HORIZON_NS + (int64_t)(test_random(&seed) % (2 * LAUNCH_HORIZON_NS + 1));
		uint16_t len = sizeof(frame);

		frame[26] = (uint8_t)(want >> 24);
		frame[27] = (uint8_t)(want >> 16);
		frame[28] = (uint8_t)(want >> 8);
		frame[29] = (uint8_t)want;
		assert_int_equal(launch_read(&conf, frame, &len, now, &t), 0);
		assert_int_equal(t, want);
	}
}

static void test_trailer_comes_back(void **state)
{
	struct launch_conf conf = {.enabled = true, .source = LAUNCH_FROM_TRAILER};
	uint8_t frame[26] = {0};
	uint16_t len = sizeof(frame);
	int64_t t = 0;

	(void)state;
	launch_put_trailer(frame, 14, 0x0102030405060708);
	assert_memory_equal(frame + 14, "\x74\x14\xc7\xa1\x01\x02\x03\x04\x05\x06\x07\x08", LAUNCH_TRAILER);
	assert_int_equal(launch_read(&conf, frame, &len, 0x0102030405060700, &t), 0);
	assert_int_equal(t, 0x0102030405060708);
	assert_int_equal(len, 14);
}

TEST_GROUP("tsn/launch",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_hostile_frames),
	cmocka_unit_test(test_nearest),
	cmocka_unit_test(test_trailer_comes_back),
)
