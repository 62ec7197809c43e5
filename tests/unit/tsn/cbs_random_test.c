/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cbs_random: random histories of a port with shaped and unshaped classes, gates and changes of schedule. A reference in the words of
 * 8.6.8.2 goes from nanosecond to nanosecond with its variables transmit and credit and both of its slopes; the engine is called
 * only when something happens. They must agree at each nanosecond on which class may send, and on the credit itself whenever
 * transmit is FALSE (the engine charges a frame as a whole, so the two differ while it is on the wire, and only then).
 */
#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tsn/cbs.h"

#define CASES 40000
#define SPAN  2500	/* ns: at 8 Gb/s a byte takes one */
#define RATE  INT64_C(8000000000)
#define DEPTH 32

struct class {
	bool shaped;
	int64_t admin_bps;
	/* the reference */
	int64_t idle, send;	/* bit/s */
	__int128 credit;
	bool transmit;
	/* both */
	int n;
	uint32_t len[DEPTH];	/* of those that wait, bytes in memory */
	int64_t open_total;	/* ns with its gate open so far */
	/* the engine */
	struct cbs cbs;
};

struct world {
	uint64_t seed, random;
	struct wire wire;
	struct class class[TSN_CLASSES];
	int64_t t, t_free;
	int64_t period, offset, open_ns[TSN_CLASSES];	/* gate of a class: open for open_ns of each period */
	int sent, checks;
};

static int64_t pick(struct world *w, int64_t n)
{
	return (int64_t)(test_random(&w->random) >> 1) % n;
}

static void differ(const struct world *w, const char *what, int tc, int64_t got, int64_t want)
{
	if (got != want)
		fail_msg("TAKT_SEED=%" PRIu64 " at %" PRId64 " class %d: %s is %" PRId64 ", not %" PRId64, w->seed, w->t, tc, what, got, want);
}

static bool gate_open(const struct world *w, int tc, int64_t t)
{
	return (t + w->offset) % w->period < w->open_ns[tc];
}

/* Ns from t until the class's gate shuts; a long time for one that does not. */
static int64_t until_close(const struct world *w, int tc, int64_t t)
{
	if (w->open_ns[tc] == w->period)
		return SPAN * 1000;
	return w->open_ns[tc] - (t + w->offset) % w->period;
}

/* A new schedule, with which operIdleSlope changes: idleSlope * OperCycleTime / GateOpenTime, to the nearest bit/s. */
static void schedule(struct world *w)
{
	bool gated = pick(w, 2);
	int tc;

	w->period = 300 + pick(w, 900);
	w->offset = pick(w, w->period);
	for (tc = 0; tc < TSN_CLASSES; tc++) {
		struct class *c = &w->class[tc];

		w->open_ns[tc] = gated && pick(w, 3) ? 100 + pick(w, w->period - 100) : w->period;
		if (!c->shaped)
			continue;
		c->idle = (int64_t)((2 * (__int128)c->admin_bps * w->period + w->open_ns[tc]) / (2 * w->open_ns[tc]));
		c->send = c->idle - RATE;
		cbs_advance(&c->cbs, c->open_total, c->n > 0);
		cbs_scale(&c->cbs, w->period, w->open_ns[tc]);
	}
}

static void arrive(struct world *w, int tc)
{
	struct class *c = &w->class[tc];

	if (c->n == DEPTH)
		return;
	if (c->shaped)
		cbs_advance(&c->cbs, c->open_total, c->n > 0);
	c->len[c->n++] = 40 + (uint32_t)pick(w, 200);
}

/* May the class begin a frame? The reference: its credit is not negative. The engine: the wait that it told is over. */
static bool ready(struct world *w, int tc)
{
	struct class *c = &w->class[tc];
	bool want = !c->shaped || c->credit >= 0;

	if (c->shaped && c->n && !c->transmit)
		differ(w, "ready", tc, c->open_total >= c->cbs.open + cbs_wait_ns(&c->cbs), want);
	return want;
}

static void start(struct world *w, int tc)
{
	struct class *c = &w->class[tc];
	int64_t busy = wire_ns(&w->wire, c->len[0]);

	if (c->shaped) {
		cbs_advance(&c->cbs, c->open_total, true);
		cbs_spend(&c->cbs, c->len[0], busy);
	}
	c->transmit = true;
	w->t_free = w->t + busy;
	w->sent++;
	memmove(c->len, c->len + 1, (size_t)--c->n * sizeof(c->len[0]));
}

static void select_next(struct world *w)
{
	int tc, best = -1;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		struct class *c = &w->class[tc];

		if (ready(w, tc) && c->n && gate_open(w, tc, w->t) && until_close(w, tc, w->t) >= wire_ns(&w->wire, c->len[0]))
			best = tc;
	}
	if (best >= 0 && w->t_free <= w->t)
		start(w, best);
}

/* 8.6.8.2 for a class, over one ns. */
static void live(struct world *w, int tc)
{
	struct class *c = &w->class[tc];
	bool open = gate_open(w, tc, w->t);

	if (c->transmit)
		c->credit += c->send;
	else if (open && c->n)
		c->credit += c->idle;
	else if (open && c->credit < 0)
		c->credit = c->credit + c->idle < 0 ? c->credit + c->idle : 0;	/* zero is reached within the ns */
	c->open_total += open;
	if (w->t + 1 >= w->t_free)
		c->transmit = false;
	if (!c->transmit && !c->n && c->credit > 0)
		c->credit = 0;	/* before whatever comes at that instant */
}

static void look(struct world *w, int tc)
{
	struct class *c = &w->class[tc];

	cbs_advance(&c->cbs, c->open_total, c->n > 0);
	if (c->transmit)
		return;
	differ(w, "credit", tc, c->cbs.credit, (int64_t)c->credit);
	w->checks++;
}

static void run_case(uint64_t seed, int64_t *sent, int64_t *checks)
{
	struct world w = {.seed = seed, .random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1};
	int tc, load = 0;

	assert_int_equal(wire_init(&w.wire, RATE, NULL), 0);
	for (tc = 0; tc < 4; tc++)
		test_random(&w.random);
	for (tc = 0; tc < TSN_CLASSES; tc++) {
		struct class *c = &w.class[tc];

		c->shaped = pick(&w, 2);
		c->admin_bps = 1 + pick(&w, RATE / (pick(&w, 2) ? 2 : 20));
		if (c->shaped)
			cbs_init(&c->cbs, c->admin_bps, 0, 0);
	}
	schedule(&w);
	for (w.t = 0; w.t < SPAN; w.t++) {
		if (!pick(&w, 400))
			load = (int)pick(&w, 5);
		if (!pick(&w, 1000) && w.t_free <= w.t)	/* the gates see a change coming: no frame is cut by one */
			schedule(&w);
		if (load && !pick(&w, 400 >> load))
			arrive(&w, (int)pick(&w, TSN_CLASSES));
		if (!pick(&w, 16)) {
			tc = (int)pick(&w, TSN_CLASSES);
			if (w.class[tc].shaped)
				look(&w, tc);
		}
		select_next(&w);
		for (tc = 0; tc < TSN_CLASSES; tc++)
			if (w.class[tc].shaped)
				live(&w, tc);
			else
				w.class[tc].open_total += gate_open(&w, tc, w.t);
	}
	*sent += w.sent;
	*checks += w.checks;
}

static void test_random_histories(void **state)
{
	const char *one = getenv("TAKT_SEED");
	int64_t sent = 0, checks = 0;
	uint64_t seed;

	(void)state;
	if (one) {
		run_case(strtoull(one, NULL, 10), &sent, &checks);
		return;
	}
	for (seed = 1; seed <= CASES; seed++)
		run_case(seed, &sent, &checks);
	assert_true(sent > 4 * CASES && checks > 4 * CASES);
}

TEST_GROUP("tsn/cbs_random",
	cmocka_unit_test(test_random_histories),
)
