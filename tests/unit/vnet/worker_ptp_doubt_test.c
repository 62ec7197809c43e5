/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker that was away, or whose clock was stepped: a message whose stay is not known is lost, and never wrong. */
#include "vnet/worker_ptp.h"

#include "tests/unit/vnet/worker_ptp_house.h"

/* The worker was away before it found the message, and there is no stamp: nobody knows when it came. */
static void test_doubt_about_its_arrival(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.in.clock.now += 2 * PORT_PTP_DOUBT_NS + 10000;
	put(&h, IN, MSG_SYNC, 1, 0);
	turn(&h, 3);
	assert_int_equal(h.n_left, 0);
	assert_int_equal(h.in.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	h.in.clock.now += 2 * PORT_PTP_DOUBT_NS + 10000;
	h.early_ns = 1234; /* but a stamp knows */
	put(&h, IN, MSG_SYNC, 2, 0);
	until(&h, 1);
	assert_true(correction(&h.left[0]) == (double)(1234 + stay(record(&h, 1))));
	h.early_ns = INT64_MIN;
	h.in.port[IN].ptp.correction = false; /* nor does it matter where nothing is said of it */
	h.in.clock.now += 2 * PORT_PTP_DOUBT_NS + 10000;
	put(&h, IN, MSG_SYNC, 3, 0);
	until(&h, 2);
	assert_int_equal(h.in.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	worker_house_close(&h.in);
}

/* The worker was away while it handed it over: what completes it is dropped, and only that. */
static void test_doubt_about_its_departure(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	h.away_ns = 2 * PORT_PTP_DOUBT_NS + 1;
	put(&h, IN, MSG_SYNC, 1, 0);
	until(&h, 1);
	assert_int_equal(h.in.port[OUT].stat.ptp_doubts, 1);
	put(&h, IN, MSG_FOLLOW_UP, 0, 0);
	put(&h, IN, MSG_FOLLOW_UP, 1, 0);
	put(&h, IN, MSG_SYNC, 2, 0);
	put(&h, IN, MSG_FOLLOW_UP, 2, 0);
	until(&h, 4);
	turn(&h, 10);
	assert_int_equal(h.n_left, 4);
	assert_int_equal(h.in.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	assert_int_equal(h.in.port[IN].stat.verdict[VERDICT_SENT], 4);
	worker_house_close(&h.in);
}

/* The gate has just shut, and Sync 1 stands before it. */
static void open_with_a_sync_that_waits(struct house *h)
{
	house_open(h, true);
	h->in.clock.now += CYCLE_NS + 2 * WINDOW_NS;
	turn(h, 3);
	h->early_ns = 0;
	put(h, IN, MSG_SYNC, 1, 0);
	turn(h, 3);
}

/* A step of the clock while a message waits: durations are true, and so is its correction. */
static void test_a_step_while_it_waits(void **state)
{
	struct house h;

	(void)state;
	open_with_a_sync_that_waits(&h);
	h.in.clock.now -= 37 * NS_PER_SEC;
	h.in.clock.stepped -= 37 * NS_PER_SEC;
	until(&h, 1);
	assert_true(correction(&h.left[0]) == (double)stay(record(&h, 0)));
	assert_true(correction(&h.left[0]) > WINDOW_NS && correction(&h.left[0]) < 2 * CYCLE_NS);
	worker_house_close(&h.in);
}

/* The worker stands still for longer than it takes notice of, while a message waits, or lies unseen without a stamp: lost, not wrong. */
static void test_a_stop_while_it_waits(void **state)
{
	struct house h;

	(void)state;
	open_with_a_sync_that_waits(&h);
	h.in.clock.now += 30 * CYCLE_NS;
	put(&h, IN, MSG_SYNC, 2, 0);
	until(&h, 1);
	assert_int_equal(h.in.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	assert_int_equal(be_get16(h.left[0].frame + 44), 2);
	assert_true(correction(&h.left[0]) == (double)stay(record(&h, 1)));
	h.early_ns = INT64_MIN;
	h.in.clock.now += 30 * CYCLE_NS;
	put(&h, IN, MSG_SYNC, 3, 0);
	turn(&h, 3);
	assert_int_equal(h.in.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 2);
	h.early_ns = 0;
	put(&h, IN, MSG_SYNC, 4, 0);
	until(&h, 2);
	assert_int_equal(be_get16(h.left[1].frame + 44), 4);
	worker_house_close(&h.in);
}

/* And while it is handed over: it may have left before, or after. What completes it is dropped, whatever the stamp says. */
static void test_a_stop_while_it_leaves(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	h.later_ns = 5;
	h.away_ns = 30 * CYCLE_NS;
	put(&h, IN, MSG_SYNC, 1, 0);
	until(&h, 1);
	assert_int_equal(h.in.port[OUT].stat.ptp_doubts, 1);
	put(&h, IN, MSG_FOLLOW_UP, 1, 0);
	put(&h, IN, MSG_SYNC, 2, 0);
	until(&h, 2);
	assert_int_equal(h.left[1].frame[14], MSG_SYNC);
	assert_int_equal(h.in.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	worker_house_close(&h.in);
}

TEST_GROUP("vnet/worker_ptp_doubt",
	cmocka_unit_test(test_doubt_about_its_arrival),
	cmocka_unit_test(test_doubt_about_its_departure),
	cmocka_unit_test(test_a_step_while_it_waits),
	cmocka_unit_test(test_a_stop_while_it_waits),
	cmocka_unit_test(test_a_stop_while_it_leaves),
)
