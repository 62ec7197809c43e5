/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/egress.h"

#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

/*
 * 1 Gb/s: a bit a nanosecond, 8 ns a byte. Frames of 1518 bytes in memory are 1542 on the wire: the worked example of
 * the literature.
 */
#define LONG	1518
#define SHORT	60
#define LONG_NS	 ((LONG + 24) * 8)
#define SHORT_NS ((SHORT + 24) * 8)
#define FRAMES	64

struct line {
	struct egress e;
	struct gcl *gcl;
	struct pkt frame[FRAMES];
	uint32_t used;
	int64_t slack_ns, t_open;
};

static int setup(void **state)
{
	static struct line l;
	struct wire wire;

	memset(&l, 0, sizeof(l));
	if (wire_init(&wire, NS_PER_SEC, NULL) || egress_init(&l.e, &wire, FRAMES))
		return -1;
	*state = &l;
	return 0;
}

static int teardown(void **state)
{
	struct line *l = *state;

	egress_fini(&l->e);
	gcl_destroy(l->gcl);
	return 0;
}

/* Idle slopes of class 6 and 5, in Mb/s. */
static void shape(struct line *l, int64_t six, int64_t five)
{
	static const uint32_t max_len[TSN_CLASSES] = {LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG};
	struct cbs_conf conf = {.idle_bps = {[6] = six * 1000000, [5] = five * 1000000}};
	struct cbs_limits limits[TSN_CLASSES];

	assert_int_equal(cbs_limits(limits, &conf, max_len, &l->e.wire, NULL), 0);
	egress_shape(&l->e, limits);
}

/* Class 6 is open in the first fifth of 100 us, the others in the rest. */
static void gates(struct line *l)
{
	struct gcl_entry entries[] = {{0x40, 20000}, {0xbf, 80000}};
	struct gcl_conf conf = {.enabled = true, .initial_gates = 0xff, .n_entries = 2, .entries = entries};

	assert_int_equal(gcl_create(&l->gcl, &conf, &l->e.wire, NULL), 0);
	assert_null(egress_set(&l->e, l->gcl, l->e.t_now));
}

static void come_to(struct line *l, int64_t t)
{
	assert_null(egress_account(&l->e, t));
}

static struct pkt *put(struct line *l, int64_t t, uint8_t tc, uint16_t len)
{
	struct pkt *p = &l->frame[l->used++ % FRAMES];

	come_to(l, t);
	*p = (struct pkt){.t_seen = t, .tc = tc, .len = len};
	assert_true(egress_put(&l->e, p));
	return p;
}

/* What goes at t, handed over in no time; NULL: nothing. */
static struct pkt *next(struct line *l, int64_t t)
{
	struct egress_pick pick;

	come_to(l, t);
	if (!egress_select(&l->e, &pick, 1, &l->slack_ns, &l->t_open))
		return NULL;
	egress_take(&l->e, &pick, 1);
	egress_sent(&l->e, &pick, 1, t, t);
	return pick.p;
}

static int64_t credit_bits(const struct line *l, uint8_t tc)
{
	return l->e.class[tc].cbs.credit / CBS_BIT;
}

/* 100 Mb/s: the frame sends in 12.336 us, credit comes back to zero 111.024 us later, the period is 123.36 us. */
static void test_period(void **state)
{
	struct line *l = *state;
	struct pkt *a, *b, rec;

	shape(l, 100, 0);
	a = put(l, 1000, 6, LONG);
	b = put(l, 1000, 6, LONG);
	assert_ptr_equal(next(l, 1000), a);
	assert_null(next(l, 1000 + LONG_NS));
	assert_null(next(l, 1000 + 123359));
	assert_ptr_equal(egress_head(&l->e, 6), b);
	come_to(l, 1000 + 123360);
	rec = *b;
	egress_waits(&l->e, &rec);
	assert_int_equal(rec.hop_ns[HOP_SHAPE], 123360);
	assert_int_equal(rec.hop_ns[HOP_QUEUE] + rec.hop_ns[HOP_GATE] + rec.hop_ns[HOP_PORT], 0);
	assert_ptr_equal(next(l, 1000 + 123360), b);
}

/* A class without credit leaves the link to a lower one, whose time on it is not its own. */
static void test_lower_class_goes(void **state)
{
	struct line *l = *state;
	struct pkt *best, *mine, rec;

	shape(l, 100, 0);
	put(l, 0, 6, LONG);
	assert_non_null(next(l, 0));
	mine = put(l, LONG_NS, 6, SHORT);
	best = put(l, LONG_NS, 0, LONG);
	assert_ptr_equal(next(l, 122000), best);
	assert_null(next(l, 124000)); /* credit is there, the link is not */
	come_to(l, 130000);
	rec = *mine;
	egress_waits(&l->e, &rec);
	assert_int_equal(rec.hop_ns[HOP_SHAPE], 123360 - LONG_NS);
	assert_int_equal(rec.hop_ns[HOP_PORT], 130000 - 123360);
}

/*
 * Credit that builds up while another frame is in the way is real (the kernel's shaper has none): two short frames go
 * at once.
 */
static void test_interference_credit(void **state)
{
	struct line *l = *state;

	shape(l, 80, 0);
	put(l, 0, 0, LONG);
	assert_non_null(next(l, 0));
	put(l, 0, 6, SHORT);
	put(l, 0, 6, SHORT);
	put(l, 0, 6, SHORT);
	assert_non_null(next(l, LONG_NS));
	assert_int_equal(credit_bits(l, 6), LONG_NS * 8 / 100 - SHORT_NS);
	assert_non_null(next(l, LONG_NS + SHORT_NS));
	assert_null(next(l, LONG_NS + 2 * SHORT_NS));
}

/* An idle class keeps no credit, but keeps its debts. */
static void test_idle(void **state)
{
	struct line *l = *state;

	shape(l, 500, 0);
	put(l, 0, 0, LONG);
	assert_non_null(next(l, 0));
	put(l, 0, 6, SHORT);
	assert_non_null(next(l, LONG_NS)); /* credit left over: 6168 - 672 bits */
	put(l, LONG_NS + SHORT_NS + 1, 6, LONG);
	assert_int_equal(credit_bits(l, 6), 0);
	assert_non_null(next(l, LONG_NS + SHORT_NS + 1));
	put(l, 3 * LONG_NS, 6, SHORT);
	assert_true(credit_bits(l, 6) < 0);
}

/* Two classes: each gets its rate while both are backlogged with the link overloaded by a third. */
static void test_two_classes(void **state)
{
	struct line *l = *state;
	int64_t bits[TSN_CLASSES] = {0};
	const struct pkt *p;
	int64_t t = 0, end = 20 * NS_PER_MS;
	uint8_t tc;

	shape(l, 200, 300);
	for (tc = 0; tc < 8; tc++)
		put(l, 0, 6, LONG), put(l, 0, 5, LONG), put(l, 0, 0, LONG);
	for (t = 0; t < end; t += 100) {
		p = next(l, t);
		if (!p)
			continue;
		tc = p->tc;
		bits[tc] += 8 * (int64_t)wire_bytes(p->len);
		put(l, t, tc, tc == 5 ? 700 : LONG);
	}
	/*
	 * To a frame or two: 20 ms at 200 and 300 Mb/s. The rest, less what our looking every 100 ns costs, is class
	 * 0's.
	 */
	assert_in_range(bits[6], 200 * end / 1000 - LONG_NS, 200 * end / 1000 + 2 * LONG_NS);
	assert_in_range(bits[5], 300 * end / 1000 - LONG_NS, 300 * end / 1000 + 2 * LONG_NS);
	assert_true(bits[0] > 480 * end / 1000);
}

/* Over a second to the bit, however late the looks: what is lost to lateness is credit. */
static void test_rate_over_a_long_run(void **state)
{
	struct line *l = *state;
	int64_t bits = 0, t;
	const struct pkt *p;

	shape(l, 75, 0);
	put(l, 0, 6, LONG);
	put(l, 0, 6, LONG);
	for (t = 0; t < NS_PER_SEC; t += 777) {
		p = next(l, t);
		if (!p)
			continue;
		bits += 8 * (int64_t)wire_bytes(p->len);
		put(l, t, 6, (uint16_t)(SHORT + t % 1459));
	}
	assert_in_range(bits, 75000000 - LONG_NS, 75000000 + LONG_NS);
}

/*
 * Behind a gate that is open a fifth of the time the class gets its rate all the same: five times the slope in a fifth
 * of the time.
 */
static void test_gates(void **state)
{
	struct line *l = *state;
	int64_t bits = 0, t;
	const struct pkt *p;

	shape(l, 50, 0);
	gates(l);
	come_to(l, 1);
	assert_ptr_equal(l->e.gate.oper, l->gcl);
	assert_int_equal(l->e.class[6].cbs.idle_bps, 250000000);
	put(l, 1, 6, 500);
	put(l, 1, 6, 500);
	for (t = 1; t < 100 * NS_PER_MS; t += 50) {
		p = next(l, t);
		if (!p)
			continue;
		assert_true(t % 100000 < 20000);
		bits += 8 * (int64_t)wire_bytes(p->len);
		put(l, t, 6, 500);
	}
	assert_in_range(bits, 5000000 - 2 * 4192, 5000000 + 2 * 4192);
}

/* While the gate is shut credit stands still (8.6.8.2): what was owed at the close is owed at the opening. */
static void test_frozen(void **state)
{
	struct line *l = *state;
	struct pkt *p, rec;
	int64_t owed;

	shape(l, 50, 0);
	gates(l);
	put(l, 1, 6, 1000);
	assert_non_null(next(l, 11000));
	p = put(l, 11001, 6, SHORT);
	come_to(l, 20000);
	assert_null(next(l, 20000));
	owed = l->e.class[6].ready_open - gate_open_total(&l->e.gate, 6);
	assert_true(owed > 0);
	assert_null(next(l, 99999));
	assert_int_equal(l->e.class[6].ready_open - gate_open_total(&l->e.gate, 6), owed);
	assert_null(next(l, 100000 + owed - 1));
	come_to(l, 100000 + owed);
	rec = *p;
	egress_waits(&l->e, &rec);
	assert_int_equal(rec.hop_ns[HOP_GATE], 80000);
	assert_int_equal(rec.hop_ns[HOP_SHAPE], 20000 - 11001 + owed);
	assert_int_equal(rec.hop_ns[HOP_QUEUE], 0);
	assert_ptr_equal(next(l, 100000 + owed), p);
}

/* A burst never spends what it has not: with credit for two of three short frames, two are picked. */
static void test_burst(void **state)
{
	struct line *l = *state;
	struct egress_pick picks[4];

	shape(l, 80, 0);
	put(l, 0, 0, LONG);
	assert_non_null(next(l, 0));
	put(l, 0, 6, SHORT);
	put(l, 0, 6, SHORT);
	put(l, 0, 6, SHORT);
	come_to(l, LONG_NS);
	assert_int_equal(egress_select(&l->e, picks, 4, &l->slack_ns, &l->t_open), 2);
	assert_true(l->e.class[6].cbs.credit == 0); /* looking costs nothing */
}

/* A change while it runs: debts stay and are repaid at the new slope; and no slope is no waiting. */
static void test_change(void **state)
{
	struct line *l = *state;
	struct pkt *p;

	shape(l, 100, 0);
	put(l, 0, 6, LONG);
	p = put(l, 0, 6, LONG);
	assert_non_null(next(l, 0));
	come_to(l, 23360); /* 100 us before it would have credit again */
	shape(l, 200, 0);
	assert_null(next(l, 23360 + 49999));
	assert_int_equal(l->e.class[6].ready_open, 23360 + 50000);
	shape(l, 0, 0);
	assert_ptr_equal(next(l, 23360 + 49999), p);
	assert_int_equal(l->e.shaped, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST_GROUP("vnet/egress_shape",
	TEST(test_period),
	TEST(test_lower_class_goes),
	TEST(test_interference_credit),
	TEST(test_idle),
	TEST(test_two_classes),
	TEST(test_rate_over_a_long_run),
	TEST(test_gates),
	TEST(test_frozen),
	TEST(test_burst),
	TEST(test_change),
)
