/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "probes/blame_tail.h"

#define T0     INT64_C(1000000000000)
#define FRAMES 1000
#define NUMBERED (UINT64_C(1) << 63)

/* Two have a number, of which the slowest of all is of a warm-up: 0. Frame i comes at T0 + i ms and takes 10 us; those that i % 100 == 50 wait a millisecond for their gate, one of them three. */
static void fill(struct blame_store *s)
{
	int i;

	blame_store_init(s);
	for (i = 0; i < FRAMES; i++) {
		struct pkt p = {.seq = (uint64_t)i, .t_seen = T0 + i * NS_PER_MS, .len = 60, .in_port = 0, .out_port = 1, .tc = 3,
				.verdict = VERDICT_SENT};

		p.hop_ns[HOP_COPY] = 10 * NS_PER_US;
		if (i % 100 == 50)
			p.hop_ns[HOP_GATE] = (i == 350 ? 3 : 1) * NS_PER_MS;
		p.t_out = p.t_seen + p.hop_ns[HOP_COPY] + p.hop_ns[HOP_GATE];
		assert_int_equal(blame_store_rec(s, &p, i == 350 ? NUMBERED : i == 450 ? NUMBERED | 450 : 1), 0);
	}
}

/* So many are late by that; blame_tail_fini() is the caller's. */
static void find(struct blame_tail *t, const struct blame_tail_conf *conf, struct blame_store *s, uint32_t n)
{
	assert_int_equal(blame_tail_find(t, conf, s), 0);
	assert_int_equal(t->n, n);
}

static void test_worst(void **state)
{
	struct blame_tail_conf conf = {.worst = 0.001, .hop = -1, .seq = -1};
	struct blame_store s;
	struct blame_tail t;

	(void)state;
	fill(&s);
	find(&t, &conf, &s, 1);
	assert_int_equal(s.rec[t.late[0].frame].rec.seq, 350);
	assert_int_equal(t.excess_ns, 3 * NS_PER_MS);
	assert_int_equal(t.n_rank, 1);
	assert_int_equal(t.rank[0], CAUSE_GATE);
	assert_int_equal(t.row[CAUSE_GATE].example, 350);
	blame_tail_fini(&t);
	conf.worst = 1;
	find(&t, &conf, &s, FRAMES / 100); /* of those that are as long as any nothing is to be told */
	assert_int_equal(t.row[CAUSE_GATE].frames, FRAMES / 100);
	assert_int_equal(t.row[CAUSE_GATE].longest_ns, 3 * NS_PER_MS);
	blame_tail_fini(&t);
	blame_store_fini(&s);
}

static void test_numbered_alone(void **state)
{
	struct blame_tail_conf conf = {.worst = 1, .hop = -1, .seq = -1, .numbered = true};
	struct blame_store s;
	struct blame_tail t;

	(void)state;
	fill(&s);
	find(&t, &conf, &s, 1);
	assert_int_equal(s.rec[t.late[0].frame].rec.seq, 450);
	blame_tail_fini(&t);
	blame_store_fini(&s);
}

static void test_threshold(void **state)
{
	struct blame_tail_conf conf = {.threshold_ns = 1010 * NS_PER_US, .hop = -1, .seq = -1};
	struct blame_store s;
	struct blame_tail t;

	(void)state;
	fill(&s);
	find(&t, &conf, &s, 1); /* longer than, not as long as */
	blame_tail_fini(&t);
	conf.threshold_ns--;
	find(&t, &conf, &s, 10);
	blame_tail_fini(&t);
	conf.hop = WAY_QUEUE;
	find(&t, &conf, &s, 0);
	blame_tail_fini(&t);
	conf.hop = WAY_RING; /* no frame has it */
	find(&t, &conf, &s, 0);
	blame_tail_fini(&t);
	blame_store_fini(&s);
}

static void test_one_frame(void **state)
{
	struct blame_tail_conf conf = {.hop = -1, .seq = 7};
	struct blame_store s;
	struct blame_tail t;

	(void)state;
	fill(&s);
	find(&t, &conf, &s, 1);
	assert_int_equal(t.late[0].result->excess_ns, 0);
	assert_int_equal(t.late[0].result->first, CAUSE_UNKNOWN);
	blame_tail_fini(&t);
	conf.seq = FRAMES;
	find(&t, &conf, &s, 0);
	blame_tail_fini(&t);
	blame_store_fini(&s);
}

/* Those that were dropped are counted and not explained; what is too old is forgotten. */
static void test_store(void **state)
{
	struct pkt p = {.t_seen = T0, .t_out = T0, .verdict = VERDICT_QUEUE_FULL, .out_port = 1};
	struct blame_store s;

	(void)state;
	fill(&s);
	assert_int_equal(blame_store_rec(&s, &p, 1), 0);
	assert_int_equal(s.dropped[VERDICT_QUEUE_FULL], 1);
	assert_int_equal(blame_store_frames(&s), FRAMES);
	blame_store_forget(&s, T0 + (FRAMES - 10) * NS_PER_MS);
	assert_int_equal(blame_store_frames(&s), 10);
	blame_store_fini(&s);
}

/* Kept from running by a hundred threads, and half of the time nobody knows by whom: no part is told under another one's name. */
static void test_many_parts(void **state)
{
	struct blame_tail_conf conf = {.worst = 0.001, .hop = -1, .seq = -1};
	int64_t ns[CAUSE_COUNT] = {0};
	struct event e = {.kind = EV_PREEMPTED, .tid = 70, .by = 5};
	const struct blame_result *r;
	struct blame_store s;
	struct blame_tail t;
	uint32_t k;
	int i;

	(void)state;
	fill(&s);
	s.rec[100].rec.hop_ns[HOP_COPY] = 10 * NS_PER_MS;
	s.rec[100].rec.t_out = s.rec[100].rec.t_seen + 10 * NS_PER_MS;
	s.roles.worker_tid = 70;
	for (i = 0; i < 100; i++) {
		int64_t t0 = s.rec[100].rec.t_seen + i * 100 * NS_PER_US;

		snprintf(e.who, sizeof(e.who), "hog%d", i);
		assert_int_equal(cause_spans_add(&s.spans, CAUSE_HOST, &e, t0, t0 + 50 * NS_PER_US), 0);
	}
	find(&t, &conf, &s, 1);
	r = t.late[0].result;
	for (k = 0; k < r->n; k++)
		ns[r->part[k].cause] += r->part[k].ns;
	for (i = 0; i < CAUSE_COUNT; i++)
		assert_int_equal(ns[i], r->cause_ns[i]);
	assert_true(ns[CAUSE_UNKNOWN] > 4 * NS_PER_MS);
	blame_tail_fini(&t);
	blame_store_fini(&s);
}

/* When most frames wait for their gate, that is not how long a frame takes as a rule. */
static void test_mostly_late(void **state)
{
	struct blame_tail_conf conf = {.worst = 0.001, .hop = -1, .seq = -1};
	struct blame_store s;
	struct blame_tail t;
	int i;

	(void)state;
	fill(&s);
	for (i = 0; i < FRAMES; i++) {
		if (i % 10 < 6)
			s.rec[i].rec.hop_ns[HOP_GATE] = NS_PER_MS;
		s.rec[i].rec.t_out = s.rec[i].rec.t_seen + s.rec[i].rec.hop_ns[HOP_COPY] + s.rec[i].rec.hop_ns[HOP_GATE];
	}
	s.rec[350].rec.hop_ns[HOP_GATE] = NS_PER_MS;
	find(&t, &conf, &s, 1);
	assert_int_equal(t.row[CAUSE_GATE].ns, NS_PER_MS);
	blame_tail_fini(&t);
	blame_store_fini(&s);
}

static void test_nothing(void **state)
{
	struct blame_tail_conf conf = {.worst = 0.001, .hop = -1, .seq = -1};
	struct blame_store s;
	struct blame_tail t;

	(void)state;
	blame_store_init(&s);
	find(&t, &conf, &s, 0);
	assert_int_equal(t.n_rank, 0);
	blame_tail_fini(&t);
	blame_store_fini(&s);
}

/* The table of docs/blame.md is cause.h's. */
static void test_docs(void **state)
{
	char line[1024], want[64];
	int n = 0;
	FILE *f;

	(void)state;
	f = fopen("docs/blame.md", "re");
	assert_non_null(f);
	while (n < CAUSE_COUNT && fgets(line, sizeof(line), f)) {
		snprintf(want, sizeof(want), "| `%s` |", cause_rows[n].name);
		if (strncmp(line, want, strlen(want)))
			continue;
		if (!strstr(line, cause_rows[n].help))
			fail_msg("docs/blame.md: %s is not told as in cause.h: \"%s\"", cause_rows[n].name, cause_rows[n].help);
		n++;
	}
	fclose(f);
	if (n < CAUSE_COUNT)
		fail_msg("docs/blame.md: the row of %s is missing, or not in its order", cause_rows[n].name);
}

TEST_GROUP("probes/blame_tail",
	cmocka_unit_test(test_worst),
	cmocka_unit_test(test_numbered_alone),
	cmocka_unit_test(test_threshold),
	cmocka_unit_test(test_one_frame),
	cmocka_unit_test(test_store),
	cmocka_unit_test(test_many_parts),
	cmocka_unit_test(test_mostly_late),
	cmocka_unit_test(test_nothing),
	cmocka_unit_test(test_docs),
)
