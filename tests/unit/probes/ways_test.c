/* SPDX-License-Identifier: BSD-3-Clause */
/* ways_tell() over what a gather would hold: records, and a wire's events, whose clock is the axis. */
#include "tests/unit/test.h"

#include <string.h>

#include "base/ns.h"
#include "probes/ways.h"

#define T0 INT64_C(1700000000000000000)
#define MOST 16

struct scene {
	struct gather g;
	struct gather_rec rec[MOST];
	struct event wire[MOST];
	struct way way[MOST];
	size_t n;
	struct ways_stat stat;
};

static void record(struct scene *s, uint64_t seq, uint64_t key, int64_t t_seen, uint8_t out)
{
	struct gather_rec *r = &s->rec[s->g.n_recs++];

	*r = (struct gather_rec){.key = key, .p = {.seq = seq, .t_seen = t_seen, .in_port = 0, .out_port = out, .verdict = VERDICT_SENT}};
	r->p.hop_ns[HOP_COPY] = 2000;
	r->p.t_out = t_seen + 2000;
}

static void left(struct scene *s, uint64_t key, int64_t t)
{
	s->wire[s->g.source[0].n_events++] = (struct event){.kind = EV_WIRE, .flags = EV_OUTGOING, .key = key, .t = t, .t_end = t};
}

static bool keep(void *ctx, const struct way *w)
{
	struct scene *s = ctx;

	s->way[s->n++] = *w;
	return true;
}

static void tell(struct scene *s)
{
	s->g.rec = s->rec;
	s->g.n_sources = 1;
	s->g.source[0].kind = GATHER_WIRE;
	s->g.source[0].port = 0;
	s->g.source[0].event = s->wire;
	assert_int_equal(ways_tell(&s->g, INT64_MIN, INT64_MAX, keep, s, &s->stat), 0);
	assert_int_equal(s->n, s->g.n_recs);
}

/* Copies of a flooded frame came in once. */
static void test_flooded(void **state)
{
	struct scene s = {0};

	(void)state;
	left(&s, 5, T0 - 1000);
	record(&s, 1, 5, T0, 1);
	record(&s, 1, 5, T0, 2);
	tell(&s);
	assert_int_equal(way_ns(&s.way[0], WAY_RX), 1000);
	assert_int_equal(way_ns(&s.way[1], WAY_RX), 1000);
	assert_int_equal(s.stat.ambiguous, 0);
}

/* A taktd that was started again numbers from 0 again: its frames are no copies of those of the one before. */
static void test_restart(void **state)
{
	struct scene s = {0};

	(void)state;
	left(&s, 5, T0 - 1000);
	left(&s, 6, T0 + NS_PER_SEC - 3000);
	record(&s, 1, 5, T0, 1);
	record(&s, 1, 6, T0 + NS_PER_SEC, 1);
	tell(&s);
	assert_int_equal(way_ns(&s.way[0], WAY_RX), 1000);
	assert_int_equal(way_ns(&s.way[1], WAY_RX), 3000);
	assert_int_equal(s.stat.unmatched[0], 0);
}

/*
 * A guest of which two exchanges are known, its clock 1000 s behind and 200 ppm fast: how long its own hops are is known no better than its rate.
 */
static void test_rate(void **state)
{
	struct event tx = {.kind = EV_TX, .key = 5, .t = 500 * NS_PER_MS};
	struct gather_source *g;
	struct scene s = {0};
	int64_t truth;
	int i;

	(void)state;
	g = &s.g.source[0];
	*g = (struct gather_source){.kind = GATHER_GUEST, .join = join_create(NULL), .exchange = join_create(NULL), .event = &tx, .n_events = 1};
	for (i = 0; i < 2; i++) {
		join_not_after(g->join, i * NS_PER_SEC, T0 + i * NS_PER_SEC - i * 200000 + 30000);
		join_not_before(g->join, i * NS_PER_SEC + 1000, T0 + i * NS_PER_SEC - i * 200000 - 30000);
	}
	tx.edge_ns[EV_TX_DRIVER] = 20 * NS_PER_MS;
	tx.edge_ns[EV_TX_PUBLISHED] = 20 * NS_PER_MS + 1000;
	record(&s, 1, 5, T0 + 521 * NS_PER_MS, 1);
	s.g.rec = s.rec;
	s.g.n_sources = 1;
	assert_int_equal(ways_tell(&s.g, INT64_MIN, INT64_MAX, keep, &s, &s.stat), 0);
	assert_true(way_has(&s.way[0], WAY_APP));
	truth = 20 * NS_PER_MS - 20 * 200;	/* 200 ns less a millisecond */
	assert_true(way_bound(&s.way[0], WAY_APP) > 0);
	assert_in_range(way_ns(&s.way[0], WAY_APP), truth - way_bound(&s.way[0], WAY_APP), truth + way_bound(&s.way[0], WAY_APP));
	join_destroy(g->join);
	join_destroy(g->exchange);
}

TEST_GROUP("probes/ways",
	cmocka_unit_test(test_flooded),
	cmocka_unit_test(test_restart),
	cmocka_unit_test(test_rate),
)
