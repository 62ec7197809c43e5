/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "base/ask.h"
#include "base/key.h"
#include "base/ns.h"
#include "base/stamp.h"
#include "probes/guest_sock.h"

#define REAL   INT64_C(1700000000000000000)	/* CLOCK_REALTIME - CLOCK_MONOTONIC of the test, +- 50 ns */
#define TAI_NS (REAL + 37 * NS_PER_SEC)
#define NOW    (100 * NS_PER_SEC)

static struct guest_sock s;
static uint8_t frame[100];

static void begin(uint16_t ethertype)
{
	s = (struct guest_sock){ .fd = -1, .real = { CLOCK_REALTIME, REAL - 50, REAL + 50, 0, true },
				 .tai = { CLOCK_TAI, TAI_NS - 50, TAI_NS + 50, 0, true }, .t_last = NOW - 50 * NS_PER_MS };
	s.before = s.real;
	memset(frame, 0, sizeof(frame));
	memcpy(frame, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	frame[12] = ethertype >> 8;
	frame[13] = ethertype & 0xff;
}

static struct event look(bool outgoing, int64_t t_real)
{
	struct event e;

	assert_true(guest_sock_event(&s, &e, frame, sizeof(frame), outgoing, t_real, NOW));
	return e;
}

/* What goes out is told as not later, what comes in as not earlier than it was. */
static void test_stamps_keep_their_side(void **state)
{
	struct event e;

	(void)state;
	begin(0x0800);
	e = look(true, REAL + NOW - 1000);
	assert_int_equal(e.kind, EV_TX);
	assert_int_equal(e.t, NOW - 1050);
	assert_int_equal(e.flags, EV_COARSE | EV_NO_APP);
	assert_int_equal(e.edge_ns[EV_TX_DRIVER], 1);
	assert_int_equal(e.key, key_of(frame, sizeof(frame)));
	e = look(false, REAL + NOW - 1000);
	assert_int_equal(e.kind, EV_RX);
	assert_int_equal(e.t, NOW - 950);
	assert_int_equal(e.flags, EV_COARSE);
	assert_int_equal(e.edge_ns[EV_RX_POLL], 0);
}

static void test_a_numbered_frame_says_when_its_sender_woke(void **state)
{
	static const struct row {
		int64_t woke_ns;	/* before the driver's stamp */
		bool believed;
	} rows[] = { { 5000, true }, { NS_PER_SEC, true }, { -5000, false }, { 11 * NS_PER_SEC, false }, { 37 * NS_PER_SEC, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stamp stamp = { .t_wakeup = TAI_NS + NOW - 1000 - rows[i].woke_ns, .seqid = 7 };
		struct event e;

		begin(STAMP_ETHERTYPE);
		stamp_put(frame + 14, &stamp);
		e = look(true, REAL + NOW - 1000);
		assert_true(key_is_numbered(e.key));
		assert_int_equal(key_seqid(e.key), 7);
		assert_int_equal(!(e.flags & EV_NO_APP), rows[i].believed);
		assert_int_equal(e.t + e.edge_ns[EV_TX_DRIVER], NOW - 1050 + !rows[i].believed);
		if (rows[i].believed)
			assert_int_equal(e.edge_ns[EV_TX_DRIVER], rows[i].woke_ns);
		e = look(false, REAL + NOW - 1000);	/* its sender's clock is another's */
		assert_int_equal(e.t, NOW - 950);
	}
}

static void test_questions_for_the_time_are_not_told_of(void **state)
{
	struct ask a = { .op = ASK_ASKS, .id = 99, .t_guest = 5 };
	struct event e;

	(void)state;
	begin(ASK_ETHERTYPE);
	ask_put(frame + 14, &a);
	assert_false(guest_sock_event(&s, &e, frame, sizeof(frame), true, REAL + NOW - 2000, NOW));
	assert_int_equal(s.ask_id, 99);
	assert_int_equal(s.t_asked, NOW - 2050);
	a = (struct ask){ .op = ASK_ANSWERS, .id = 99, .t_guest = 5, .t_seen = 6 };
	ask_put(frame + 14, &a);
	assert_false(guest_sock_event(&s, &e, frame, sizeof(frame), false, REAL + NOW - 1000, NOW));
	assert_int_equal(s.answer_id, 99);
	assert_int_equal(s.t_answered, NOW - 950);
	assert_int_equal(s.lost, 0);
}

/* Just after a step there are stamps of the clock before and after it: each is laid where it was, or not told of. */
static void test_a_step_between_stamps_and_reading(void **state)
{
	struct event e;
	int64_t step_ns = 3 * NS_PER_SEC;

	(void)state;
	begin(0x0800);
	s.real.low_ns += step_ns;
	s.real.high_ns += step_ns;
	s.t_step = NOW - 10;
	e = look(true, REAL + NOW - 2000);
	assert_int_equal(e.t, NOW - 2050);
	e = look(true, REAL + step_ns + NOW - 1000);
	assert_int_equal(e.t, NOW - 1050);
	assert_false(guest_sock_event(&s, &e, frame, sizeof(frame), true, REAL + NOW + NS_PER_SEC, NOW));
	assert_int_equal(s.lost, 1);
	s.t_step = NOW - 2 * NS_PER_SEC;	/* long ago: what is late is late */
	e = look(true, REAL + step_ns + NOW - NS_PER_SEC);
	assert_int_equal(e.t, NOW - NS_PER_SEC - 50);
}

static void test_a_clock_that_nobody_steps_is_narrowed(void **state)
{
	struct guest_time g = { .clock = CLOCK_REALTIME };
	int64_t low_ns, high_ns;

	(void)state;
	assert_false(guest_time_read(&g));
	for (int i = 0; i < 100; i++) {
		low_ns = g.low_ns;
		high_ns = g.high_ns;
		if (guest_time_read(&g))
			continue;	/* somebody did step it */
		assert_true(g.low_ns >= low_ns && g.high_ns <= high_ns && g.low_ns <= g.high_ns);
	}
	g.low_ns += NS_PER_SEC;
	g.high_ns += NS_PER_SEC;
	assert_true(guest_time_read(&g));
	assert_true(g.step_ns < -NS_PER_SEC + NS_PER_MS && g.step_ns > -NS_PER_SEC - NS_PER_MS);
}

TEST_GROUP("probes/guest_sock",
	cmocka_unit_test(test_stamps_keep_their_side),
	cmocka_unit_test(test_a_numbered_frame_says_when_its_sender_woke),
	cmocka_unit_test(test_questions_for_the_time_are_not_told_of),
	cmocka_unit_test(test_a_step_between_stamps_and_reading),
	cmocka_unit_test(test_a_clock_that_nobody_steps_is_narrowed),
)
