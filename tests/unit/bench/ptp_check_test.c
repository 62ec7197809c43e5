/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "base/ns.h"
#include "bench/ptp_check.h"

/* Class 7 in the first of ten milliseconds, the others in the rest. At 1 Gb/s 60 bytes last 672 ns, 1,500 last 12,192. */
#define CYCLE	(10 * NS_PER_MS)
#define WINDOW	NS_PER_MS
#define START	(INT64_C(1000) * CYCLE)
#define FRAME	672
#define LONG	12192

static const struct timeline_plan plan = {
	.list = {.cycle_ns = CYCLE, .n = 2, .entry = {{0x80, WINDOW}, {0x7f, CYCLE - WINDOW}}}};
static const struct timeline timeline = {.plan = &plan, .n = 1};

static struct ptp_check fresh(void)
{
	return (struct ptp_check){.timeline = &timeline, .link_bps = 1000000000};
}

/* Handed over at t, 90 ns after it was chosen; it had waited for the gate for all of its stay. */
static struct pkt frame(uint8_t tc, uint16_t len, int64_t t, int64_t stay_ns)
{
	struct pkt p = {.t_seen = t - stay_ns, .t_out = t, .len = len, .tc = tc, .verdict = VERDICT_SENT};

	p.hop_ns[HOP_SEND] = 90;
	p.hop_ns[HOP_GATE] = (uint32_t)(stay_ns - 90);
	return p;
}

static void add(struct ptp_check *c, struct pkt p)
{
	assert_int_equal(ptp_check_add(c, &p), 0);
}

static void test_stays(void **state)
{
	struct ptp_check c = fresh();
	int i;

	(void)state;
	for (i = 0; i < 5001; i++)	/* more than it has room for at first */
		add(&c, frame(7, 60, START + i * CYCLE + 200, NS_PER_MS + (i * 37 % 5001)));
	ptp_check_sort(&c);
	assert_int_equal(c.sent, 5001);
	assert_int_equal(c.stay_ns[0], NS_PER_MS);
	assert_int_equal(c.stay_ns[2500], NS_PER_MS + 2500);
	assert_int_equal(c.stay_ns[5000], NS_PER_MS + 5000);
	assert_int_equal(c.gate_ns[5000], NS_PER_MS + 5000 - 90);
	assert_int_equal(c.outside + c.overruns + c.dropped + c.others + c.bad_sums, 0);
	assert_int_equal(c.t_first, START + 200);
	assert_int_equal(c.t_last, START + 5000 * CYCLE + 200);
	ptp_check_fini(&c);
}

static void test_windows(void **state)
{
	struct ptp_check c = fresh();
	struct pkt late = frame(7, 60, START + WINDOW - FRAME + 1, 5000);

	(void)state;
	add(&c, frame(7, 60, START + WINDOW - FRAME, 5000));	/* over just in time */
	assert_int_equal(c.outside, 0);
	add(&c, frame(7, 60, START + CYCLE - 1, 5000));		/* shut */
	assert_int_equal(c.outside, 1);
	add(&c, frame(7, 60, START + 2 * CYCLE + WINDOW, 5000)); /* chosen while open, and no time left */
	assert_int_equal(c.outside, 2);
	late.out_port = 1;					/* a link of its own */
	add(&c, late);						/* 1 ns too long, and nobody said so */
	assert_int_equal(c.outside, 3);
	late.flags |= PKT_OVERRUN;
	late.t_seen += CYCLE;
	late.t_out += CYCLE;
	add(&c, late);						/* would have been in time when it was chosen */
	assert_int_equal(c.outside, 3);
	assert_int_equal(c.overruns, 1);
	late.flags = PKT_STEPPED;				/* its stamps are not where it was chosen */
	late.t_out += CYCLE / 2;
	late.t_seen += CYCLE / 2;
	add(&c, late);
	assert_int_equal(c.outside, 3);
	ptp_check_fini(&c);
}

/* A frame of another class is on the link when the gate opens: PTP goes after it, and three fill the window's rest. */
static void test_link(void **state)
{
	struct ptp_check c = fresh();
	int64_t t = START + WINDOW - 2 * LONG - 2 * FRAME;

	(void)state;
	add(&c, frame(6, 1500, t, 5000));
	add(&c, frame(7, 1500, t + 200, 5000));
	add(&c, frame(7, 60, t + 300, 5000));
	add(&c, frame(7, 60, t + 390, 5000));
	assert_int_equal(c.outside, 0);
	add(&c, frame(7, 60, t + 480, 5000));	/* chosen in time, but the link is not free before the close */
	assert_int_equal(c.outside, 1);
	assert_int_equal(c.others, 1);
	assert_int_equal(c.sent, 4);
	ptp_check_fini(&c);
}

static void test_dropped(void **state)
{
	struct ptp_check c = fresh();
	struct pkt p = frame(7, 60, START, 5000);

	(void)state;
	p.verdict = VERDICT_QUEUE_FULL;
	add(&c, p);
	p.tc = 0;
	add(&c, p);
	p.hop_ns[HOP_PORT]++;
	add(&c, p);
	p.hop_ns[HOP_PORT]--;
	p.verdict = VERDICT_PTP_DOUBT;	/* when it came, before it had a class, and when it should have gone */
	add(&c, p);
	p.tc = 7;
	add(&c, p);
	assert_int_equal(c.doubtful, 2);
	assert_int_equal(c.dropped, 1);
	assert_int_equal(c.others_dropped, 2);
	assert_int_equal(c.bad_sums, 1);
	assert_int_equal(c.sent, 0);
	ptp_check_sort(&c);
	ptp_check_fini(&c);
}

TEST_GROUP("bench/ptp_check",
	cmocka_unit_test(test_stays),
	cmocka_unit_test(test_windows),
	cmocka_unit_test(test_link),
	cmocka_unit_test(test_dropped),
)
