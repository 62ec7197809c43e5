/* SPDX-License-Identifier: BSD-3-Clause */
/* Over 400 lines: a second engine, that spells every nanosecond out, beside the random histories that compare it. */
/*
 * gate_random: random lists, changes, jumps and clock steps, each question compared with a reference that shares no
 * code with the gate: one byte of gate states for every nanosecond, spelt out from what was asked for, cycle after cycle, each
 * cycle's end decided at its beginning as the Cycle Timer machine does it (802.1Q-2022 8.6.9.1).
 *
 * At 400 Gb/s a minimum frame takes 2 ns, so that a whole history fits in 3000 of them. A failure prints its seed, and
 * TAKT_SEED=N runs that one alone.
 */
#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/gate.h"
#include "tsn/sel.h"

#ifdef __SANITIZE_ADDRESS__
#define CASES	   10000	/* under the sanitizers, which look for something else */
#else
#define CASES	   100000
#endif
#define SPAN	   3000	/* ns of a history; nothing is asked later than LAST */
#define LAST	   1900
#define BASE_LAST  2200 /* the latest base time: two cycles of the last list end within SPAN */
#define ENTRIES	   6
#define CYCLE	   300	/* more than any cycle here */
#define QUESTIONS  24

/* A list in the reference: what was asked for, and the cycle spelt out. All instants are relative to the history's beginning. */
struct plan {
	bool enabled;
	int64_t base;
	int64_t cycle, num, den; /* cycle + num/den ns */
	int64_t ext;
	uint8_t initial;
	uint8_t states[CYCLE];
	uint8_t entry[CYCLE]; /* in force, */
	int64_t begin[CYCLE]; /* and its offset */
	struct gcl *gcl;
};

/* A stretch of time under one plan: a cycle, or without a plan the initial states. */
struct stretch {
	const struct plan *plan;
	int64_t start;	/* of its cycle, maybe before the stretch */
	int64_t end;
};

struct world {
	uint64_t seed, random;
	int64_t t_zero; /* the instant that stands first in at[] */
	int64_t now;	/* relative */
	uint8_t at[SPAN];
	struct stretch stretch[SPAN]; /* from now on */
	int n_stretches;
	int64_t total[TSN_CLASSES];
	struct plan plans[8];
	int n_plans;
	const struct plan *oper, *admin;
	uint8_t initial;
	int64_t change; /* relative */
	uint64_t errors, changes;
	uint64_t held; /* cycles that were lengthened: the test is worth something */
	struct gate gate;
	struct wire wire;
};

static uint32_t pick(struct world *w, uint32_t n)
{
	return (uint32_t)(test_random(&w->random) >> 33) % n;
}

#define want(w, what, got, wanted) \
	do { \
		int64_t got_ = (got), wanted_ = (wanted); \
		if (got_ != wanted_) \
			fail_msg("TAKT_SEED=%" PRIu64 " at %" PRId64 ": %s is %" PRId64 ", the reference has %" PRId64, (w)->seed, \
				 (w)->now, what, got_, wanted_); \
	} while (0)

/* -- the reference ----------------------------------------------------------------------------------------------- */

/* Start of cycle n: base + floor(n * cycle). */
static int64_t start_of(const struct plan *p, int64_t n)
{
	int64_t x = n * (p->cycle * p->den + p->num);

	return p->base + x / p->den - (x % p->den < 0);
}

/* The first start of a cycle that is not before t. */
static int64_t start_from(const struct plan *p, int64_t t)
{
	int64_t n = (t - p->base) * p->den / (p->cycle * p->den + p->num) - 2;

	while (start_of(p, n) < t)
		n++;
	return start_of(p, n);
}

/* The list that runs, if one does: not before the first, not while gates are disabled. */
static const struct plan *runs(const struct world *w)
{
	return w->oper && w->oper->enabled ? w->oper : NULL;
}

/* When does the cycle end that began at start? Not in the past: what is set during a hold may give it up, but not undo it. */
static int64_t end_of(const struct world *w, const struct plan *p, int64_t start, bool pending)
{
	int64_t regular = start_from(p, start + 1);
	int64_t end = w->now > regular ? start_from(p, w->now) : regular;

	if (pending && (w->change <= regular + p->ext || w->change <= end))
		return w->change;
	return end;
}

/* What will be from now on, if nothing more happens; the present cycle began at start. */
static void foresee(struct world *w, int64_t start)
{
	const struct plan *p = runs(w);
	bool admin = w->admin;
	uint8_t states = w->initial;
	int64_t t, end;

	w->n_stretches = 0;
	for (t = w->now; t < SPAN; start = end) {
		end = !p ? SPAN : end_of(w, p, start, admin);
		if (!p && admin)
			end = w->change;
		if (end > start + (p ? p->cycle + 1 : SPAN))
			w->held++;
		w->stretch[w->n_stretches++] = (struct stretch){p, start, end};
		for (; t < end && t < SPAN; t++)
			w->at[t] = !p ? states : p->states[t - start < p->cycle ? t - start : p->cycle - 1];
		if (admin && end == w->change) {
			admin = false;
			p = w->admin->enabled ? w->admin : NULL;
			states = 0xff;
		}
	}
}

/* Where in the foreseen are we? The one in which the last instant lies, when two meet. */
static const struct stretch *present(const struct world *w)
{
	const struct stretch *s = w->stretch;

	while (s->end <= w->now)
		s++;
	return s;
}

static int64_t change_of(const struct world *w, const struct plan *p)
{
	if (!p->enabled)
		return w->now;
	return p->base >= w->now ? p->base : start_from(p, w->now);
}

/* -- what happens ------------------------------------------------------------------------------------------------ */

static bool make_plan(struct world *w, struct plan *p)
{
	struct gcl_entry entries[ENTRIES];
	struct gcl_conf conf = {.entries = entries, .n_entries = 1 + pick(w, ENTRIES)};
	uint8_t some = (uint8_t)test_random(&w->random);
	int64_t n = 0, left;
	uint32_t i;

	memset(p, 0, sizeof(*p));
	p->den = 1;
	for (i = 0; i < conf.n_entries; i++) {
		/* Some classes are much of the time open, or never, so that windows merge and gates never close. */
		entries[i].gates = (uint8_t)((test_random(&w->random) >> 24) | (pick(w, 4) ? 0 : some));
		entries[i].gates &= pick(w, 8) ? 0xff : some;
		entries[i].interval_ns = 2 + pick(w, pick(w, 5) ? 20 : 40);
		for (left = 0; left < entries[i].interval_ns; left++, n++) {
			p->states[n] = entries[i].gates;
			p->entry[n] = (uint8_t)i;
			p->begin[n] = n - left;
		}
	}
	p->cycle = n;
	if (pick(w, 3)) {
		p->cycle = conf.cycle_ns = n > 5 && pick(w, 3) ? n - 3 + pick(w, 6) : 2 + pick(w, CYCLE - 3);
		for (; n < p->cycle; n++) {
			p->states[n] = p->states[n - 1];
			p->entry[n] = p->entry[n - 1];
			p->begin[n] = p->begin[n - 1];
		}
		if (pick(w, 2)) {
			p->den = pick(w, 4) ? 2 + pick(w, 12) : 2 + pick(w, INT32_MAX);
			p->num = pick(w, (uint32_t)p->den);
			conf.cycle_frac_num = (uint32_t)p->num;
			conf.cycle_frac_den = (uint32_t)p->den;
		}
	}
	if (pick(w, 2))
		p->ext = conf.extension_ns = pick(w, pick(w, 3) ? (uint32_t)p->cycle : 700);
	p->enabled = conf.enabled = pick(w, 8);
	p->base = pick(w, 2) ? w->now - (int64_t)pick(w, 5000) : pick(w, 3) ? w->now + pick(w, BASE_LAST - (uint32_t)w->now) : pick(w, BASE_LAST);
	p->initial = conf.initial_gates = (uint8_t)test_random(&w->random);
	conf.t_base = w->t_zero + p->base;
	if (!p->enabled)
		p->initial = 0xff;
	return !gcl_create(&p->gcl, &conf, &w->wire, NULL); /* else a window cut too short */
}

static void go_to(struct world *w, int64_t now)
{
	const struct gcl *old = w->oper ? w->oper->gcl : NULL;
	const struct gcl *retired;
	unsigned int tc;

	for (; w->now < now; w->now++)
		for (tc = 0; tc < TSN_CLASSES; tc++)
			w->total[tc] += w->at[w->now] >> tc & 1;
	retired = gate_advance(&w->gate, w->t_zero + now);
	if (w->admin && w->now >= w->change) {
		w->oper = w->admin;
		w->admin = NULL;
		w->initial = 0xff;
		w->changes++;
	}
	if (w->gate.oper != (w->oper ? w->oper->gcl : NULL) || (retired && retired != old) || (old && old != w->gate.oper && retired != old))
		fail_msg("TAKT_SEED=%" PRIu64 " at %" PRId64 ": the wrong profile runs, or was handed back", w->seed, w->now);
}

static void set_plan(struct world *w)
{
	struct plan *p = &w->plans[w->n_plans];
	const struct gcl *dropped;

	if (w->n_plans == (int)(sizeof(w->plans) / sizeof(w->plans[0])) || !make_plan(w, p))
		return;
	w->n_plans++;
	dropped = gate_set(&w->gate, p->gcl, w->t_zero + w->now);
	want(w, "the dropped profile", dropped != (w->admin ? w->admin->gcl : NULL), false);
	w->admin = p;
	w->change = change_of(w, p);
	if (!runs(w))
		w->initial = p->initial;
	else if (p->enabled && p->base < w->now)
		w->errors++;
	foresee(w, present(w)->start);
	go_to(w, w->now);
}

static void step_to(struct world *w, int64_t now)
{
	int64_t start = now;

	gate_step(&w->gate, w->t_zero + now);
	w->now = now;
	if (w->admin)
		w->change = change_of(w, w->admin);
	while (runs(w) && start_from(w->oper, start) > now)
		start--;
	foresee(w, start);
	go_to(w, now);
}

/* -- questions --------------------------------------------------------------------------------------------------- */

/* The first instant from t on at which the class is open (or shut). */
static int64_t find(const struct world *w, unsigned int tc, int64_t t, bool open)
{
	for (; t < SPAN; t++)
		if ((w->at[t] >> tc & 1) == open)
			return w->t_zero + t;
	return NS_NEVER;
}

static void ask_entry(struct world *w)
{
	const struct stretch *s = present(w);
	int64_t offset, t_begin = NS_NEVER;
	uint32_t entry = gate_entry(&w->gate, &t_begin);

	if (!s->plan) {
		want(w, "entry", entry, UINT32_MAX);
		want(w, "its begin", t_begin, NS_NEVER);
		return;
	}
	offset = w->now - s->start;
	if (offset >= s->plan->cycle)
		offset = s->plan->cycle - 1;
	want(w, "entry", entry, s->plan->entry[offset]);
	want(w, "its begin", t_begin, w->t_zero + s->start + s->plan->begin[offset]);
}

static void ask(struct world *w)
{
	unsigned int tc = pick(w, TSN_CLASSES);
	int64_t later = w->now + pick(w, LAST + 400 - (uint32_t)w->now);

	want(w, "states", gate_states(&w->gate), w->at[w->now]);
	want(w, "close", gate_close_at(&w->gate, tc), find(w, tc, w->now, false));
	want(w, "open", gate_open_at(&w->gate, tc, w->t_zero + w->now), find(w, tc, w->now, true));
	want(w, "open later", gate_open_at(&w->gate, tc, w->t_zero + later), find(w, tc, later, true));
	for (tc = 0; tc < TSN_CLASSES; tc++)
		want(w, "open total", gate_open_total(&w->gate, tc), w->total[tc]);
	want(w, "change time", w->gate.t_change, w->admin ? w->t_zero + w->change : NS_NEVER);
	want(w, "errors", (int64_t)w->gate.config_change_errors, (int64_t)w->errors);
	want(w, "changes", (int64_t)w->gate.config_changes, (int64_t)w->changes);
	if (pick(w, 2))
		ask_entry(w);
}

/* Would the class's head, started at t, be over before its gate closes? */
static bool fits(const struct world *w, const struct sel_in *in, unsigned int tc, int64_t t)
{
	int64_t t_close;

	if (!(w->at[t] >> tc & 1))
		return false;
	t_close = find(w, tc, t, false);
	return t_close == NS_NEVER || w->t_zero + t + wire_ns(in->wire, in->len[tc]) + in->margin_ns[tc] <= t_close;
}

/* Selection at now, and whether the wait that it asks for misses nothing. */
static void ask_selection(struct world *w)
{
	struct sel_in in = {.gate = &w->gate, .wire = &w->wire, .now = w->t_zero + w->now, .t_free = w->t_zero + w->now - pick(w, 2)};
	int best = -1, held = 0;
	struct sel_out out;
	unsigned int tc;
	int64_t t;

	in.backlog = (uint8_t)(test_random(&w->random) & test_random(&w->random));
	for (tc = 0; tc < TSN_CLASSES; tc++) {
		in.margin_ns[tc] = pick(w, 4);
		in.len[tc] = 60 + pick(w, 1500);
		if (!(in.backlog >> tc & 1))
			continue;
		if (fits(w, &in, tc, w->now))
			best = (int)tc;
	}
	for (tc = 0; tc < TSN_CLASSES; tc++)
		if ((int)tc > best && in.backlog >> tc & w->at[w->now] >> tc & 1)
			held |= 1 << tc;
	sel_next(&out, &in);
	want(w, "selection sends", out.kind == SEL_SEND ? out.tc : -1, best);
	want(w, "held", out.held, held);
	if (best >= 0) {
		want(w, "start", out.t_start, in.now);
		want(w, "end", out.t_end, in.now + wire_ns(in.wire, in.len[best]));
		want(w, "its close", out.t_close, find(w, (unsigned int)best, w->now, false));
		return;
	}
	want(w, "there is something to wait for", out.kind == SEL_WAIT, out.t_next != NS_NEVER);
	want(w, "the wait ends later", out.t_next > in.now, true);
	for (t = w->now; t < LAST + 400 && w->t_zero + t < out.t_next; t++)
		for (tc = 0; w->at[t] & in.backlog && tc < TSN_CLASSES; tc++)
			if (in.backlog >> tc & 1)
				want(w, "a class could have gone during the wait", fits(w, &in, tc, t), false);
}

static void happen(struct world *w)
{
	switch (pick(w, 16)) {
	case 0:
	case 1:
	case 2:
		set_plan(w);
		break;
	case 3:
		if (!pick(w, 3))
			step_to(w, pick(w, LAST));
		break;
	case 4:
		go_to(w, w->now + pick(w, (uint32_t)(LAST - w->now) + 1)); /* far */
		break;
	case 5:
		if (w->admin && w->change <= LAST)
			go_to(w, w->change - (w->change > w->now && pick(w, 2))); /* the edge, or just before */
		break;
	case 6:
		break; /* the same instant again */
	default:
		go_to(w, w->now + pick(w, w->now + 80 < LAST ? 80 : 1));
	}
}

static uint64_t run_case(uint64_t seed)
{
	static const int64_t zeros[] = {0, -1000, INT64_C(-3000000000000), INT64_C(1700000000000000000)};
	static struct world w;
	int i;

	memset(&w, 0, sizeof(w));
	w.seed = seed;
	w.random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	w.initial = 0xff;
	assert_int_equal(wire_init(&w.wire, WIRE_MAX_BPS, NULL), 0);
	for (i = 0; i < 3; i++)
		test_random(&w.random);
	w.t_zero = zeros[pick(&w, 4)];
	gate_init(&w.gate, w.t_zero);
	foresee(&w, 0);
	for (i = 0; i < QUESTIONS; i++) {
		happen(&w);
		ask(&w);
		ask_selection(&w);
	}
	while (w.n_plans)
		gcl_destroy(w.plans[--w.n_plans].gcl);
	return w.held;
}

static void test_random_histories(void **state)
{
	const char *one = getenv("TAKT_SEED");
	uint64_t seed, held = 0;

	(void)state;
	if (one) {
		run_case(strtoull(one, NULL, 10));
		return;
	}
	for (seed = 1; seed <= CASES; seed++)
		held += run_case(seed);
	assert_true(held > CASES / 10);
}

/* One leap over a million million cycles and the same way in many strides come to the same totals. */
static void test_leaps_and_strides(void **state)
{
	struct gcl_entry entries[] = {{0x81, 1001}, {0x02, 2003}, {0x83, 997}, {0x00, 701}};
	struct gcl_conf conf = {.enabled = true, .n_entries = 4, .entries = entries, .t_base = -12345};
	struct gate leap, stride;
	uint64_t random = 3;
	struct wire wire;
	struct gcl *gcl;
	unsigned int tc;
	int64_t t = 0;
	int i;

	(void)state;
	assert_int_equal(wire_init(&wire, NS_PER_SEC, NULL), 0);
	assert_int_equal(gcl_create(&gcl, &conf, &wire, NULL), 0);
	gate_init(&leap, 0);
	gate_init(&stride, 0);
	gate_set(&leap, gcl, 0);
	gate_set(&stride, gcl, 0);
	for (i = 0; i < 2000; i++) {
		t += (int64_t)(test_random(&random) >> (12 + i % 50));
		gate_advance(&stride, t);
		if (i % 100 == 99)
			gate_advance(&leap, t);
		for (tc = 0; tc < TSN_CLASSES && i % 100 == 99; tc++) {
			assert_int_equal(gate_open_total(&leap, tc), gate_open_total(&stride, tc));
			assert_int_equal(gate_close_at(&leap, tc), gate_close_at(&stride, tc));
			assert_int_equal(gate_open_at(&leap, tc, t), gate_open_at(&stride, tc, t));
		}
	}
	assert_true(t > 1000 * 4702 * INT64_C(1000000000));
	gcl_destroy(gcl);
}

TEST_GROUP("tsn/gate_random",
	cmocka_unit_test(test_random_histories),
	cmocka_unit_test(test_leaps_and_strides),
)
