/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/resid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ptp/ptp_bytes.h"
#include "tests/unit/test.h"

#define VECTORS "tests/vectors/resid.vec"

static int64_t hex64(const char *word)
{
	return (int64_t)strtoull(word, NULL, 16);
}

static int check_apply(const struct test_row *row, struct why *why)
{
	size_t len, want_len, i;
	uint8_t *frame = ptp_bytes(row->word[2], &len), *want = ptp_bytes(row->word[4], &want_len);
	struct msg m;

	assert_int_equal(len, want_len);
	if (msg_find(&m, frame, (uint32_t)len) != MSG_FOUND)
		fail_msg("%s:%d: no message in the frame", row->path, row->line);
	resid_apply(frame, &m, hex64(row->word[3]), !strcmp(row->word[1], "partial"));
	for (i = 0; i < len && frame[i] == want[i]; i++)
		;
	if (i < len)
		why_fail(why, EINVAL, "byte %zu is %02x, want %02x", i, frame[i], want[i]);
	free(frame);
	free(want);
	return i < len ? -EINVAL : 0;
}

static int check_row(const struct test_row *row, struct why *why)
{
	int64_t got, want;

	if (!strcmp(row->word[0], "apply"))
		return check_apply(row, why);
	if (!strcmp(row->word[0], "sum"))
		got = resid_sum(hex64(row->word[1]), hex64(row->word[2]));
	else
		got = resid_interval(test_row_int(row, 1), (int32_t)test_row_int(row, 2));
	want = hex64(row->word[3]);
	return got == want ? 0 : why_fail(why, EINVAL, "got %016" PRIx64, got);
}

static void test_arithmetic(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_row);
}

/* Stays one after the other add up, and taking their sum back gives the frame that was. */
static int check_back(const struct test_row *row, struct why *why)
{
	uint64_t seed = 0x9e3779b9 + (uint64_t)row->line;
	uint8_t *frame, *was;
	int64_t steps[8], sum = 0;
	size_t len, i;
	struct msg m;
	bool same;

	if (strcmp(row->word[0], "apply"))
		return 0;
	frame = ptp_bytes(row->word[2], &len);
	was = ptp_bytes(row->word[2], &len);
	assert_int_equal(msg_find(&m, frame, (uint32_t)len), MSG_FOUND);
	for (i = 0; i < 8; i++) {
		steps[i] = -(int64_t)(test_random(&seed) >> 8); /* far from where it saturates */
		sum += steps[i];
		resid_apply(frame, &m, steps[i], false);
	}
	resid_apply(frame, &m, -sum, false);
	same = !memcmp(frame, was, len);
	free(frame);
	free(was);
	return same ? 0 : why_fail(why, EINVAL, "not the same when taken back");
}

static void test_there_and_back(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_back);
}

TEST_GROUP("ptp/resid",
	cmocka_unit_test(test_arithmetic),
	cmocka_unit_test(test_there_and_back),
)
