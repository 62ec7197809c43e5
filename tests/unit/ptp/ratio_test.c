/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/ratio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ptp/be.h"
#include "ptp/resid.h"
#include "tests/unit/test.h"

#define FRAME_LEN 68 /* Ethernet header, Sync, Follow_Up or Delay_Resp */
#define SYNC_NS	  INT64_C(125000000)
#define T0	  INT64_C(1000000000000000)
#define ALLOWED	  (INT64_C(1) << (RESID_RATE_BITS - 27)) /* 2^-27: 7.5 ppb */

/* A master whose clock runs by `ppb` faster than ours, 12 h ahead; its messages arrive with up to `jitter_ns` of delay. */
struct master {
	uint8_t id, domain;
	bool one_step;
	double ppb;
	int64_t jitter_ns;
	uint16_t sequence;
};

static struct msg message(uint8_t frame[static FRAME_LEN], const struct master *from, uint8_t type, int64_t t, int64_t correction)
{
	uint8_t *p = frame + 14;
	struct msg m;

	memset(frame, 0, FRAME_LEN);
	be_put16(frame + 12, MSG_ETHERTYPE);
	p[0] = type;
	p[1] = 2;
	p[3] = type == MSG_DELAY_RESP ? 54 : 44;
	p[4] = from->domain;
	p[6] = type == MSG_SYNC && !from->one_step ? 2 : 0;
	p[27] = from->id;
	be_put64(p + MSG_CORRECTION, (uint64_t)correction);
	be_put16(p + 30, from->sequence);
	be_put16(p + 34, 0);
	be_put16(p + 36, (uint16_t)(t / 1000000000 >> 16));
	be_put16(p + 38, (uint16_t)(t / 1000000000));
	be_put16(p + 40, (uint16_t)(t % 1000000000 >> 16));
	be_put16(p + 42, (uint16_t)(t % 1000000000));
	assert_int_equal(msg_find(&m, frame, FRAME_LEN), MSG_FOUND);
	return m;
}

/* It sends a Sync at our time t, by a way that takes 5 ms and says so in two parts. */
static void sync_at(struct ratio *r, struct master *from, int64_t t)
{
	int64_t way = 5000000, master = t + (int64_t)((double)(t - T0) * from->ppb * 1e-9) + INT64_C(43200000000000);
	uint8_t frame[FRAME_LEN];
	struct msg m;

	t += way + (from->jitter_ns ? rand() % from->jitter_ns : 0);
	if (from->one_step) {
		m = message(frame, from, MSG_SYNC, master, way << 16);
		ratio_take(r, frame, &m, t);
	} else {
		m = message(frame, from, MSG_SYNC, 0, 2000000LL << 16);
		ratio_take(r, frame, &m, t);
		m = message(frame, from, MSG_FOLLOW_UP, master, (way - 2000000) << 16);
		ratio_take(r, frame, &m, t + 1000);
	}
	from->sequence++;
}

/* The rate for a Sync of this master, and for a Delay_Req in its domain. */
static int32_t rate_for(const struct ratio *r, const struct master *from, uint8_t type, int64_t now)
{
	uint8_t frame[FRAME_LEN];
	struct msg m = message(frame, from, type, 1000000000, 0);

	return ratio_get(r, frame, &m, now);
}

static int32_t sync_rate(const struct ratio *r, const struct master *from, int64_t now)
{
	return rate_for(r, from, MSG_SYNC, now);
}

static void answer_at(struct ratio *r, struct master *from, int64_t t)
{
	uint8_t frame[FRAME_LEN];
	struct msg m = message(frame, from, MSG_DELAY_RESP, t, 0);

	ratio_take(r, frame, &m, t);
}

static int64_t run(struct ratio *r, struct master *from, int64_t t, int64_t ns)
{
	int64_t end = t + ns;

	for (; t < end; t += SYNC_NS)
		sync_at(r, from, t);
	return t;
}

static int64_t rate_of(double ppb)
{
	return (int64_t)(ppb * 1e-9 * (double)(INT64_C(1) << RESID_RATE_BITS));
}

static void near(int64_t got, int64_t want)
{
	if (llabs(got - want) > ALLOWED)
		fail_msg("rate %ld, want %ld", (long)got, (long)want);
}

static void test_rates_are_found(void **state)
{
	static const double ppb[] = {0, 1, -1, 50000, -50000, 100000, 200000, -240000, 300000, -900000};
	size_t i;
	int one;

	(void)state;
	for (i = 0; i < sizeof(ppb) / sizeof(ppb[0]); i++)
		for (one = 0; one < 2; one++) {
			struct master from = {.id = 1, .one_step = one, .ppb = ppb[i]};
			struct ratio r = {0};
			int64_t t = run(&r, &from, T0, RATIO_WINDOW_NS + 2 * SYNC_NS);

			near(sync_rate(&r, &from, t), fabs(ppb[i]) > 244000 ? 0 : rate_of(ppb[i]));
			t = run(&r, &from, t, 10 * RATIO_WINDOW_NS);
			near(sync_rate(&r, &from, t), fabs(ppb[i]) > 244000 ? 0 : rate_of(ppb[i]));
		}
}

/* 1 us of jitter on each arrival: within 0.25 ppm after one window, and closer after eight. */
static void test_jitter_is_averaged(void **state)
{
	struct master from = {.id = 1, .ppb = 20000, .jitter_ns = 1000};
	struct ratio r = {0};
	int64_t t, error;

	(void)state;
	srand(1);
	t = run(&r, &from, T0, RATIO_WINDOW_NS + 2 * SYNC_NS);
	error = llabs(sync_rate(&r, &from, t) - rate_of(20000));
	assert_true(error <= rate_of(250));
	t = run(&r, &from, t, 20 * RATIO_WINDOW_NS);
	error = llabs(sync_rate(&r, &from, t) - rate_of(20000));
	assert_true(error <= rate_of(100));
}

static void test_what_is_not_known_is_zero(void **state)
{
	struct master from = {.id = 1, .domain = 3, .ppb = 50000};
	struct ratio r = {0};
	int64_t t;

	(void)state;
	assert_int_equal(sync_rate(&r, &from, T0), 0);
	t = run(&r, &from, T0, RATIO_WINDOW_NS / 2);
	assert_int_equal(sync_rate(&r, &from, t), 0); /* no window yet */
	t = run(&r, &from, t, RATIO_WINDOW_NS);
	assert_true(sync_rate(&r, &from, t));
	assert_int_equal(sync_rate(&r, &(struct master){.id = 1, .domain = 2}, t), 0);
	assert_int_equal(sync_rate(&r, &(struct master){.id = 2, .domain = 3}, t), 0);
	assert_int_equal(sync_rate(&r, &from, t + RATIO_STALE_NS), 0);
}

/* Each Sync by its own master's rate, a Delay_Req by that of who answers: a master that is not chosen changes nothing. */
static void test_each_by_its_master(void **state)
{
	struct master a = {.id = 1, .ppb = 10000}, b = {.id = 2, .ppb = -30000}, c = {.id = 3, .domain = 1, .ppb = 70000};
	struct ratio r = {0};
	int64_t t = T0;
	int i;

	(void)state;
	for (i = 0; i < 80; i++, t += SYNC_NS) {
		sync_at(&r, &a, t);
		sync_at(&r, &b, t + 1000);
		sync_at(&r, &c, t + 2000);
		answer_at(&r, &a, t + 3000);
		answer_at(&r, &c, t + 4000);
	}
	near(sync_rate(&r, &a, t), rate_of(10000));
	near(sync_rate(&r, &b, t), rate_of(-30000));
	near(rate_for(&r, &b, MSG_DELAY_REQ, t), rate_of(10000));
	near(rate_for(&r, &c, MSG_DELAY_REQ, t), rate_of(70000));
	answer_at(&r, &b, t);
	near(rate_for(&r, &a, MSG_DELAY_REQ, t), rate_of(-30000));
}

/* Neither of them makes a master: it has no Sync to be dated by. */
static void test_no_master_without_a_sync(void **state)
{
	struct master from = {.id = 1, .ppb = 1000};
	uint8_t frame[FRAME_LEN];
	struct ratio r = {0};
	struct msg m;
	int64_t t;

	(void)state;
	m = message(frame, &from, MSG_FOLLOW_UP, T0, 0);
	ratio_take(&r, frame, &m, T0);
	answer_at(&r, &from, T0);
	assert_false(r.master[0].used);
	ratio_shift(&r, -INT64_C(37000000000));
	t = run(&r, &from, T0, 2 * RATIO_WINDOW_NS);
	near(sync_rate(&r, &from, t), rate_of(1000));
}

/* The master steps by an hour: one window says nonsense, the rate is not known, then known anew. */
static void test_a_step_of_the_master(void **state)
{
	struct master from = {.id = 1, .ppb = 5000}, after = from;
	struct ratio r = {0};
	int64_t t = run(&r, &from, T0, 3 * RATIO_WINDOW_NS);
	uint8_t frame[FRAME_LEN];
	struct msg m;

	(void)state;
	after.sequence = from.sequence;
	after.one_step = true;
	m = message(frame, &after, MSG_SYNC, t + INT64_C(90000000000000), 0);
	ratio_take(&r, frame, &m, t + RATIO_WINDOW_NS);
	assert_int_equal(sync_rate(&r, &from, t), 0);
	t = run(&r, &from, t + RATIO_WINDOW_NS + SYNC_NS, 3 * RATIO_WINDOW_NS);
	near(sync_rate(&r, &from, t), rate_of(5000));
}

/* Our own clock steps: what is known stays known, and no window spans the step. */
static void test_a_step_of_ours(void **state)
{
	struct master from = {.id = 1, .ppb = 5000};
	struct ratio r = {0};
	int64_t t = run(&r, &from, T0, 3 * RATIO_WINDOW_NS), step = -INT64_C(37000000000);
	int i;

	(void)state;
	ratio_shift(&r, step);
	near(sync_rate(&r, &from, t + step), rate_of(5000));
	for (i = 0; i < 200; i++, t += SYNC_NS) {
		struct ratio before = r;

		sync_at(&before, &from, t);
		/* the same Sync, seen by a clock that was stepped */
		uint8_t frame[FRAME_LEN];
		struct msg m;

		m = message(frame, &from, MSG_SYNC, 0, 0);
		ratio_take(&r, frame, &m, t + step);
		m = message(frame, &from, MSG_FOLLOW_UP, t + (int64_t)((double)(t - T0) * 5e-6), 0);
		ratio_take(&r, frame, &m, t + step);
		from.sequence++;
		near(sync_rate(&r, &from, t + step), rate_of(5000));
	}
}

/* Any bytes in any order, from more masters than there are rows: a rate within the type, and no crash. */
static void test_rubbish(void **state)
{
	uint8_t frame[FRAME_LEN];
	struct ratio r = {0};
	struct msg m;
	int i, k;

	(void)state;
	srand(2);
	for (i = 0; i < 200000; i++) {
		struct master from = {.id = (uint8_t)(rand() % 20), .domain = (uint8_t)(rand() % 3), .one_step = rand() & 1,
				      .sequence = (uint16_t)(rand() % 3)};

		m = message(frame, &from, rand() & 1 ? MSG_SYNC : MSG_FOLLOW_UP, 1, 0);
		for (k = 0; k < 10; k++)
			frame[14 + 34 + k] = (uint8_t)(rand() % (rand() & 1 ? 256 : 2));
		for (k = 0; k < 8; k++)
			frame[14 + 8 + k] = (uint8_t)rand();
		ratio_take(&r, frame, &m, ((int64_t)rand() << 32 | rand()) - (INT64_C(1) << 61));
		sync_rate(&r, &from, rand());
	}
}

TEST_GROUP("ptp/ratio",
	cmocka_unit_test(test_rates_are_found),
	cmocka_unit_test(test_jitter_is_averaged),
	cmocka_unit_test(test_what_is_not_known_is_zero),
	cmocka_unit_test(test_each_by_its_master),
	cmocka_unit_test(test_no_master_without_a_sync),
	cmocka_unit_test(test_a_step_of_the_master),
	cmocka_unit_test(test_a_step_of_ours),
	cmocka_unit_test(test_rubbish),
)
