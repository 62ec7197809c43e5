/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "bench/gate_date.h"
#include "tests/unit/base/caught.h"

#define CYCLE 1000

/* A frame every 100 ns from 0 to 20,000; the second schedule runs from t_change on. */
#define FRAMES 200

struct run {
	struct timeline_plan plan[2];
	int64_t t_told[2];
	struct pkt rec[FRAMES];
};

static void make(struct run *r, int64_t t_base, int64_t t_change)
{
	int i;

	memset(r, 0, sizeof(*r));
	r->plan[0] = (struct timeline_plan){.list = {.cycle_ns = CYCLE}, .generation = 1};
	r->plan[1] = (struct timeline_plan){
		.list = {.t_base = t_base, .cycle_ns = CYCLE}, .t_asked = 5000, .t_known = 5700, .generation = 2};
	for (i = 0; i < FRAMES; i++)
		r->rec[i] = (struct pkt){.t_out = i * 100 + 30, .gcl_gen = i * 100 + 30 >= t_change ? 2 : 1};
}

static uint64_t date(struct run *r, const struct rec_gap *gap)
{
	struct caught said;
	uint64_t wrong;

	caught_open(&said);
	wrong = gate_date(r->plan, 2, r->t_told, r->rec, FRAMES, gap, gap ? 1 : 0);
	caught_close(&said);
	assert_int_equal(wrong > 0, said.err[0] != '\0');
	return wrong;
}

static void test_good_ones(void **state)
{
	struct run r;

	(void)state;
	make(&r, 8200, 8200);
	assert_int_equal(date(&r, NULL), 0);
	assert_int_equal(r.plan[1].t_change, 8200);
	make(&r, 400, 5400); /* in the past; set between 5,000 and 5,700: 5,400 or 6,400 */
	assert_int_equal(date(&r, NULL), 0);
	assert_int_equal(r.plan[1].t_change, 5400);
	make(&r, 400, 6400);
	assert_int_equal(date(&r, NULL), 0);
	assert_int_equal(r.plan[1].t_change, 6400);
}

static void test_adopted_at_another_time(void **state)
{
	struct run r;

	(void)state;
	make(&r, 8200, 8000);
	assert_int_equal(date(&r, NULL), 1);
	make(&r, 8200, 8500);
	assert_int_equal(date(&r, NULL), 1);
	make(&r, 400, 7400); /* a cycle late */
	assert_int_equal(date(&r, NULL), 1);
	make(&r, 400, 4400); /* before anybody asked */
	assert_int_equal(date(&r, NULL), 1);
	make(&r, 8200, 100000); /* never */
	assert_int_equal(date(&r, NULL), 1);
}

static void test_told_otherwise(void **state)
{
	struct run r;

	(void)state;
	make(&r, 400, 5400);
	r.t_told[1] = 6400;
	assert_int_equal(date(&r, NULL), 1);
	r.t_told[1] = 5400;
	assert_int_equal(date(&r, NULL), 0);
}

/* Away so long that the engine takes it for a step: the time is worked out anew for when the worker was back. */
static void test_a_stall(void **state)
{
	const struct rec_gap gap = {.t_begin = 5600, .t_end = 5600 + GATE_STALL_NS};
	int64_t t_change = GATE_STALL_NS + 6400;
	struct run r;
	int i;

	(void)state;
	make(&r, 5800, 100000);
	for (i = FRAMES / 2; i < FRAMES; i++) {
		r.rec[i].t_out += GATE_STALL_NS;
		r.rec[i].gcl_gen = 2;
	}
	r.plan[1].list.t_base = 5400;
	assert_int_equal(date(&r, NULL), 1);
	assert_int_equal(date(&r, &gap), 0);
	assert_true(r.plan[1].t_change <= t_change + CYCLE);
}

TEST_GROUP("bench/gate_date",
	cmocka_unit_test(test_good_ones),
	cmocka_unit_test(test_adopted_at_another_time),
	cmocka_unit_test(test_told_otherwise),
	cmocka_unit_test(test_a_stall),
)
