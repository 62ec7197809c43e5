/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "bench/blame_judge.h"

/* A late frame from t on for ns, whose one cause has all of it, by an event from e on for e_ns (0: none). */
static json_t *frame(int64_t t, int64_t ns, const char *cause, int64_t e, int64_t e_ns)
{
	json_t *part = json_pack("{s:s, s:s, s:I, s:b, s:s}", "cause", cause, "hop", "ring", "ns", (json_int_t)ns, "knock_on", 0, "evidence", "x");

	if (e_ns)
		json_object_set_new(part, "longest", json_pack("{s:I, s:I}", "t", (json_int_t)e, "t_end", (json_int_t)(e + e_ns)));
	return json_pack("{s:I, s:I, s:I, s:I, s:s, s:[o]}", "seq", (json_int_t)1, "t_begin", (json_int_t)t, "total_ns", (json_int_t)ns, "excess_ns",
			 (json_int_t)ns, "first", cause, "causes", part);
}

/* The machine itself was busy elsewhere. */
static const struct blame_gap gap[] = {{5000, 5400}};

static void add(struct blame_judge *j, json_t *f, const struct blame_deed *deed, size_t n)
{
	json_t *frames = json_array();

	json_array_append_new(frames, f);
	blame_judge_add(j, frames, deed, n, gap, 1, " launch ");
	json_decref(frames);
}

static void test_named(void **state)
{
	const struct blame_deed deed[] = {
		{.t = 1000, .t_end = 2000, .cause = "gate", .late_ns = 50},
		{.t = 1500, .t_end = 3000, .cause = "worker-irq", .or_cause = "worker-softirq", .late_ns = 50, .takes_worker = true},
		{.t = 5000, .t_end = 6000, .cause = "gate", .late_ns = 50},
		{.t = 5300, .t_end = 5500, .cause = "worker-irq", .late_ns = 50, .takes_worker = true},
	};
	struct blame_judge j = {0};
	uint64_t named, total;

	(void)state;
	add(&j, frame(950, 200, "gate", 0, 0), deed, 4);		     /* the first one's */
	add(&j, frame(950, 200, "unknown", 0, 0), deed, 4);		     /* not named */
	add(&j, frame(1450, 200, "worker-softirq", 1500, 9), deed, 4);	     /* either of a pair, under either name */
	add(&j, frame(900, 200, "gate", 0, 0), deed, 4);		     /* half of its way was before */
	add(&j, frame(2100, 200, "gate", 0, 0), deed, 4);		     /* that one was over */
	add(&j, frame(2100, 50, "gate", 0, 0), deed, 4);		     /* not late enough to be affected */
	add(&j, frame(700, 300, "gate", 0, 0), deed, 4);		     /* gone when it began */
	add(&j, frame(3000, 300, "unknown", 0, 0), deed, 4);		     /* came when it was over */
	add(&j, frame(5000, 500, "worker-preempted", 5000, 9), deed, 4); /* 300 ns of its own, and less of each of ours */
	add(&j, frame(5200, 700, "gate", 0, 0), deed, 4);		     /* here the gate is more: named */
	blame_judge_sum(&j, &named, &total);
	assert_int_equal(total, 5);
	assert_int_equal(named, 3);
	assert_int_equal(j.others, 5);
	assert_int_equal(j.others_named, 4);
	assert_string_equal(j.row[1], "gate+worker-irq");
	assert_int_equal(j.count[1][2], 1);
	assert_int_equal(j.invented, 0);
	assert_int_equal(j.bad_sums, 0);
}

/* A step is an instant somewhere in its stretch: who came or went meanwhile may have missed it. */
static void test_at_once(void **state)
{
	const struct blame_deed deed[] = {{.t = 1000, .t_end = 1100, .cause = "clock-step", .label = "step", .late_ns = 300, .at_once = true},
					   {.t = 850, .t_end = 1400, .cause = "credit", .late_ns = 50, .of_class = 6}, /* these frames are of another */
					   {.t = 9000, .t_end = 9900, .cause = "clock-step", .late_ns = 300, .at_once = true}};
	struct blame_judge j = {0};
	uint64_t named, total;

	(void)state;
	add(&j, frame(900, 400, "clock-step", 0, 0), deed, 2);	/* all of it */
	add(&j, frame(900, 400, "gate", 0, 0), deed, 2);	/* not named */
	add(&j, frame(900, 250, "gate", 0, 0), deed, 2);	/* not late */
	add(&j, frame(650, 400, "gate", 0, 0), deed, 2);	/* gone before its end */
	add(&j, frame(1050, 400, "gate", 0, 0), deed, 2);	/* came behind its begin */
	add(&j, frame(9010, 880, "ring-full", 0, 0), deed, 3);	/* within a long one for most of it: it may have come when the step was over */
	blame_judge_sum(&j, &named, &total);
	assert_int_equal(total, 2);
	assert_int_equal(named, 1);
	assert_string_equal(j.row[0], "step");
}

/* No late frame at all is no proof that all was named. */
static void test_untouched(void **state)
{
	const struct blame_deed deed[] = {{.t = 1000, .t_end = 2000, .cause = "gate", .late_ns = 50}, {.t = 1500, .t_end = 3000, .cause = "credit", .late_ns = 50}};
	json_t *none = json_array();
	struct blame_judge j = {0};

	(void)state;
	blame_judge_add(&j, none, deed, 2, gap, 1, " launch ");
	assert_int_equal(j.deeds, 2);
	assert_int_equal(j.untouched, 2);
	add(&j, frame(1050, 200, "gate", 0, 0), deed, 2);
	assert_int_equal(j.deeds, 4);
	assert_int_equal(j.untouched, 3);
	json_decref(none);
}

static void test_invented(void **state)
{
	struct blame_judge j = {0};

	(void)state;
	add(&j, frame(900, 200, "worker-irq", 950, 10), NULL, 0);
	add(&j, frame(900, 200, "worker-irq", 800, 101), NULL, 0);
	assert_int_equal(j.invented, 0);
	add(&j, frame(900, 200, "worker-irq", 0, 0), NULL, 0); /* no event */
	add(&j, frame(900, 200, "worker-irq", 800, 100), NULL, 0); /* one that was over */
	add(&j, frame(900, 200, "worker-irq", 1100, 100), NULL, 0); /* one that came later */
	add(&j, frame(900, 200, "launch", 0, 0), NULL, 0);	    /* what cannot be */
	assert_int_equal(j.invented, 4);
}

TEST_GROUP("bench/blame_judge",
	cmocka_unit_test(test_named),
	cmocka_unit_test(test_at_once),
	cmocka_unit_test(test_untouched),
	cmocka_unit_test(test_invented),
)
