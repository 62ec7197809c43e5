/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * egress_change: what a frame is promised, and whether breaking it is counted, when its window is one that a change of schedule makes: in a
 * cycle that is held, cut, or carried on by the next list (802.1Q-2022 8.6.9.1.1; transmission-overrun, 12.29.1.1).
 */
#include "vnet/egress.h"

#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

/* 1 Gb/s. The list that runs: the others in [0, 80 us) of each 100 us, then class 7 alone; its cycle may be lengthened by 30 us. */
#define CYCLE	INT64_C(100000)
#define EDGE	INT64_C(80000)
#define EXT	INT64_C(30000)
#define LONG	1514
#define LONG_NS ((LONG + 24) * 8)

struct line {
	struct egress e;
	struct wire wire;
	struct gcl *gcl[2];
	struct pkt frame;
	struct egress_pick pick;
};

static void make(struct line *l, int i, uint8_t first, uint8_t second, int64_t t_base)
{
	struct gcl_entry entries[] = {{first, EDGE}, {second, CYCLE - EDGE}};
	struct gcl_conf conf = {.enabled = true, .initial_gates = 0xff, .n_entries = 2, .entries = entries, .t_base = t_base, .extension_ns = EXT};

	assert_int_equal(gcl_create(&l->gcl[i], &conf, &l->wire, NULL), 0);
}

static int setup(void **state)
{
	static struct line l;

	memset(&l, 0, sizeof(l));
	if (wire_init(&l.wire, NS_PER_SEC, NULL) || egress_init(&l.e, &l.wire, 4))
		return -1;
	make(&l, 0, 0x7f, 0x80, 0);
	egress_set(&l.e, l.gcl[0], 0);
	*state = &l;
	return egress_account(&l.e, 1) != NULL || l.e.gate.oper != l.gcl[0];
}

static int teardown(void **state)
{
	struct line *l = *state;

	egress_fini(&l->e);
	gcl_destroy(l->gcl[0]);
	gcl_destroy(l->gcl[1]);
	return 0;
}

/* At 50 us another list is asked for, to take over at t. */
static void change(struct line *l, uint8_t first, uint8_t second, int64_t t)
{
	make(l, 1, first, second, t);
	assert_null(egress_account(&l->e, 50000));
	assert_null(egress_set(&l->e, l->gcl[1], 50000));
	assert_true(l->e.gate.t_change == t);
}

/* A long frame of the class, there from t on: may it go then? */
static bool may_go(struct line *l, int64_t t, uint8_t tc)
{
	int64_t slack_ns, t_open;

	assert_null(egress_account(&l->e, t));
	if (!l->e.backlog) {
		l->frame = (struct pkt){.t_seen = t, .tc = tc, .len = LONG};
		assert_true(egress_put(&l->e, &l->frame));
	}
	return egress_select(&l->e, &l->pick, 1, &slack_ns, &t_open) == 1;
}

/* The hand-over of the frame chosen takes until t_out: is that an overrun? */
static bool overruns(struct line *l, int64_t t_out)
{
	egress_take(&l->e, &l->pick, 1);
	return egress_sent(&l->e, &l->pick, 1, l->e.t_now, t_out) & 1;
}

/* The change at 220 us is 20 us after a regular end: class 7 stays open until then, in one window. */
static void hold(struct line *l)
{
	change(l, 0x7f, 0x80, 220000);
	assert_true(may_go(l, 202000, 7));
	assert_true(l->pick.t_close == 220000);
}

static void test_in_the_extension(void **state)
{
	hold(*state);
	assert_false(overruns(*state, 220000 - LONG_NS));
}

static void test_late_in_the_extension(void **state)
{
	hold(*state);
	assert_true(overruns(*state, 220000 - LONG_NS + 1));
}

static void test_does_not_fit_the_extension(void **state)
{
	struct line *l = *state;

	change(l, 0x7f, 0x80, 220000);
	assert_true(may_go(l, 220000 - LONG_NS, 7));
	assert_false(may_go(l, 220000 - LONG_NS + 1, 7));
}

/* The others, whose gates a regular cycle would have opened at 200 us, wait for the change. */
static void test_nothing_opens_in_the_extension(void **state)
{
	struct line *l = *state;

	change(l, 0x7f, 0x80, 220000);
	assert_false(may_go(l, 201000, 0));
	assert_ptr_equal(egress_account(&l->e, 220000), l->gcl[0]);
	assert_null(egress_account(&l->e, 220000));
	assert_true(may_go(l, 220000, 0));
	assert_true(l->pick.t_close == 220000 + EDGE);
}

/* 31 us after a regular end is too long: a cycle begins, and is cut. */
static void test_in_a_cut_cycle(void **state)
{
	struct line *l = *state;

	change(l, 0x80, 0x7f, 231000);
	assert_true(may_go(l, 205000, 0));
	assert_true(l->pick.t_close == 231000);
	assert_true(overruns(l, 231000 - LONG_NS + 1));
}

/* A class that is open on both sides of the change is promised a window across it; running over the change breaks nothing. */
static void test_across_the_change(void **state)
{
	struct line *l = *state;

	change(l, 0x80, 0x7f, 220000);
	assert_true(may_go(l, 219000, 7));
	assert_true(l->pick.t_close == 220000 + EDGE);
	assert_false(overruns(l, 219500));
}

static void test_late_across_the_change(void **state)
{
	struct line *l = *state;

	change(l, 0x80, 0x7f, 220000);
	assert_true(may_go(l, 219000, 7));
	assert_true(overruns(l, 220000 + EDGE - LONG_NS + 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST_GROUP("vnet/egress_change",
	TEST(test_in_the_extension),
	TEST(test_late_in_the_extension),
	TEST(test_does_not_fit_the_extension),
	TEST(test_nothing_opens_in_the_extension),
	TEST(test_in_a_cut_cycle),
	TEST(test_across_the_change),
	TEST(test_late_across_the_change),
)
