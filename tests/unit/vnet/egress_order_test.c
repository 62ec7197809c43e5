/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/egress.h"

#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

/*
 * 1 Gb/s. Class 7 goes by launch times, strict, and may be 1 us late; class 6 by deadlines; class 5 by eligibility
 * times.
 */
#define T0     (INT64_C(1767225637) * NS_PER_SEC)
#define LONG   1514
#define SHORT  60
#define LATE   1000
#define FRAMES 16
#define LONG_NS	 ((LONG + 24) * 8)
#define SHORT_NS ((SHORT + 24) * 8)

struct line {
	struct egress e;
	struct gcl *gcl;
	struct pkt frame[FRAMES];
	uint32_t used;
	int64_t slack_ns, t_open;
};

static int setup(void **state)
{
	static const struct launch_conf strict = {.enabled = true, .mode = LAUNCH_STRICT, .late_ns = LATE};
	static const struct launch_conf deadline = {.enabled = true, .mode = LAUNCH_DEADLINE};
	static struct line l;
	struct wire wire;

	memset(&l, 0, sizeof(l));
	if (wire_init(&wire, NS_PER_SEC, NULL) || egress_init(&l.e, &wire, FRAMES) || egress_order(&l.e, 7, &strict) ||
	    egress_order(&l.e, 6, &deadline) || egress_order(&l.e, 5, NULL))
		return -1;
	*state = &l;
	return egress_account(&l.e, T0) != NULL;
}

static int teardown(void **state)
{
	struct line *l = *state;

	egress_fini(&l->e);
	gcl_destroy(l->gcl);
	return 0;
}

static struct pkt *frame(struct line *l, uint8_t tc, uint16_t len)
{
	struct pkt *p = &l->frame[l->used++];

	*p = (struct pkt){.t_seen = l->e.t_now, .tc = tc, .len = len};
	return p;
}

/* A frame comes now, to be launched at t. */
static struct pkt *launch(struct line *l, uint8_t tc, uint16_t len, int64_t t)
{
	struct pkt *p = frame(l, tc, len);

	pkt_set_launch(p, t);
	assert_true(egress_put(&l->e, p));
	return p;
}

/* A frame comes now and is eligible at t. */
static struct pkt *eligible(struct line *l, int64_t t)
{
	struct pkt *p = frame(l, 5, SHORT);

	p->hop_ns[HOP_SEND] = (uint32_t)(t - l->e.t_now);
	assert_true(egress_put(&l->e, p));
	return p;
}

/* What goes at t, handed over in no time; NULL: nothing. */
static struct pkt *next(struct line *l, int64_t t)
{
	struct egress_pick pick[4];

	assert_null(egress_account(&l->e, t));
	if (!egress_select(&l->e, pick, 4, &l->slack_ns, &l->t_open))
		return NULL;
	egress_take(&l->e, pick, 1);
	egress_sent(&l->e, pick, 1, t, t);
	return pick[0].p;
}

static void test_strict(void **state)
{
	struct line *l = *state;
	struct pkt *p = launch(l, 7, SHORT, T0 + 5000), rec;

	assert_null(next(l, T0 + 4999));
	assert_int_equal(l->t_open, T0 + 5000); /* worth looking here first */
	assert_null(egress_account(&l->e, T0 + 5040));
	rec = *p;
	egress_waits(&l->e, &rec);
	assert_int_equal(rec.hop_ns[HOP_SHAPE], 5000);
	assert_int_equal(rec.hop_ns[HOP_QUEUE], 40); /* the worker's */
	assert_ptr_equal(next(l, T0 + 5040), p);
	assert_int_equal(l->slack_ns, LATE - 40);
}

/* Earliest first, whatever came first; equal ones as they came. */
static void test_order(void **state)
{
	struct line *l = *state;
	struct pkt *c = launch(l, 7, SHORT, T0 + 9000), *a = launch(l, 7, SHORT, T0 + 5000), *d = launch(l, 7, SHORT, T0 + 9000),
		   *b = launch(l, 7, SHORT, T0 + 6000);

	assert_ptr_equal(next(l, T0 + 5000), a);
	assert_null(next(l, T0 + 5999));
	assert_ptr_equal(next(l, T0 + 6000), b);
	assert_ptr_equal(next(l, T0 + 9000), c);
	assert_ptr_equal(next(l, T0 + 9000 + SHORT_NS), d);
}

/* The last instant at which it may start is inclusive; behind a long frame it is too late before that frame is over. */
static void test_missed(void **state)
{
	struct line *l = *state;

	launch(l, 7, SHORT, T0 + 5000);
	assert_null(egress_account(&l->e, T0 + 5000 + LATE));
	assert_int_equal(egress_hopeless(&l->e, 7), VERDICT_SENT);
	assert_null(egress_account(&l->e, T0 + 5001 + LATE));
	assert_int_equal(egress_hopeless(&l->e, 7), VERDICT_LAUNCH_MISSED);
	egress_drop_head(&l->e, 7);
	assert_true(egress_put(&l->e, frame(l, 0, LONG)));
	assert_non_null(next(l, T0 + 7000));
	launch(l, 7, SHORT, T0 + 7000 + LONG_NS - LATE);
	assert_int_equal(egress_hopeless(&l->e, 7), VERDICT_SENT);
	egress_drop_head(&l->e, 7);
	launch(l, 7, SHORT, T0 + 7000 + LONG_NS - LATE - 1);
	assert_int_equal(egress_hopeless(&l->e, 7), VERDICT_LAUNCH_MISSED);
	assert_null(next(l, T0 + 7000 + LONG_NS));
}

static void test_deadline(void **state)
{
	struct line *l = *state;
	struct pkt *b = launch(l, 6, SHORT, T0 + 9000), *a = launch(l, 6, SHORT, T0 + 8000);

	assert_ptr_equal(next(l, T0), a);
	assert_int_equal(l->slack_ns, 8000);
	assert_ptr_equal(next(l, T0 + SHORT_NS), b);
	launch(l, 6, SHORT, T0 + 8000);
	assert_null(egress_account(&l->e, T0 + 8000));
	assert_int_equal(egress_hopeless(&l->e, 6), VERDICT_SENT);
	assert_null(egress_account(&l->e, T0 + 8001));
	assert_int_equal(egress_hopeless(&l->e, 6), VERDICT_LAUNCH_MISSED);
}

static void test_eligibility(void **state)
{
	struct line *l = *state;
	struct pkt *b = eligible(l, T0 + 5000), *a = eligible(l, T0 + 3000), *c = eligible(l, T0 + 5000), *low = frame(l, 0, SHORT);

	assert_true(egress_put(&l->e, low));
	assert_ptr_equal(next(l, T0 + 2000), low); /* the link is free for others meanwhile */
	assert_ptr_equal(next(l, T0 + 3000), a);
	assert_null(next(l, T0 + 4999));
	assert_int_equal(l->t_open, NS_NEVER); /* not worth standing still */
	assert_ptr_equal(next(l, T0 + 5000), b);
	assert_ptr_equal(next(l, T0 + 5000 + SHORT_NS), c);
}

/* Not handed over before its time even to a link that is busy; but the link is kept for it. */
static void test_not_ahead(void **state)
{
	struct line *l = *state;
	struct pkt *p;

	assert_true(egress_put(&l->e, frame(l, 0, LONG)));
	assert_non_null(next(l, T0));
	p = launch(l, 7, SHORT, T0 + LONG_NS - 100);
	assert_true(egress_put(&l->e, frame(l, 0, LONG)));
	assert_null(next(l, T0 + LONG_NS - EGRESS_AHEAD_NS));
	assert_null(next(l, T0 + LONG_NS - 101));
	assert_ptr_equal(next(l, T0 + LONG_NS - 100), p);
}

/*
 * Hardware keeps launch times: handed over before, the link is the frame's from then until its end; a frame whose time
 * has come goes as ever.
 */
static void test_early(void **state)
{
	struct line *l = *state;
	struct pkt *p = launch(l, 7, SHORT, T0 + 30000), *low = frame(l, 0, SHORT);
	struct egress_pick pick[4];

	l->e.early_ns = 20000;
	assert_null(next(l, T0 + 9999));
	assert_int_equal(l->t_open, T0 + 10000);
	assert_true(egress_put(&l->e, low));
	assert_null(egress_account(&l->e, T0 + 10000));
	assert_int_equal(egress_select(&l->e, pick, 4, &l->slack_ns, &l->t_open), 1);
	assert_ptr_equal(pick[0].p, p);
	assert_int_equal(pick[0].t_launch, T0 + 30000);
	assert_int_equal(l->slack_ns, LATE);
	egress_take(&l->e, pick, 1);
	assert_int_equal(egress_sent(&l->e, pick, 1, T0 + 10000, T0 + 10050), 0);
	assert_int_equal(l->e.t_free, T0 + 30000 + SHORT_NS);
	assert_null(next(l, T0 + 30000 + SHORT_NS - EGRESS_AHEAD_NS - 1));
	assert_ptr_equal(next(l, T0 + 30000 + SHORT_NS - EGRESS_AHEAD_NS), low);
	launch(l, 7, SHORT, T0 + 40000);
	assert_null(egress_account(&l->e, T0 + 40100));
	assert_int_equal(egress_select(&l->e, pick, 4, &l->slack_ns, &l->t_open), 1);
	assert_true(pick[0].t_launch == INT64_MIN); /* too late for hardware to do better */
	launch(l, 6, SHORT, T0 + 90000);
	egress_drop_head(&l->e, 7);
	assert_int_equal(egress_select(&l->e, pick, 4, &l->slack_ns, &l->t_open), 1);
	assert_true(pick[0].t_launch == INT64_MIN); /* a deadline is nothing to start at */
}

/*
 * Launch times are the sender's and stay where they are; what is out of reach then is dropped. Eligibility times move
 * along.
 */
static void test_step(void **state)
{
	struct line *l = *state;
	struct pkt *soon = launch(l, 7, SHORT, T0 + 5000), *mine = eligible(l, T0 + 5000);
	int64_t back = 2500 * NS_PER_MS - 10000;

	launch(l, 7, SHORT, T0 + 10000);
	assert_null(egress_account(&l->e, T0 + 1000));
	egress_shift(&l->e, 4000, T0 + 5000);
	assert_true(soon->flags & PKT_STEPPED && mine->flags & PKT_STEPPED);
	assert_int_equal(soon->t_seen, T0 + 4000);
	assert_ptr_equal(next(l, T0 + 5000), soon);
	assert_null(next(l, T0 + 8999));
	assert_ptr_equal(next(l, T0 + 9000), mine);
	egress_shift(&l->e, -back, T0 + 9000 - back);
	assert_int_equal(egress_queued(&l->e, 7), 1);
	assert_int_equal(egress_hopeless(&l->e, 7), VERDICT_SENT); /* 2.5 s, no more */
	egress_shift(&l->e, -10000, T0 - 1000 - back);
	assert_int_equal(egress_queued(&l->e, 7), 1);
	assert_int_equal(egress_hopeless(&l->e, 7), VERDICT_LAUNCH_INVALID);
	egress_drop_head(&l->e, 7);
	assert_int_equal(l->e.backlog, 0);
}

/*
 * Whatever blocks the queue, nothing in it outlives 4 s: not even what came before the head and is eligible after it.
 */
static void test_aged(void **state)
{
	struct line *l = *state;
	struct pkt *p = eligible(l, T0 + 3 * NS_PER_SEC), *head; /* cut to 2 s */

	assert_null(egress_account(&l->e, T0 + 2 * NS_PER_SEC - 1));
	head = eligible(l, l->e.t_now);
	assert_ptr_equal(egress_head(&l->e, 5), head);
	assert_null(egress_account(&l->e, T0 + PKT_MAX_STAY_NS));
	assert_int_equal(egress_hopeless(&l->e, 5), VERDICT_AGED);
	assert_ptr_equal(egress_drop_head(&l->e, 5), head);
	assert_ptr_equal(egress_head(&l->e, 5), p);
	assert_int_equal(egress_hopeless(&l->e, 5), VERDICT_SENT);
	assert_null(egress_account(&l->e, T0 + PKT_MAX_STAY_NS + 1));
	assert_int_equal(egress_hopeless(&l->e, 5), VERDICT_AGED);
}

static void test_full(void **state)
{
	struct line *l = *state;
	struct pkt more = {.tc = 7, .len = SHORT};
	int i;

	for (i = 0; i < FRAMES; i++)
		launch(l, 7, SHORT, T0 + 5000);
	assert_false(egress_put(&l->e, &more));
	assert_int_equal(egress_queued(&l->e, 7), FRAMES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST_GROUP("vnet/egress_order",
	TEST(test_strict),
	TEST(test_order),
	TEST(test_missed),
	TEST(test_deadline),
	TEST(test_eligibility),
	TEST(test_not_ahead),
	TEST(test_early),
	TEST(test_step),
	TEST(test_aged),
	TEST(test_full),
)
