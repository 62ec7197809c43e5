/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/msg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ptp/ptp_bytes.h"
#include "tests/unit/test.h"

#define VECTORS "tests/vectors/msg.vec"

static const char *const found_names[] = {
	[MSG_FOUND] = "found",		   [MSG_NOT_PTP] = "not-ptp",	[MSG_BAD_LENGTH] = "bad-length",
	[MSG_BAD_VERSION] = "bad-version", [MSG_BAD_TYPE] = "bad-type", [MSG_FRAGMENT] = "fragment",
	[MSG_HIDDEN] = "hidden",
};

static int check_row(const struct test_row *row, struct why *why)
{
	static const char *const transports[] = {[MSG_L2] = "l2", [MSG_UDP4] = "udp4", [MSG_UDP6] = "udp6"};
	char got[128] = "", want[128] = "";
	enum msg_found found;
	struct msg m;
	size_t len;
	uint8_t *frame = ptp_bytes(row->word[1], &len);
	int i;

	found = msg_find(&m, frame, (uint32_t)len);
	if (found != MSG_NOT_PTP && !msg_maybe(frame, (uint32_t)len)) {
		free(frame);
		return why_fail(why, EINVAL, "the short look says that it is none");
	}
	free(frame);
	if (strcmp(found_names[found], row->word[0]))
		return why_fail(why, EINVAL, "got %s", found_names[found]);
	if (found != MSG_FOUND)
		return 0;
	snprintf(got, sizeof(got), " %s %u %u %u %u %u %u %u %u %s%s%s", transports[m.transport], m.tags, m.type, m.at, m.udp,
		 m.len, m.sequence, m.domain, m.sdo, m.event ? "e" : "", m.two_step ? "2" : "", m.event || m.two_step ? "" : "-");
	for (i = 2; i < row->n; i++)
		snprintf(want + strlen(want), sizeof(want) - strlen(want), " %s", row->word[i]);
	return strcmp(got, want) ? why_fail(why, EINVAL, "got%s", got) : 0;
}

static void test_frames(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_row);
}

/* No beginning of a frame holds its message: memory of exactly that size, for the sanitizer. */
static int check_cut(const struct test_row *row, struct why *why)
{
	uint8_t *frame, *part;
	size_t len, cut, end;
	struct msg m;

	if (strcmp(row->word[0], "found"))
		return 0;
	frame = ptp_bytes(row->word[1], &len);
	assert_int_equal(msg_find(&m, frame, (uint32_t)len), MSG_FOUND);
	end = m.at + m.len;
	for (cut = 0; cut < end; cut++) {
		part = malloc(cut ? cut : 1);
		assert_non_null(part);
		memcpy(part, frame, cut);
		if (msg_find(&m, part, (uint32_t)cut) == MSG_FOUND ||
		    (msg_find(&m, part, (uint32_t)cut) != MSG_NOT_PTP && !msg_maybe(part, (uint32_t)cut))) {
			free(part);
			free(frame);
			return why_fail(why, EINVAL, "found after %zu of %zu bytes", cut, end);
		}
		free(part);
	}
	free(frame);
	return 0;
}

static void test_cut_off(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_cut);
}

/* Whatever the bytes: what is found lies in the frame. */
static int check_changed(const struct test_row *row, struct why *why)
{
	uint64_t seed = 0x9e3779b9 + (uint64_t)row->line;
	uint8_t *frame, *copy;
	enum msg_found found;
	struct msg m;
	size_t len, i;
	int round;

	frame = ptp_bytes(row->word[1], &len);
	copy = malloc(len);
	assert_non_null(copy);
	for (round = 0; round < 2000; round++) {
		memcpy(copy, frame, len);
		for (i = 0; i < 1 + round % 4u; i++)
			copy[test_random(&seed) % len] = (uint8_t)test_random(&seed);
		found = msg_find(&m, copy, (uint32_t)len);
		if (found != MSG_NOT_PTP && !msg_maybe(copy, (uint32_t)len))
			break;
		if (found == MSG_FOUND &&
		    (m.len < MSG_HEADER_LEN + 10 || (size_t)m.at + m.len > len || (m.udp && m.udp + 8 != m.at)))
			break;
	}
	free(copy);
	free(frame);
	return round < 2000 ? why_fail(why, EINVAL, "round %d: %u bytes at %u of %zu", round, m.len, m.at, len) : 0;
}

static void test_changed_bytes(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_changed);
}

TEST_GROUP("ptp/msg",
	cmocka_unit_test(test_frames),
	cmocka_unit_test(test_cut_off),
	cmocka_unit_test(test_changed_bytes),
)
