/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "base/ns.h"
#include "bench/cbs_check.h"

/* 100 Mb/s of 1 Gb/s; 1,000 bytes on the wire: one each 80 us, 8 us long. Longest frame below: 1,538 bytes. */
#define IDLE   100000000
#define FRAME  1000
#define EVERY  80000
#define FRAMES 1000
#define LOW    12304	/* a frame of 1,538 bytes went just before */
#define HI     154	/* bytes, rounded up */

struct run {
	struct cbs_start frame[FRAMES];
	struct rec_gap gap;
	struct cbs_data data;
	struct cbs_verdict v;
	bool over[FRAMES];
};

static void make(struct run *r)
{
	int i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < FRAMES; i++)
		r->frame[i] = (struct cbs_start){.t_from = NS_PER_SEC + (int64_t)i * EVERY,
						 .t_to = NS_PER_SEC + (int64_t)i * EVERY,
						 .bytes = FRAME,
						 .t_queued = NS_PER_SEC,
						 .t_low = NS_PER_SEC + (int64_t)i * EVERY - LOW};
	r->data = (struct cbs_data){.frame = r->frame,
				    .n = FRAMES,
				    .idle_bps = IDLE,
				    .hi_bytes = HI,
				    .slack_ns = 100,
				    .gap = &r->gap,
				    .n_gap = 1};
}

static const struct cbs_verdict *judge(struct run *r)
{
	cbs_check(&r->v, &r->data, r->over);
	return &r->v;
}

/* All frames from i on, moved. */
static void shift(struct run *r, int i, int64_t ns)
{
	for (; i < FRAMES; i++) {
		r->frame[i].t_from += ns;
		r->frame[i].t_to += ns;
		r->frame[i].t_low += ns;
	}
}

/* Frame i is late by ns, and what follows catches up back to back. */
static void catch_up(struct run *r, int i, int64_t ns)
{
	int64_t t = r->frame[i].t_to + ns;
	int k;

	for (k = i; k < FRAMES && r->frame[k].t_to < t; k++, t += FRAME * 8) {
		r->frame[k].t_from = r->frame[k].t_to = t;
		r->frame[k].t_low = k > i ? 0 : r->frame[k].t_low;
	}
}

static void test_exact(void **state)
{
	const struct cbs_verdict *v;
	struct run r;

	(void)state;
	make(&r);
	v = judge(&r);
	assert_true(fabs(v->ppm) < 1e-3);
	assert_int_equal(v->span_ns, (FRAMES - 1) * (int64_t)EVERY);
	assert_true(fabs(v->burst - FRAME) < 1e-3);
	assert_int_equal(v->errors + v->gap_frames + v->dry, 0);
}

/* 100 ppm fast: nothing of a burst at first, but it adds up to one. */
static void test_a_little_fast(void **state)
{
	struct run r;
	int i;

	(void)state;
	make(&r);
	for (i = 0; i < FRAMES; i++)
		shift(&r, i, i ? -8 : 0);
	judge(&r);
	assert_true(fabs(r.v.ppm - 100) < 1);
	assert_int_equal(r.v.errors, 0);
	make(&r);
	for (i = 0; i < FRAMES; i++)
		shift(&r, i, i ? -80 : 0);
	assert_true(judge(&r)->errors > 0);
}

/* Behind one longest frame: credit goes up to hiCredit, and the next frame may follow sooner. By a frame more it may
 * not. */
static void test_interference(void **state)
{
	struct run r;

	(void)state;
	make(&r);
	catch_up(&r, 500, 1538 * 8);
	judge(&r);
	assert_int_equal(r.v.errors, 0);
	assert_true(r.v.burst > FRAME + HI - 2 && r.v.burst <= FRAME + HI);
	make(&r);
	catch_up(&r, 500, 1538 * 8 + 1000);
	judge(&r);
	assert_true(r.v.errors > 0);
	assert_true(r.v.burst > FRAME + HI);
}

/* Late by a poll gap: what is caught up is as much as grew in it, and no more. */
static void test_a_gap(void **state)
{
	struct run r;
	int64_t t;

	(void)state;
	make(&r);
	t = r.frame[500].t_to;
	catch_up(&r, 500, 1000000);
	assert_true(judge(&r)->errors > 5);
	r.gap = (struct rec_gap){.t_begin = t - 1000, .t_end = t + 1000000};
	judge(&r);
	assert_int_equal(r.v.errors, 0);
	assert_true(r.v.gap_frames > 5);
	assert_true(r.v.burst <= FRAME + HI + 1.25);
	assert_true(fabs(r.v.lent - 12500) < 20);
	assert_false(r.over[499]);
	assert_true(r.over[500]);
	assert_false(r.over[520]);
	r.gap.t_end = t + 500000; /* explains half of it */
	assert_true(judge(&r)->errors > 0);
	make(&r);
	catch_up(&r, 500, 1000000);
	r.gap = (struct rec_gap){.t_begin = t - 20000000, .t_end = t - 19000000}; /* long used up */
	assert_true(judge(&r)->errors > 5);
}

/* Starts that are known to some us only, and many small gaps: no licence to burst. */
static void test_blurred(void **state)
{
	struct rec_gap gaps[FRAMES];
	struct run r;
	int i;

	(void)state;
	make(&r);
	for (i = 0; i < FRAMES; i++) {
		r.frame[i].t_from -= 2000;
		gaps[i] = (struct rec_gap){.t_begin = r.frame[i].t_to - 5000, .t_end = r.frame[i].t_to - 4000};
	}
	r.data.gap = gaps;
	r.data.n_gap = FRAMES;
	judge(&r);
	assert_int_equal(r.v.errors + r.v.gap_frames, 0);
	assert_true(r.v.burst > FRAME - 30 && r.v.burst < FRAME + 30);
	catch_up(&r, 500, 1000000);
	judge(&r);
	assert_true(r.v.errors > 5);
}

/* What the class above catches up with keeps the one below waiting like a gap; gaps and frames that overlap are one. */
static void test_away(void **state)
{
	struct rec_gap gaps[] = {{.t_begin = 100, .t_end = 200}, {.t_begin = 5000, .t_end = 6000}}, out[5];
	struct cbs_start frame[] = {
		{.t_from = 150, .bytes = 100}, {.t_from = 980, .bytes = 50}, {.t_from = 4000, .bytes = 50}};
	const bool over[] = {true, false, true};
	struct cbs_data d = {.frame = frame, .n = 3, .gap = gaps, .n_gap = 2, .slack_ns = 60};

	(void)state;
	assert_int_equal(cbs_away(out, &d, over, 1000000000), 3);
	assert_int_equal(out[0].t_begin, 100);
	assert_int_equal(out[0].t_end, 980); /* when the next frame started */
	assert_int_equal(out[1].t_begin, 4000);
	assert_int_equal(out[1].t_end, 4460);
	assert_int_equal(out[2].t_begin, 5000);
	assert_int_equal(out[2].t_end, 6000);
}

/* Nobody waited: the credit is gone, and the stretch ends. */
static void test_dry(void **state)
{
	struct run r;
	int i;

	(void)state;
	make(&r);
	shift(&r, 300, 10000000);
	for (i = 300; i < FRAMES; i++)
		r.frame[i].t_queued = r.frame[300].t_from - 10;
	judge(&r);
	assert_int_equal(r.v.dry, 1);
	assert_int_equal(r.v.span_ns, 699 * (int64_t)EVERY);
	assert_true(fabs(r.v.ppm) < 1e-3);
}

static void test_hi_credit(void **state)
{
	(void)state;
	/* 100 Mb/s below a frame of 1,538 bytes at 1 Gb/s: a tenth of it. */
	assert_true(fabs(cbs_hi_credit(1000000000, 100000000, 1538, 0, 0) - 153.8) < 1e-6);
	/* 50 Mb/s below that class: the frame lasts longer, as the class above goes first: idle * (below / (R - above)
	 * + above's frame / R). */
	assert_true(fabs(cbs_hi_credit(1000000000, 50000000, 1538, 100000000, 1538) -
			 50e6 * (1538 / 900e6 + 1538 / 1e9)) < 1e-6);
}

TEST_GROUP("bench/cbs_check",
	cmocka_unit_test(test_exact),
	cmocka_unit_test(test_a_little_fast),
	cmocka_unit_test(test_interference),
	cmocka_unit_test(test_a_gap),
	cmocka_unit_test(test_blurred),
	cmocka_unit_test(test_away),
	cmocka_unit_test(test_dry),
	cmocka_unit_test(test_hi_credit),
)
