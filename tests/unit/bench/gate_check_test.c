/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "bench/gate_check.h"

/* Class 7 from 0 to 10 us, class 0 from there to 100 us; 64-byte frames at 1 Gb/s last 672 ns. */
#define CYCLE  100000
#define WINDOW 10000
#define FRAME  672
#define START  INT64_C(1000000000)
#define FRAMES 20
#define FAR    (START + 100 * CYCLE)

/* Ticks of the TSC are ns of TAI here, so a stamp is an instant. */
static const struct judge_look looks[] = {{.tsc = 0, .tai = 0}, {.tsc = 2 * START, .tai = 2 * START}};
static const struct timeline_plan plan = {
	.list = {.cycle_ns = CYCLE, .n = 2, .entry = {{0x80, WINDOW}, {0x01, CYCLE - WINDOW}}}, .generation = 3};

struct run {
	struct judge_clock clock;
	struct pkt rec[FRAMES];
	struct judge_seen seen[FRAMES];
	struct rec_gap gap;
	struct gate_data data;
	struct gate_verdict v;
};

/* Two frames of class 7 a cycle: one right at the opening, and one right behind it. */
static void make(struct run *r)
{
	int i;

	memset(r, 0, sizeof(*r));
	r->clock = (struct judge_clock){.look = (struct judge_look *)(uintptr_t)looks, .n = 2};
	for (i = 0; i < FRAMES; i++) {
		r->rec[i] = (struct pkt){.t_seen = START - 5000,
					 .t_out = START + i / 2 * CYCLE + i % 2 * FRAME + 100,
					 .seq = (uint64_t)i,
					 .len = 60,
					 .gcl_gen = 3,
					 .tc = 7,
					 .flags = 7 << PKT_PCP_SHIFT};
		r->rec[i].hop_ns[HOP_SEND] = 90;
		r->rec[i].hop_ns[HOP_GATE] = (uint32_t)(r->rec[i].t_out - r->rec[i].t_seen - 90);
		r->seen[i] = (struct judge_seen){.tsc = (uint64_t)r->rec[i].t_out + 60,
						 .tsc_before = (uint64_t)r->rec[i].t_out - 40,
						 .number = (uint32_t)i + 1,
						 .len = 60,
						 .pcp = 7};
	}
	r->data = (struct gate_data){.timeline = {.plan = &plan, .n = 1},
				     .link_bps = 1000000000,
				     .gap_ns = 1000,
				     .rec = r->rec,
				     .n_rec = FRAMES,
				     .gap = &r->gap,
				     .n_gap = 1,
				     .seen = r->seen,
				     .n_seen = FRAMES,
				     .sent = FRAMES,
				     .clock = &r->clock,
				     .error_ns = 50,
				     .edge_tc = 7};
}

static const struct gate_verdict *judge(struct run *r)
{
	assert_int_equal(gate_check(&r->v, &r->data, NULL), 0);
	return &r->v;
}

/* Frame i is handed over at t_out, after send_ns. */
static void move(struct run *r, int i, int64_t t_out, uint32_t send_ns)
{
	r->rec[i].t_out = t_out;
	r->rec[i].hop_ns[HOP_SEND] = send_ns;
	r->rec[i].hop_ns[HOP_GATE] = (uint32_t)(t_out - send_ns - r->rec[i].t_seen);
	r->seen[i].tsc = (uint64_t)t_out + 60;
	r->seen[i].tsc_before = (uint64_t)t_out - 40;
}

static void test_all_in_their_windows(void **state)
{
	const struct gate_verdict *v;
	struct run r;

	(void)state;
	make(&r);
	v = judge(&r);
	assert_int_equal(v->inside, FRAMES);
	assert_int_equal(v->outside + v->overruns + v->wrong_plan + v->bad_sums + v->dropped + v->unrecorded, 0);
	assert_int_equal(v->placed, FRAMES);
	assert_int_equal(v->misplaced + v->late + v->blurred + v->missing + v->unexpected + v->swapped + v->early, 0);
	assert_int_equal(v->windows, FRAMES / 2);
	assert_int_equal(v->empty, 0);
	assert_int_equal(v->edge.count, FRAMES / 2);
	assert_int_equal(v->edge.max, 100);
	assert_int_equal(v->edge_seen.min, 160);
}

/* The last frame, moved to the end of its window: over at the close, and one ns later. */
static void test_the_last_nanosecond(void **state)
{
	struct run r;
	int64_t t_close = START + (FRAMES / 2 - 1) * CYCLE + WINDOW;

	(void)state;
	make(&r);
	move(&r, FRAMES - 1, t_close - FRAME, 50);
	assert_int_equal(judge(&r)->inside, FRAMES);
	move(&r, FRAMES - 1, t_close - FRAME + 51, 50);
	assert_int_equal(judge(&r)->outside, 1);
}

static void test_shut(void **state)
{
	struct run r;

	(void)state;
	make(&r);
	move(&r, FRAMES - 1, FAR - 20000, 50);
	assert_int_equal(judge(&r)->outside, 1);
	assert_int_equal(r.v.misplaced, 1);
	make(&r);
	move(&r, 0, START - 1, 0); /* one ns before the opening */
	assert_int_equal(judge(&r)->outside, 1);
}

/* The link is still busy when the frame is handed over: it would start too late. */
static void test_a_busy_link(void **state)
{
	int64_t t_close = START + (FRAMES / 2 - 1) * CYCLE + WINDOW;
	struct run r;

	(void)state;
	make(&r);
	move(&r, FRAMES - 2, t_close - 2 * FRAME + 100, 50);
	move(&r, FRAMES - 1, t_close - FRAME - 200, 50);
	assert_int_equal(judge(&r)->outside, 1);
}

/* Chosen in time, handed over too late: an overrun when it is counted as one, explained when there is a gap. */
static void test_overruns(void **state)
{
	int64_t t_close = START + (FRAMES / 2 - 1) * CYCLE + WINDOW;
	struct run r;

	(void)state;
	make(&r);
	move(&r, FRAMES - 1, t_close + 5000, 8000);
	assert_int_equal(judge(&r)->outside, 1); /* nobody counted it */
	r.rec[FRAMES - 1].flags |= PKT_OVERRUN;
	judge(&r);
	assert_int_equal(r.v.outside, 0);
	assert_int_equal(r.v.overruns, 1);
	assert_int_equal(r.v.unmatched, 1);
	assert_int_equal(r.v.misplaced, 1);
	r.gap = (struct rec_gap){.t_begin = t_close - 2500, .t_end = t_close + 4900};
	judge(&r);
	assert_int_equal(r.v.unmatched, 0);
	assert_int_equal(r.v.misplaced, 0);
	assert_int_equal(r.v.late, 1);
	r.gap.t_end = r.gap.t_begin + 999; /* shorter than what is published */
	assert_int_equal(judge(&r)->unmatched, 1);
}

/* The receiver was away when the frame came: it cannot tell, and does not accuse. But it is not deaf when it looked
 * after the close. */
static void test_what_the_receiver_can_tell(void **state)
{
	struct run r;

	(void)state;
	make(&r);
	r.seen[FRAMES - 1].tsc += 50000;
	judge(&r);
	assert_int_equal(r.v.blurred, 1);
	assert_int_equal(r.v.misplaced, 0);
	r.seen[FRAMES - 1].tsc_before = r.seen[FRAMES - 1].tsc - 20000;
	judge(&r);
	assert_int_equal(r.v.misplaced, 1);
	make(&r);
	r.seen[0].tsc = (uint64_t)START - 51; /* before the opening, by more than the clocks' error */
	r.seen[0].tsc_before = r.seen[0].tsc - 100;
	judge(&r);
	assert_int_equal(r.v.misplaced, 1);
	assert_int_equal(r.v.early, 1);
}

static void test_what_is_lost_or_changed(void **state)
{
	struct run r;

	(void)state;
	make(&r);
	r.data.n_seen--;
	assert_int_equal(judge(&r)->missing, 1);
	make(&r);
	r.seen[3].number = 3;
	judge(&r);
	assert_int_equal(r.v.unexpected, 1);
	assert_int_equal(r.v.missing, 1);
	make(&r);
	r.seen[3].len = 61;
	assert_int_equal(judge(&r)->unexpected, 1);
	make(&r);
	r.seen[3].number = 5;
	r.seen[4].number = 4;
	assert_int_equal(judge(&r)->swapped, 1);
	make(&r);
	r.rec[2].verdict = VERDICT_QUEUE_FULL;
	judge(&r);
	assert_int_equal(r.v.dropped, 1);
	assert_int_equal(r.v.unexpected, 1);
	make(&r);
	r.data.sent++;
	assert_int_equal(judge(&r)->unrecorded, 1);
	make(&r);
	r.rec[2].gcl_gen = 4;
	assert_int_equal(judge(&r)->wrong_plan, 1);
	make(&r);
	r.rec[2].hop_ns[HOP_QUEUE]++;
	assert_int_equal(judge(&r)->bad_sums, 1);
}

/* Frames waited, and a whole window passed without one. */
static void test_an_empty_window(void **state)
{
	struct run r;

	(void)state;
	make(&r);
	move(&r, FRAMES - 2, START + FRAMES / 2 * CYCLE + 100, 90);
	move(&r, FRAMES - 1, START + FRAMES / 2 * CYCLE + FRAME + 100, 90);
	judge(&r);
	assert_int_equal(r.v.empty, 1);
	assert_int_equal(r.v.empty_gap, 0);
	assert_int_equal(r.v.windows, FRAMES / 2 + 1);
	r.gap = (struct rec_gap){.t_begin = START + (FRAMES / 2 - 1) * CYCLE - 20000,
				 .t_end = START + (FRAMES / 2 - 1) * CYCLE + 6000};
	assert_int_equal(judge(&r)->empty_gap, 1);
}

TEST_GROUP("bench/gate_check",
	cmocka_unit_test(test_all_in_their_windows),
	cmocka_unit_test(test_the_last_nanosecond),
	cmocka_unit_test(test_shut),
	cmocka_unit_test(test_a_busy_link),
	cmocka_unit_test(test_overruns),
	cmocka_unit_test(test_what_the_receiver_can_tell),
	cmocka_unit_test(test_what_is_lost_or_changed),
	cmocka_unit_test(test_an_empty_window),
)
