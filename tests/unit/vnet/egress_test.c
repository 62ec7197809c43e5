/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/egress.h"

#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

/*
 * 1 Gb/s: 8 ns a byte. The schedule, 100 us: class 7 alone in [0, 20 us), the others in [20 us, 100 us).
 */
#define CYCLE INT64_C(100000)
#define EDGE  INT64_C(20000)
#define SHORT 60   /* bytes */
#define LONG  1514
#define SHORT_NS ((SHORT + 24) * 8)
#define LONG_NS	 ((LONG + 24) * 8)
#define FRAMES	 8

struct line {
	struct egress e;
	struct gcl *gcl;
	struct pkt frame[FRAMES];
	int64_t slack_ns, t_open;
};

static int setup(void **state)
{
	struct gcl_entry entries[] = {{0x80, EDGE}, {0x7f, CYCLE - EDGE}};
	struct gcl_conf conf = {.enabled = true, .initial_gates = 0xff, .n_entries = 2, .entries = entries};
	static struct line l;
	struct wire wire;

	memset(&l, 0, sizeof(l));
	if (wire_init(&wire, NS_PER_SEC, NULL) || egress_init(&l.e, &wire, 4) || gcl_create(&l.gcl, &conf, &wire, NULL))
		return -1;
	egress_set(&l.e, l.gcl, 0);
	*state = &l;
	return egress_account(&l.e, 1) != NULL || l.e.gate.oper != l.gcl;
}

static int teardown(void **state)
{
	struct line *l = *state;

	egress_fini(&l->e);
	gcl_destroy(l->gcl);
	return 0;
}

static void come_to(struct line *l, int64_t t)
{
	assert_null(egress_account(&l->e, t));
}

/* Frame number i, of a class and a length, is queued at t. */
static void put(struct line *l, int64_t t, int i, uint8_t tc, uint16_t len)
{
	come_to(l, t);
	l->frame[i] = (struct pkt){.t_seen = t, .seq = (uint64_t)i, .tc = tc, .len = len};
	assert_true(egress_put(&l->e, &l->frame[i]));
}

static uint32_t look(struct line *l, int64_t t, struct egress_pick *picks, uint32_t n)
{
	come_to(l, t);
	return egress_select(&l->e, picks, n, &l->slack_ns, &l->t_open);
}

static void nothing_goes(struct line *l, int64_t t)
{
	struct egress_pick pick;

	assert_int_equal(look(l, t, &pick, 1), 0);
}

/* At t one frame goes, it is number i, and these are its waits. The hand-over takes no time. */
static void goes(struct line *l, int64_t t, int i, uint32_t queue_ns, uint32_t gate_ns, uint32_t port_ns)
{
	struct egress_pick pick;
	struct pkt rec;

	assert_int_equal(look(l, t, &pick, 1), 1);
	assert_ptr_equal(pick.p, &l->frame[i]);
	rec = *pick.p;
	egress_waits(&l->e, &rec);
	assert_int_equal(rec.hop_ns[HOP_QUEUE], queue_ns);
	assert_int_equal(rec.hop_ns[HOP_GATE], gate_ns);
	assert_int_equal(rec.hop_ns[HOP_SHAPE], 0);
	assert_int_equal(rec.hop_ns[HOP_PORT], port_ns);
	assert_int_equal(queue_ns + gate_ns + port_ns, t - rec.t_seen);
	egress_take(&l->e, &pick, 1);
	assert_int_equal(egress_sent(&l->e, &pick, 1, t, t), 0);
}

static void test_waits_for_gate(void **state)
{
	put(*state, 30000, 0, 7, SHORT);
	nothing_goes(*state, 30000);
	nothing_goes(*state, CYCLE - 1);
	goes(*state, CYCLE, 0, 0, CYCLE - 30000, 0);
}

/* What passes between the gate's opening and the worker coming by is the queue's. */
static void test_gate_then_late_worker(void **state)
{
	put(*state, 30000, 0, 7, SHORT);
	goes(*state, CYCLE + 300, 0, 300, CYCLE - 30000, 0);
}

/* The account is the same whether the worker comes by often, or once after three cycles. */
static void test_gate_over_several_cycles(void **state)
{
	struct line *l = *state;
	int64_t t;

	put(l, 30000, 0, 7, SHORT);
	put(l, 30000, 1, 0, SHORT);
	for (t = 30000; t < 3 * CYCLE + 50000; t += 777)
		come_to(l, t);
	/* Class 7 was shut for 70,000, twice 80,000 and 30,000. Class 0 open at first: that time was the worker's. */
	goes(l, 3 * CYCLE + 50000, 1, 70000 + 2 * 80000 + 30000, 3 * 20000, 0);
	goes(l, 4 * CYCLE + 5, 0, 3 * 20000 + 5, 70000 + 3 * 80000, 0);
}

static void test_waits_for_busy_port(void **state)
{
	put(*state, 30000, 0, 0, LONG);
	goes(*state, 30000, 0, 0, 0, 0);
	put(*state, 31000, 1, 1, SHORT);
	nothing_goes(*state, 31000);
	goes(*state, 30000 + LONG_NS + 50, 1, 50, 0, LONG_NS - 1000);
}

/* A frame may be handed over a little before the link is free. */
static void test_ahead_of_a_free_link(void **state)
{
	put(*state, 30000, 0, 0, LONG);
	goes(*state, 30000, 0, 0, 0, 0);
	put(*state, 31000, 1, 1, SHORT);
	nothing_goes(*state, 30000 + LONG_NS - EGRESS_AHEAD_NS - 1);
	goes(*state, 30000 + LONG_NS - EGRESS_AHEAD_NS, 1, 0, 0, LONG_NS - EGRESS_AHEAD_NS - 1000);
	assert_int_equal(((struct line *)*state)->e.t_free, 30000 + LONG_NS + SHORT_NS);
}

static void test_waits_for_own_class(void **state)
{
	put(*state, 30000, 0, 3, LONG);
	put(*state, 30000, 1, 3, SHORT);
	goes(*state, 30000, 0, 0, 0, 0);
	goes(*state, 30000 + LONG_NS, 1, LONG_NS, 0, 0);
}

/* Gate, port and queue, one after the other. */
static void test_all_three(void **state)
{
	put(*state, 5000, 0, 0, SHORT);
	put(*state, 6000, 1, 0, SHORT);
	put(*state, 15000, 2, 1, LONG);
	goes(*state, EDGE, 2, 0, EDGE - 15000, 0);
	goes(*state, EDGE + LONG_NS, 0, 0, EDGE - 5000, LONG_NS);
	goes(*state, EDGE + LONG_NS + SHORT_NS + 7, 1, SHORT_NS + 7, EDGE - 6000, LONG_NS);
}

/* Strict priority, whatever came first; and no more at once than may be handed over before the link is free. */
static void test_higher_class_first(void **state)
{
	struct line *l = *state;
	struct egress_pick picks[4];

	static_assert(EGRESS_AHEAD_NS >= 2 * SHORT_NS && EGRESS_AHEAD_NS < 3 * SHORT_NS, "three frames in a burst");
	put(l, 30000, 0, 0, SHORT);
	put(l, 30000, 1, 5, SHORT);
	put(l, 30000, 2, 6, SHORT);
	put(l, 30000, 3, 5, SHORT);
	assert_int_equal(look(l, 30000, picks, 4), 3);
	assert_ptr_equal(picks[0].p, &l->frame[2]);
	assert_ptr_equal(picks[1].p, &l->frame[1]);
	assert_ptr_equal(picks[2].p, &l->frame[3]);
}

/* The gate is open but the frame would not be over in time: that is waiting for the gate, from the moment this was seen. */
static void test_held_before_the_close(void **state)
{
	put(*state, EDGE - 1000, 0, 7, LONG);
	nothing_goes(*state, EDGE - 1000);
	nothing_goes(*state, EDGE - 500);
	goes(*state, CYCLE + 4, 0, 4, CYCLE - EDGE + 1000, 0);
}

static void test_held_later_than_it_came(void **state)
{
	put(*state, EDGE - LONG_NS - 100, 0, 7, LONG);
	nothing_goes(*state, EDGE - LONG_NS + 1);
	goes(*state, CYCLE, 0, 101, CYCLE - EDGE + LONG_NS - 1, 0);
}

/* To the last nanosecond, and not one later. */
static void test_fits_exactly(void **state)
{
	put(*state, EDGE - SHORT_NS, 0, 7, SHORT);
	put(*state, EDGE - SHORT_NS, 1, 7, SHORT);
	goes(*state, EDGE - SHORT_NS, 0, 0, 0, 0);
	nothing_goes(*state, EDGE - SHORT_NS);
	goes(*state, CYCLE, 1, 0, CYCLE - EDGE + SHORT_NS, 0);
}

static void test_burst_ends_at_the_close(void **state)
{
	struct line *l = *state;
	struct egress_pick picks[4];
	int64_t t = EDGE - 2 * SHORT_NS - 10;
	int i;

	for (i = 0; i < 4; i++)
		put(l, t, i, 7, SHORT);
	assert_int_equal(look(l, t, picks, 4), 2);
	assert_int_equal(l->slack_ns, 10);
	assert_int_equal(picks[1].t_close, EDGE);
	assert_int_equal(picks[1].wire_ns, SHORT_NS);
}

static void test_queue_is_full(void **state)
{
	struct line *l = *state;
	struct pkt more = {.tc = 3, .len = SHORT}, other = {.tc = 4, .len = SHORT};
	int i;

	for (i = 0; i < 4; i++)
		put(l, 30000, i, 3, SHORT);
	assert_false(egress_put(&l->e, &more));
	assert_true(egress_put(&l->e, &other));
	assert_int_equal(egress_queued(&l->e, 3), 4);
	assert_ptr_equal(egress_drop_head(&l->e, 3), &l->frame[0]);
	assert_true(egress_put(&l->e, &more));
	for (i = 1; i < 4; i++)
		assert_ptr_equal(egress_drop_head(&l->e, 3), &l->frame[i]);
	assert_ptr_equal(egress_drop_head(&l->e, 3), &more);
	assert_null(egress_head(&l->e, 3));
	assert_int_equal(l->e.backlog, 1 << 4);
}

/* The hand-over took so long that the second of two frames was not over at the close; the third's gate never shuts. */
static void test_overrun_is_that_frames(void **state)
{
	struct line *l = *state;
	struct egress_pick picks[3] = {
		{.t_close = EDGE, .wire_ns = SHORT_NS, .tc = 7},
		{.t_close = EDGE, .wire_ns = SHORT_NS, .tc = 7},
		{.t_close = NS_NEVER, .wire_ns = SHORT_NS, .tc = 0},
	};
	int64_t t = EDGE - 2 * SHORT_NS;

	come_to(l, t - 10);
	assert_int_equal(egress_sent(&l->e, picks, 3, t - 10, t), 0);
	l->e.t_free = 0;
	assert_int_equal(egress_sent(&l->e, picks, 3, t - 10, t + 1), 2);
	l->e.t_free = 0;
	assert_int_equal(egress_sent(&l->e, picks, 3, t - 10, EDGE + 1), 3);
}

/* A margin of 5 us is kept free before the close, and never more than half of what the window has to spare. */
static void test_margin(void **state)
{
	struct line *l = *state;

	egress_expect(&l->e, 5000);
	put(l, 0 + 2, 0, 7, SHORT);
	put(l, 0 + 2, 1, 7, SHORT);
	goes(l, EDGE - SHORT_NS - 5000, 0, EDGE - SHORT_NS - 5000 - 2, 0, 0);
	assert_int_equal(l->slack_ns, 0);
	l->e.t_free = 0;
	nothing_goes(l, EDGE - SHORT_NS - 4999);
	come_to(l, CYCLE);
	egress_drop_head(&l->e, 7);
	put(l, CYCLE, 2, 7, LONG);
	goes(l, CYCLE + (EDGE - LONG_NS) / 2, 2, (uint32_t)(EDGE - LONG_NS) / 2, 0, 0);
	assert_int_equal(l->slack_ns, 0);
}

static void test_margin_is_learned(void **state)
{
	struct line *l = *state;
	int i;

	egress_expect(&l->e, 5000);
	for (i = 0; i < 1000000; i++)
		egress_sent(&l->e, NULL, 0, 1000, 1100);
	assert_in_range(l->e.margin_ns, 100, 110);	/* what was seen last, hardly more */
	egress_sent(&l->e, NULL, 0, 1000, 4000);
	assert_int_equal(l->e.margin_ns, 3000);
	egress_sent(&l->e, NULL, 0, 1000, 6000);	/* interrupted: says nothing */
	assert_int_equal(l->e.margin_ns, 3000);
}

/* One hand-over ended past its frame's close: the next frame is not started where the same would happen again. */
static void test_overrun_teaches_the_margin(void **state)
{
	struct line *l = *state;
	struct egress_pick pick;

	egress_expect(&l->e, 20000);
	l->e.margin_ns = 0;
	put(l, 90000, 0, 0, SHORT);
	assert_int_equal(look(l, 90000, &pick, 1), 1);
	assert_int_equal(l->slack_ns, CYCLE - 90000 - SHORT_NS);
	egress_take(&l->e, &pick, 1);
	assert_int_equal(egress_sent(&l->e, &pick, 1, 90000, 99900), 1);
	assert_int_equal(l->e.margin_ns, 9900);
	put(l, 2 * CYCLE - 9000, 1, 0, SHORT);
	nothing_goes(l, 2 * CYCLE - 9000);
}

/* A window that the frame fills needs a hand-over at its very first nanosecond: software is given a little. */
static void test_longest_frame(void **state)
{
	struct line *l = *state;
	uint32_t len = egress_max_len(&l->e, 7);

	assert_true(wire_ns(&l->e.wire, len) + EGRESS_SPARE_NS <= EDGE);
	assert_true(wire_ns(&l->e.wire, len + 1) + EGRESS_SPARE_NS > EDGE);
}

/* Only a gate above all open ones is worth standing still for. */
static void test_next_opening(void **state)
{
	struct line *l = *state;
	struct egress_pick pick;

	put(l, 5000, 0, 3, SHORT);
	look(l, 5000, &pick, 1);
	assert_int_equal(l->t_open, NS_NEVER);
	put(l, 30000, 1, 7, SHORT);
	look(l, 30000, &pick, 1);
	assert_int_equal(l->t_open, CYCLE);
}

/* The clock is put on by three cycles and a bit: durations stay, the schedule is where the clock says. */
static void test_shift(void **state)
{
	struct line *l = *state;
	const int64_t delta = 3 * CYCLE + 5000;
	struct pkt rec;

	put(l, 30000, 0, 7, SHORT);
	come_to(l, 40000);
	egress_shift(&l->e, delta, 40000 + delta);
	assert_int_equal(l->frame[0].t_seen, 30000 + delta);
	assert_true(l->frame[0].flags & PKT_STEPPED);
	goes(l, 4 * CYCLE, 0, 0, 10000 + (CYCLE - 45000), 0);
	put(l, 4 * CYCLE + 10, 1, 0, SHORT);
	come_to(l, 4 * CYCLE + 1000);
	egress_shift(&l->e, -CYCLE, 3 * CYCLE + 1000);	/* and back */
	come_to(l, 3 * CYCLE + 1500);
	rec = l->frame[1];
	egress_waits(&l->e, &rec);
	assert_int_equal(rec.hop_ns[HOP_GATE], 990 + 500);
	assert_int_equal(l->e.t_now - rec.t_seen, 990 + 500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST_GROUP("vnet/egress",
	TEST(test_waits_for_gate),
	TEST(test_gate_then_late_worker),
	TEST(test_gate_over_several_cycles),
	TEST(test_waits_for_busy_port),
	TEST(test_ahead_of_a_free_link),
	TEST(test_waits_for_own_class),
	TEST(test_all_three),
	TEST(test_higher_class_first),
	TEST(test_held_before_the_close),
	TEST(test_held_later_than_it_came),
	TEST(test_fits_exactly),
	TEST(test_burst_ends_at_the_close),
	TEST(test_queue_is_full),
	TEST(test_overrun_is_that_frames),
	TEST(test_margin),
	TEST(test_margin_is_learned),
	TEST(test_overrun_teaches_the_margin),
	TEST(test_longest_frame),
	TEST(test_next_opening),
	TEST(test_shift),
)
