/* SPDX-License-Identifier: BSD-3-Clause */
/* What a transparent clock writes into messages that cross the worker, as long as nobody doubts when they came and went. */
#include "vnet/worker_ptp.h"

#include "tests/unit/vnet/worker_ptp_house.h"

/* It came between the last look into the empty port and the end of the visit that found it: the middle is taken without a stamp. */
static void test_a_sync_that_waits_for_its_gate(void **state)
{
	struct house h;
	int i;

	(void)state;
	house_open(&h, true);
	turn(&h, 3);
	for (i = 0; i < 20; i++) {
		double least, half;

		h.in.clock.now += i * 300000; /* another place in the cycle */
		turn(&h, 3);
		half = (double)(h.in.worker.t_now - h.in.port[IN].t_dry + 2 * COST_NS);
		put(&h, IN, MSG_SYNC, (uint16_t)i, 1000 * i);
		until(&h, (uint32_t)i + 1);
		assert_true(record(&h, (uint32_t)i)->flags & PKT_PTP_EVENT);
		least = (double)(1000 * i + stay(record(&h, (uint32_t)i)) - record(&h, (uint32_t)i)->hop_ns[HOP_COPY]);
		assert_true(correction(&h.left[i]) >= least && correction(&h.left[i]) <= least + half);
	}
	assert_int_equal(h.in.port[OUT].stat.ptp_corrected, 20);
	worker_house_close(&h.in);
}

/* With stamps nothing is left to guess: its way from the one to the other, to the nanosecond. */
static void test_stamps_say_when(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, true);
	turn(&h, 3);
	h.early_ns = 7654;
	h.later_ns = 83;
	put(&h, IN, MSG_SYNC, 5, -3);
	put(&h, IN, MSG_FOLLOW_UP, 5, 11);
	put(&h, IN, MSG_FOLLOW_UP, 6, 11); /* of another Sync */
	put(&h, IN, MSG_FOLLOW_UP, 5, 11); /* once is enough */
	until(&h, 4);
	assert_true(correction(&h.left[0]) == (double)(-3 + 7654 + stay(record(&h, 0))));
	assert_true(correction(&h.left[1]) == 11 + 83);
	assert_true(correction(&h.left[2]) == 11);
	assert_true(correction(&h.left[3]) == 11);
	assert_int_equal(h.in.port[IN].stat.ptp_stamped, 1);

	put(&h, OUT, MSG_DELAY_REQ, 9, 0);
	until(&h, 5);
	assert_true(correction(&h.left[4]) == (double)(7654 + stay(record(&h, 4))));
	put(&h, IN, MSG_DELAY_RESP, 9, 40);
	until(&h, 6);
	assert_true(correction(&h.left[5]) == 40 + 83);
	worker_house_close(&h.in);
}

/* A stamp from another day is none. */
static void test_a_senseless_stamp(void **state)
{
	static const int64_t early[] = {NS_PER_SEC * 60, -NS_PER_SEC, -2 * COST_NS, NS_PER_MS}; /* the last: another message of this name */
	struct house h;
	uint32_t i;

	(void)state;
	house_open(&h, false);
	for (i = 0; i < 4; i++) {
		turn(&h, 3);
		h.early_ns = early[i];
		h.later_ns = i ? -5 : NS_PER_SEC;
		put(&h, IN, MSG_SYNC, 5, 0);
		until(&h, 2 * i + 1);
		assert_true(correction(&h.left[2 * i]) >= 0 && correction(&h.left[2 * i]) < 10000);
		put(&h, IN, MSG_FOLLOW_UP, 5, 0);
		until(&h, 2 * i + 2);
		assert_true(correction(&h.left[2 * i + 1]) == 0);
	}
	assert_int_equal(h.in.port[IN].stat.ptp_stamped, 0);
	worker_house_close(&h.in);
}

/* The driver refuses it several times: corrected once, by the last hand-over. */
static void test_a_refused_message_is_corrected_once(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	h.refuse = 5;
	put(&h, IN, MSG_SYNC, 1, 77);
	until(&h, 1);
	assert_true(record(&h, 0)->flags & PKT_RETRIED);
	assert_true(correction(&h.left[0]) == (double)(77 + stay(record(&h, 0))));
	assert_int_equal(h.in.port[OUT].stat.ptp_corrected, 1);
	worker_house_close(&h.in);
}

/* An event message leaves alone; what is not one keeps its bytes. */
static void test_events_go_alone(void **state)
{
	struct house h;
	uint32_t i;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	for (i = 0; i < 4; i++) {
		put(&h, IN, MSG_ANNOUNCE - 3, (uint16_t)i, 5); /* Follow_Up */
		put(&h, IN, MSG_SYNC, (uint16_t)i, 0);
	}
	until(&h, 8);
	for (i = 0; i < 8; i++)
		if (record(&h, i)->flags & PKT_PTP_EVENT) {
			assert_true(!i || record(&h, i - 1)->t_out < record(&h, i)->t_out);
			assert_true(i == 7 || record(&h, i)->t_out < record(&h, i + 1)->t_out);
			assert_true(correction(&h.left[i]) == (double)stay(record(&h, i)));
		} else {
			assert_true(record(&h, i)->flags & PKT_PTP_GENERAL);
			assert_true(correction(&h.left[i]) == 5);
		}
	worker_house_close(&h.in);
}

/* Each copy of a flooded message by its own stay. */
static void test_copies_are_corrected_each(void **state)
{
	struct house h;
	uint32_t i;

	(void)state;
	house_open(&h, true);
	h.in.mem[THIRD].up = true;
	h.in.clock.now += CYCLE_NS + 2 * WINDOW_NS; /* shut for OUT */
	turn(&h, 3);
	h.early_ns = 0;
	put(&h, IN, MSG_SYNC, 1, 0);
	until(&h, 2);
	assert_int_equal(h.left[0].port, THIRD);
	assert_int_equal(h.left[1].port, OUT);
	for (i = 0; i < 2; i++)
		assert_true(correction(&h.left[i]) == (double)stay(record(&h, i)));
	assert_true(correction(&h.left[1]) > 1000000 && correction(&h.left[0]) < 10000);
	worker_house_close(&h.in);
}

/* A Delay_Resp is for all to hear: each copy has the rest of the request's correction, whoever gets it first. */
static void test_an_answer_to_everybody(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	h.in.mem[THIRD].up = true;
	turn(&h, 3);
	h.early_ns = 0;
	h.later_ns = 83;
	h.in.mem[THIRD].up = false;
	turn(&h, 1);
	put(&h, OUT, MSG_DELAY_REQ, 9, 0);
	until(&h, 1);
	h.in.mem[THIRD].up = true;
	turn(&h, 1);
	put(&h, IN, MSG_DELAY_RESP, 9, 40);
	until(&h, 3);
	assert_int_not_equal(h.left[1].port, h.left[2].port);
	assert_true(correction(&h.left[1]) == 40 + 83);
	assert_true(correction(&h.left[2]) == 40 + 83);

	h.in.mem[THIRD].up = false;
	turn(&h, 1);
	h.later_ns = INT64_MIN;
	h.away_ns = 2 * PORT_PTP_DOUBT_NS + 1;
	put(&h, OUT, MSG_DELAY_REQ, 10, 0);
	until(&h, 4);
	h.in.mem[THIRD].up = true;
	turn(&h, 1);
	put(&h, IN, MSG_DELAY_RESP, 10, 40);
	turn(&h, 10);
	assert_int_equal(h.n_left, 4); /* in doubt: nobody gets it */
	worker_house_close(&h.in);
}

/* IEEE 1588-2008 11.6: asymmetry where a Sync comes in is added, where a Delay_Req goes out taken off; latencies at both ends. */
static void test_latencies_and_asymmetry(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	h.in.port[IN].ptp = (struct port_ptp){.role = ROLE_TRANSPARENT, .correction = true, .peer = PKT_NO_PORT, .asymmetry_ns = 1000,
					   .ingress_latency_ns = 20, .egress_latency_ns = 3, .meter = h.in.port[IN].ptp.meter};
	put(&h, IN, MSG_SYNC, 1, 0);
	until(&h, 1);
	assert_true(correction(&h.left[0]) == (double)(1000 + 20 + stay(record(&h, 0))));
	put(&h, OUT, MSG_DELAY_REQ, 1, 0);
	until(&h, 2);
	assert_true(correction(&h.left[1]) == (double)(-1000 + 3 + stay(record(&h, 1))));
	worker_house_close(&h.in);
}

static void test_a_port_that_does_not_correct(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.in.port[IN].ptp.correction = false;
	put(&h, IN, MSG_SYNC, 1, 9);
	until(&h, 1);
	assert_true(correction(&h.left[0]) == 9);
	assert_int_equal(h.in.port[OUT].stat.ptp_corrected, 0);
	worker_house_close(&h.in);
}

TEST_GROUP("vnet/worker_ptp",
	cmocka_unit_test(test_a_sync_that_waits_for_its_gate),
	cmocka_unit_test(test_stamps_say_when),
	cmocka_unit_test(test_a_senseless_stamp),
	cmocka_unit_test(test_a_refused_message_is_corrected_once),
	cmocka_unit_test(test_events_go_alone),
	cmocka_unit_test(test_copies_are_corrected_each),
	cmocka_unit_test(test_an_answer_to_everybody),
	cmocka_unit_test(test_latencies_and_asymmetry),
	cmocka_unit_test(test_a_port_that_does_not_correct),
)
