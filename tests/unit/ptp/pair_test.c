/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/pair.h"

#include <string.h>

#include "tests/unit/test.h"

#define FRAME_LEN 78 /* Ethernet header and the longest message used here */
#define WAY	  3  /* the port that sent the event */
#define OTHER	  5

/* A message over Ethernet from clock `from`, in answer to clock `asked`. */
static struct msg message(uint8_t frame[static FRAME_LEN], uint8_t type, uint8_t from, uint8_t asked, uint16_t sequence)
{
	uint8_t *p = frame + 14;
	struct msg m;

	memset(frame, 0, FRAME_LEN);
	frame[12] = 0x88;
	frame[13] = 0xf7;
	p[0] = type;
	p[1] = 2;
	p[3] = 64;
	p[27] = from;
	p[29] = 1;
	p[30] = (uint8_t)(sequence >> 8);
	p[31] = (uint8_t)sequence;
	p[51] = asked;
	p[53] = 1;
	assert_int_equal(msg_find(&m, frame, FRAME_LEN), MSG_FOUND);
	return m;
}

/* Which event is completed by which message, from whom to whom, by which way: all there are, and all that are not. */
static const struct {
	uint8_t event, from, asked;
	uint8_t done, done_from, done_asked;
	bool out; /* it leaves by the port that sent the event */
} pairs[] = {
	{MSG_SYNC, 1, 0, MSG_FOLLOW_UP, 1, 0, true},
	{MSG_DELAY_REQ, 2, 0, MSG_DELAY_RESP, 1, 2, false},
	{MSG_PDELAY_REQ, 2, 0, MSG_PDELAY_RESP_FOLLOW_UP, 1, 2, false},
	{MSG_PDELAY_RESP, 1, 2, MSG_PDELAY_RESP_FOLLOW_UP, 1, 2, true},
};
#define N_PAIRS (sizeof(pairs) / sizeof(pairs[0]))

static bool take(struct pair *pair, const uint8_t *frame, const struct msg *m, enum pair_way way, uint8_t port, int64_t *interval, bool *doubt)
{
	struct pair_note *note = pair_find(pair, frame, m, way, port);

	*interval = note ? note->interval : 0;
	*doubt = note && note->doubt;
	if (note)
		note->used = false;
	return note;
}

/* On its way in or out by the port that sent the event. Looks at a copy: nothing is used up. */
static bool finds(const struct pair *pair, uint8_t type, uint8_t from, uint8_t asked, uint16_t sequence, bool out, int64_t *interval)
{
	uint8_t frame[FRAME_LEN];
	struct msg m = message(frame, type, from, asked, sequence);
	struct pair in = *pair;
	bool doubt;

	if (out)
		return take(&in, frame, &m, PAIR_OUT, WAY, interval, &doubt);
	return take(&in, frame, &m, PAIR_IN, WAY, interval, &doubt);
}

static void test_what_completes_what(void **state)
{
	uint8_t frame[FRAME_LEN], type;
	int64_t interval;
	struct msg m;
	size_t i;

	(void)state;
	for (i = 0; i < N_PAIRS; i++) {
		struct pair pair = {0};

		m = message(frame, pairs[i].event, pairs[i].from, pairs[i].asked, 700);
		pair_put(&pair, frame, &m, WAY, -77, false);
		assert_true(finds(&pair, pairs[i].done, pairs[i].done_from, pairs[i].done_asked, 700, pairs[i].out, &interval));
		assert_int_equal(interval, -77);
		assert_false(finds(&pair, pairs[i].done, pairs[i].done_from, pairs[i].done_asked, 701, pairs[i].out, &interval));
		assert_int_equal(interval, 0);
		assert_false(finds(&pair, pairs[i].done, pairs[i].done_from, pairs[i].done_asked, 700, !pairs[i].out, &interval));
		assert_false(finds(&pair, pairs[i].done, 9, 9, 700, pairs[i].out, &interval));
		for (type = 0; type < 16; type++)
			if (type != pairs[i].done && (type < 4 || (type > 7 && type < 14)))
				assert_false(finds(&pair, type, pairs[i].done_from, pairs[i].done_asked, 700, pairs[i].out, &interval));
	}
}

static void test_domain_and_sdo_tell_messages_apart(void **state)
{
	uint8_t frame[FRAME_LEN];
	struct pair pair = {0};
	int64_t interval;
	struct msg m;
	bool doubt;

	(void)state;
	m = message(frame, MSG_SYNC, 1, 0, 1);
	pair_put(&pair, frame, &m, WAY, 5, false);
	m = message(frame, MSG_FOLLOW_UP, 1, 0, 1);
	m.domain = 1;
	assert_false(take(&pair, frame, &m, PAIR_OUT, WAY, &interval, &doubt));
	m.domain = 0;
	m.sdo = 1;
	assert_false(take(&pair, frame, &m, PAIR_OUT, WAY, &interval, &doubt));
	m.sdo = 0;
	assert_false(take(&pair, frame, &m, PAIR_OUT, OTHER, &interval, &doubt));
	assert_true(take(&pair, frame, &m, PAIR_OUT, WAY, &interval, &doubt));
}

/* A Pdelay_Resp_Follow_Up completes the request on its way there and the answer on its way back. */
static void test_each_way_has_its_note(void **state)
{
	uint8_t frame[FRAME_LEN];
	struct pair pair = {0};
	int64_t interval;
	struct msg m;
	bool doubt;

	(void)state;
	m = message(frame, MSG_PDELAY_REQ, 2, 0, 8);
	pair_put(&pair, frame, &m, WAY, 1000, false);
	m = message(frame, MSG_PDELAY_RESP, 1, 2, 8);
	pair_put(&pair, frame, &m, OTHER, 30, true);
	m = message(frame, MSG_PDELAY_RESP_FOLLOW_UP, 1, 2, 8);
	assert_true(take(&pair, frame, &m, PAIR_IN, WAY, &interval, &doubt));
	assert_int_equal(interval, 1000);
	assert_false(doubt);
	assert_false(take(&pair, frame, &m, PAIR_IN, WAY, &interval, &doubt)); /* once */
	assert_true(take(&pair, frame, &m, PAIR_OUT, OTHER, &interval, &doubt));
	assert_int_equal(interval, 30);
	assert_true(doubt);
	assert_false(take(&pair, frame, &m, PAIR_OUT, OTHER, &interval, &doubt));
	assert_int_equal(interval, 0);
	assert_false(doubt);
}

/* The newest PAIR_NOTES are kept, whatever came before. */
static void test_the_oldest_is_forgotten(void **state)
{
	uint8_t frame[FRAME_LEN];
	struct pair pair = {0};
	int64_t interval;
	struct msg m;
	uint16_t i;

	(void)state;
	for (i = 0; i < 3 * PAIR_NOTES; i++) {
		m = message(frame, MSG_SYNC, 1, 0, i);
		pair_put(&pair, frame, &m, WAY, i, false);
	}
	for (i = 0; i < 3 * PAIR_NOTES; i++) {
		assert_int_equal(finds(&pair, MSG_FOLLOW_UP, 1, 0, i, true, &interval), i >= 2 * PAIR_NOTES);
		assert_int_equal(interval, i >= 2 * PAIR_NOTES ? i : 0);
	}
}

TEST_GROUP("ptp/pair",
	cmocka_unit_test(test_what_completes_what),
	cmocka_unit_test(test_domain_and_sdo_tell_messages_apart),
	cmocka_unit_test(test_each_way_has_its_note),
	cmocka_unit_test(test_the_oldest_is_forgotten),
)
