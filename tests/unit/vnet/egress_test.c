/* SPDX-License-Identifier: BSD-3-Clause */
/* Timelines in which a frame waits for known reasons: each wait is told to the nanosecond. 1 Gb/s: 1,000 bytes last 8,192 ns, 60 last 672. */
#include "tests/unit/test.h"

#include <string.h>

#include "base/ns.h"
#include "vnet/egress.h"

#define LONG	1000
#define LONG_NS 8192
#define MIN_NS	672

static struct egress *make(struct egress *e, const struct gcl_conf *conf)
{
	struct wire wire;
	struct gcl *gcl;

	assert_int_equal(wire_init(&wire, 1000000000, NULL), 0);
	assert_int_equal(egress_init(e, &wire, 8), 0);
	assert_null(egress_account(e, 0));
	if (conf) {
		assert_int_equal(gcl_create(&gcl, conf, &wire, NULL), 0);
		assert_null(egress_set(e, gcl, 0));
	}
	assert_null(egress_account(e, 1));
	return e;
}

static void unmake(struct egress *e)
{
	gcl_destroy((struct gcl *)e->gate.oper);
	gcl_destroy((struct gcl *)e->gate.admin);
	egress_fini(e);
}

static struct pkt frame(uint8_t tc, uint16_t len)
{
	return (struct pkt){.tc = tc, .len = len};
}

/* Choose and hand over at t, taking no time; the class sent, or -1. Its waits are left in *rec. */
static int go(struct egress *e, int64_t t, struct pkt *rec)
{
	struct egress_pick pick;
	int64_t slack, t_open;

	while (egress_account(e, t))
		;
	if (!egress_select(e, &pick, 1, &slack, &t_open))
		return -1;
	*rec = *pick.p;
	egress_waits(e, rec);
	egress_take(e, &pick, 1);
	assert_int_equal(egress_sent(e, &pick, 1, t, t), 0);
	return rec->tc;
}

static void put(struct egress *e, struct pkt *p, int64_t t)
{
	while (egress_account(e, t))
		;
	assert_true(egress_put(e, p));
}

#define assert_waits(rec, q, g, p)                              \
	do {                                                    \
		assert_int_equal((rec).hop_ns[HOP_QUEUE], q);   \
		assert_int_equal((rec).hop_ns[HOP_GATE], g);    \
		assert_int_equal((rec).hop_ns[HOP_SHAPE], 0);   \
		assert_int_equal((rec).hop_ns[HOP_PORT], p);    \
	} while (0)

static void test_port_and_queue(void **state)
{
	struct pkt low = frame(1, LONG), high1 = frame(7, 60), high2 = frame(7, 60), rec;
	struct egress e;

	(void)state;
	make(&e, NULL);
	put(&e, &low, 100);
	assert_int_equal(go(&e, 100, &rec), 1);
	assert_waits(rec, 0, 0, 0);
	put(&e, &high1, 1100); /* the link is busy with class 1 until 8292 */
	put(&e, &high2, 1100);
	assert_int_equal(go(&e, 5000, &rec), -1);
	assert_int_equal(go(&e, 8300, &rec), 7); /* the worker comes 8 ns late: that is queue */
	assert_waits(rec, 8, 0, 100 + LONG_NS - 1100);
	assert_int_equal(go(&e, 8300 + MIN_NS, &rec), 7); /* behind its own class */
	assert_waits(rec, 8 + MIN_NS, 0, 100 + LONG_NS - 1100);
	unmake(&e);
}

static const struct gcl_entry entries[] = {{0x80, 20000}, {0x7f, 80000}};
static const struct gcl_conf list = {.enabled = true, .initial_gates = 0xff, .n_entries = 2, .entries = (struct gcl_entry *)entries};

static void test_gate(void **state)
{
	struct pkt high = frame(7, 60), rec;
	struct egress e;

	(void)state;
	make(&e, &list);
	put(&e, &high, 30000);
	assert_int_equal(go(&e, 99999, &rec), -1);
	assert_int_equal(go(&e, 100007, &rec), 7);
	assert_waits(rec, 7, 70000, 0);
	unmake(&e);
}

/* Open, but not for long enough: waiting for the next window is waiting for the gate, also while the gate is still open. */
static void test_held_before_a_close(void **state)
{
	struct pkt low = frame(0, LONG), rec;
	struct egress e;

	(void)state;
	make(&e, &list);
	put(&e, &low, 95000); /* would end at 103192; the gate closes at 100000 and opens at 120000 */
	assert_int_equal(go(&e, 95000, &rec), -1);
	assert_int_equal(go(&e, 119999, &rec), -1);
	assert_int_equal(go(&e, 120003, &rec), 0);
	assert_waits(rec, 3, 25000, 0);
	unmake(&e);
}

/* A frame may end exactly at the close, and not a nanosecond later. */
static void test_ends_at_the_close(void **state)
{
	struct pkt a = frame(0, LONG), b = frame(0, LONG), rec;
	struct egress e;

	(void)state;
	make(&e, &list);
	put(&e, &a, 100000 - LONG_NS);
	assert_int_equal(go(&e, 100000 - LONG_NS, &rec), 0);
	put(&e, &b, 200000 - LONG_NS + 1);
	assert_int_equal(go(&e, 200000 - LONG_NS + 1, &rec), -1);
	unmake(&e);
}

static void test_overrun_and_margin(void **state)
{
	struct pkt a = frame(0, 60), b = frame(0, 60), rec;
	struct egress_pick pick;
	int64_t slack, t_open;
	struct egress e;

	(void)state;
	make(&e, &list);
	egress_expect(&e, 20000);
	e.margin_ns = 0;
	put(&e, &a, 90000);
	assert_int_equal(egress_select(&e, &pick, 1, &slack, &t_open), 1);
	assert_int_equal(slack, 10000 - MIN_NS);
	egress_take(&e, &pick, 1);
	assert_int_equal(egress_sent(&e, &pick, 1, 90000, 99900), 1); /* 99900 + 672 is past the close: an overrun */
	assert_int_equal(e.margin_ns, 9900);
	put(&e, &b, 191000); /* would fit, but not with the time a hand-over was seen to take */
	assert_int_equal(go(&e, 191000, &rec), -1);
	unmake(&e);
}

static void test_next_opening(void **state)
{
	struct pkt high = frame(7, 60), low = frame(0, 60), rec;
	struct egress_pick pick;
	int64_t slack, t_open;
	struct egress e;

	(void)state;
	make(&e, &list);
	put(&e, &high, 30000);
	assert_int_equal(egress_select(&e, &pick, 1, &slack, &t_open), 0);
	assert_int_equal(t_open, 100000);
	assert_int_equal(go(&e, 100000, &rec), 7);
	put(&e, &low, 100700); /* class 7 is open and above it: nothing to hold one's breath for */
	assert_int_equal(egress_select(&e, &pick, 1, &slack, &t_open), 0);
	assert_true(t_open == NS_NEVER);
	unmake(&e);
}

static void test_full(void **state)
{
	struct pkt p[9];
	struct egress e;
	int i;

	(void)state;
	make(&e, NULL);
	for (i = 0; i < 8; i++) {
		p[i] = frame(2, 60);
		assert_true(egress_put(&e, &p[i]));
	}
	p[8] = frame(2, 60);
	assert_false(egress_put(&e, &p[8]));
	p[8].tc = 3;
	assert_true(egress_put(&e, &p[8]));
	assert_int_equal(egress_queued(&e, 2), 8);
	assert_ptr_equal(egress_drop_head(&e, 2), &p[0]);
	assert_ptr_equal(egress_head(&e, 2), &p[1]);
	unmake(&e);
}

/* A step moves the stamps of what is queued, and no wait. */
static void test_step(void **state)
{
	struct pkt high = frame(7, 60), rec;
	struct egress e;

	(void)state;
	make(&e, &list);
	high.t_seen = 29000;
	put(&e, &high, 30000);
	assert_null(egress_account(&e, 40000));
	egress_shift(&e, 50000000, 50040000); /* by whole cycles */
	assert_int_equal(go(&e, 50100000, &rec), 7);
	assert_int_equal(rec.t_seen, 50029000);
	assert_true(rec.flags & PKT_STEPPED);
	assert_waits(rec, 0, 70000, 0);
	unmake(&e);
}

TEST_GROUP("vnet/egress",
	cmocka_unit_test(test_port_and_queue),
	cmocka_unit_test(test_gate),
	cmocka_unit_test(test_held_before_a_close),
	cmocka_unit_test(test_ends_at_the_close),
	cmocka_unit_test(test_overrun_and_margin),
	cmocka_unit_test(test_next_opening),
	cmocka_unit_test(test_full),
	cmocka_unit_test(test_step),
)
