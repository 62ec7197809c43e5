/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "base/stamp.h"

#define ROOM 256

static uint32_t from_hex(uint8_t *out, const char *hex)
{
	unsigned int byte;
	uint32_t n = 0;

	for (; hex[0] && hex[1] && n < ROOM && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[n++] = (uint8_t)byte;
	return n;
}

/* By a word of the row, from memory that ends where the frame ends: a byte read behind it is seen by the sanitizers. */
static uint64_t key_of_word(const char *hex)
{
	uint8_t bytes[ROOM], *frame;
	uint32_t len = from_hex(bytes, hex);
	uint64_t key;

	frame = malloc(len ? len : 1);
	assert_non_null(frame);
	memcpy(frame, bytes, len);
	key = key_of(frame, len);
	free(frame);
	return key;
}

static int row(const struct test_row *r, struct why *why)
{
	uint64_t a = key_of_word(r->word[1]), want;

	if (!strcmp(r->word[0], "is")) {
		want = strtoull(r->word[2], NULL, 16);
		return a == want ? 0 : why_fail(why, EINVAL, "got 0x%016" PRIx64 ", want 0x%016" PRIx64, a, want);
	}
	if (!strcmp(r->word[0], "number")) {
		want = (uint64_t)test_row_int(r, 2);
		if (!key_is_numbered(a))
			return why_fail(why, EINVAL, "not numbered, want %" PRIu64, want);
		return key_seqid(a) == want ? 0 : why_fail(why, EINVAL, "got %" PRIu32 ", want %" PRIu64, key_seqid(a), want);
	}
	want = key_of_word(r->word[2]);
	if (!strcmp(r->word[0], "same"))
		return a == want ? 0 : why_fail(why, EINVAL, "0x%016" PRIx64 " and 0x%016" PRIx64 " should be one", a, want);
	if (!strcmp(r->word[0], "differ"))
		return a != want ? 0 : why_fail(why, EINVAL, "both 0x%016" PRIx64, a);
	return why_fail(why, EINVAL, "what is \"%s\"?", r->word[0]);
}

static void test_rows(void **state)
{
	(void)state;
	test_vectors("tests/vectors/key.vec", row);
}

/* The bytes of random frames, with 0 to 2 tags before the EtherType: each way to the key gives the same one. */
static void test_tags_and_padding_change_nothing(void **state)
{
	uint8_t bare[ROOM], tagged[ROOM + 8];
	uint64_t seed = 3, key;
	uint32_t len, tags, i;
	int round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		len = 14 + (uint32_t)(test_random(&seed) % 100);
		memset(bare, 0, sizeof(bare));
		for (i = 0; i < len; i++)
			bare[i] = (uint8_t)test_random(&seed);
		bare[12] = 0x08; /* no tag of its own */
		key = key_of(bare, len);
		assert_true(key && !key_is_numbered(key));
		assert_true(key == key_of(bare, ROOM));
		for (tags = 1; tags <= 2; tags++) {
			memset(tagged, 0, sizeof(tagged));
			memcpy(tagged, bare, 12);
			for (i = 0; i < tags; i++) {
				tagged[12 + 4 * i] = i ? 0x81 : 0x88;
				tagged[13 + 4 * i] = i ? 0x00 : 0xa8;
				tagged[14 + 4 * i] = (uint8_t)test_random(&seed);
			}
			memcpy(tagged + 12 + 4 * tags, bare + 12, len - 12);
			assert_true(key == key_of(tagged, len + 4 * tags));
			assert_true(key == key_of(tagged, ROOM));
		}
	}
}

/* One bit changed anywhere in what the key covers, and it is another; behind that, nothing is. */
static void test_each_bit_counts(void **state)
{
	uint8_t frame[ROOM] = {[12] = 0x08};
	uint64_t key = key_of(frame, ROOM);
	uint32_t bit;

	(void)state;
	for (bit = 0; bit < 8 * ROOM; bit++) {
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(key != key_of(frame, ROOM), bit < 8 * (KEY_MACS + KEY_BODY));
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* A hundred thousand frames that differ in a counter only, as pings do: no two of one key. */
static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

#define MANY 100000

static void test_hashed_keys_are_distinct(void **state)
{
	uint64_t *keys = malloc(MANY * sizeof(*keys));
	uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45};
	uint32_t i;

	(void)state;
	assert_non_null(keys);
	for (i = 0; i < MANY; i++) {
		frame[18] = (uint8_t)(i >> 8); /* IPv4's identification, and ICMP's sequence number */
		frame[19] = (uint8_t)i;
		frame[40] = (uint8_t)(i >> 16);
		keys[i] = key_of(frame, sizeof(frame));
	}
	qsort(keys, MANY, sizeof(*keys), compare);
	for (i = 1; i < MANY; i++)
		assert_true(keys[i] != keys[i - 1]);
	free(keys);
}

/* What stamp_put() numbers is what key_seqid() finds; another sender's frame of the same number has another key. */
static void test_numbered_by_a_stamp(void **state)
{
	struct stamp s = {.t_scheduled = 1, .t_wakeup = 2, .seqid = 4000000000};
	uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, STAMP_ETHERTYPE >> 8, STAMP_ETHERTYPE & 0xff};
	uint64_t key;

	(void)state;
	stamp_put(frame + 14, &s);
	key = key_of(frame, sizeof(frame));
	assert_true(key_is_numbered(key));
	assert_int_equal(key_seqid(key), 4000000000);
	s.t_wakeup = 77; /* only the number counts */
	stamp_put(frame + 14, &s);
	assert_true(key == key_of(frame, sizeof(frame)));
	frame[11] = 3;
	assert_true(key != key_of(frame, sizeof(frame)));
}

TEST_GROUP("base/key",
	cmocka_unit_test(test_rows),
	cmocka_unit_test(test_tags_and_padding_change_nothing),
	cmocka_unit_test(test_each_bit_counts),
	cmocka_unit_test(test_hashed_keys_are_distinct),
	cmocka_unit_test(test_numbered_by_a_stamp),
)
