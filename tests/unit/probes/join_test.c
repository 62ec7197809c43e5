/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * join: small cases as vectors, and random worlds whose relation is known. In each world the truth must be within the bound at every instant
 * that is asked, in the windows, between and outside of them. A failure prints its seed, and TAKT_SEED=N runs that world alone.
 */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "probes/join.h"

#ifdef __SANITIZE_ADDRESS__
#define WORLDS 30
#else
#define WORLDS 120
#endif
#define STEPS 3

/* -- vectors ------------------------------------------------------------------------------------------------- */

static int three(const char *word, int64_t v[3], struct why *why)
{
	int n = sscanf(word + 1, "%" SCNd64 ",%" SCNd64 ",%" SCNd64, &v[0], &v[1], &v[2]);

	return n < (*word == '?' ? 3 : 2) ? why_fail(why, EINVAL, "\"%s\" is no constraint and no question", word) : 0;
}

/* The bound may be wider than what it has to cover by roundings only. */
static int ask(const struct join *j, const int64_t v[3], struct why *why)
{
	struct join_point p = join_map(j, v[0]);

	if (p.bound_ns == INT64_MAX || p.t - p.bound_ns > v[1] || p.t + p.bound_ns < v[2] || p.t - p.bound_ns < v[1] - 5 ||
	    p.t + p.bound_ns > v[2] + 5)
		return why_fail(why, EINVAL, "at %" PRId64 " got %" PRId64 " +- %" PRId64 ", want %" PRId64 " to %" PRId64, v[0], p.t,
				p.bound_ns, v[1], v[2]);
	return 0;
}

static int row(const struct test_row *r, struct why *why)
{
	struct join_conf conf = {.window_ns = 4000000, .wander_ppb = 1};
	struct join *j = join_create(&conf);
	int64_t v[3];
	int i, err = 0, fitted = 0;

	for (i = 0; i < r->n && !err; i++) {
		if (!strcmp(r->word[i], "nodata")) {
			err = join_fit(j) == -ENODATA ? 0 : why_fail(why, EINVAL, "something is known");
			fitted = 1;
			continue;
		}
		if (!strncmp(r->word[i], "breaks=", 7)) {
			err = (int64_t)join_stat(j)->breaks == atoll(r->word[i] + 7) ? 0 :
				why_fail(why, EINVAL, "got %" PRIu64 " breaks", join_stat(j)->breaks);
			continue;
		}
		err = three(r->word[i], v, why);
		if (err)
			break;
		if (*r->word[i] == '<')
			err = join_not_after(j, v[0], v[1]);
		else if (*r->word[i] == '>')
			err = join_not_before(j, v[0], v[1]);
		else {
			if (!fitted++ && join_fit(j))
				err = why_fail(why, EINVAL, "nothing is known");
			err = err ?: ask(j, v, why);
		}
	}
	join_destroy(j);
	return err;
}

static void test_vectors_of_join(void **state)
{
	(void)state;
	test_vectors("tests/vectors/join.vec", row);
}

/* -- random worlds ------------------------------------------------------------------------------------------- */

struct world {
	uint64_t seed, random;
	int64_t g0, h0, span;
	double rate, bend, period;	/* fractions; ns */
	bool ageing;			/* the rate goes one way, else to and fro */
	int64_t t_step[STEPS], step[STEPS];
	int steps;
	struct join_conf conf;
};

static uint64_t rnd(struct world *w)
{
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return w->random >> 11;
}

static double unit(struct world *w)
{
	return (double)rnd(w) / (double)(UINT64_C(1) << 53);
}

static int64_t pick(struct world *w, int64_t lo, int64_t hi)
{
	return lo + (int64_t)(unit(w) * (double)(hi - lo));
}

/* u: ns of the guest's clock since g0. */
static int64_t truth(const struct world *w, int64_t u)
{
	double bent = w->ageing ? w->bend * (double)u * (double)u / w->period : w->bend * w->period * (1 - cos((double)u / w->period));
	int64_t h = w->h0 + u + (int64_t)llrint(w->rate * (double)u + bent);
	int i;

	for (i = 0; i < w->steps; i++)
		h += u >= w->t_step[i] ? w->step[i] : 0;
	return h;
}

/* A delay of some us, with a tail as heavy as a preempted guest's. */
static int64_t delay(struct world *w, double scale)
{
	double ns = scale * pow(unit(w) + 1e-9, -0.8);

	return ns < 1e9 ? (int64_t)ns : 1000000000;
}

static void world_make(struct world *w, uint64_t seed, bool steps)
{
	int i;

	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->random = seed * 77 + 1;
	for (i = 0; i < 5; i++)
		rnd(w);
	w->g0 = pick(w, 0, INT64_MAX / 8);
	w->h0 = pick(w, INT64_C(1600000000000000000), INT64_C(1900000000000000000));
	w->span = pick(w, NS_PER_SEC, 30 * NS_PER_SEC);
	w->rate = (unit(w) - 0.5) * 1.9e-3;
	w->conf.window_ns = pick(w, 0, 2) ? 0 : pick(w, NS_PER_SEC / 2, 8 * NS_PER_SEC);
	w->conf.wander_ppb = pick(w, 1, 2000);
	w->conf.noise_ns = pick(w, 0, 2) ? pick(w, 0, 500) : 0;
	w->bend = 0.5e-9 * (double)w->conf.wander_ppb;
	w->ageing = pick(w, 0, 2);
	w->period = w->ageing ? (double)(w->conf.window_ns ?: 4 * NS_PER_SEC) : 1e9 * (0.02 + 3 * unit(w));
	w->steps = steps ? (int)pick(w, 1, STEPS + 1) : 0;
	for (i = 0; i < w->steps; i++) {
		w->t_step[i] = pick(w, w->span * i / STEPS, w->span * (i + 1) / STEPS);
		w->step[i] = (pick(w, 0, 2) ? 1 : -1) * pick(w, NS_PER_SEC, 100 * NS_PER_SEC);
	}
}

static int64_t noise(struct world *w)
{
	return w->conf.noise_ns ? pick(w, -w->conf.noise_ns, w->conf.noise_ns + 1) : 0;
}

/* scale: of the delays; rate: constraints of each side a second. */
static struct join *world_join(struct world *w, double scale, int64_t per_s)
{
	struct join *j = join_create(&w->conf);
	int64_t i, n = per_s * w->span / NS_PER_SEC + 2, u;

	for (i = 0; i < n; i++) {
		u = pick(w, 0, w->span);
		join_not_after(j, w->g0 + u, truth(w, u) + delay(w, scale) + noise(w));
		u = pick(w, 0, w->span);
		join_not_before(j, w->g0 + u, truth(w, u) - delay(w, scale) + noise(w));
	}
	return j;
}

static bool holds(const struct world *w, const struct join *j, int64_t u, int64_t *bound)
{
	struct join_point p = join_map(j, w->g0 + u);
	int64_t t = truth(w, u);

	*bound = p.bound_ns;
	if (p.bound_ns == INT64_MAX || (t >= p.t - p.bound_ns && t <= p.t + p.bound_ns))
		return true;
	print_message("seed %" PRIu64 ": at %" PRId64 " of %" PRId64 " the truth is off by %" PRId64 ", the bound is %" PRId64 "\n", w->seed, u,
		      w->span, t - p.t, p.bound_ns);
	return false;
}

static void worlds(bool steps)
{
	const char *one = getenv("TAKT_SEED");
	uint64_t seed, from = one ? strtoull(one, NULL, 0) : 1, to = one ? from + 1 : WORLDS;
	int64_t bound, known = 0, asked = 0, u;
	struct world w;
	struct join *j;
	int i;

	for (seed = from; seed < to; seed++) {
		world_make(&w, seed, steps);
		j = world_join(&w, pow(10, 1 + 3.5 * unit(&w)), pick(&w, 50, 1500));
		assert_int_equal(join_fit(j), 0);
		for (i = 0; i < 300; i++) {
			u = i < 200 ? pick(&w, 0, w.span) : steps ? w.t_step[i % w.steps] + pick(&w, -1000, 1000) :
								    pick(&w, -20 * NS_PER_SEC, w.span + 20 * NS_PER_SEC);
			assert_true(holds(&w, j, u, &bound));
			known += bound != INT64_MAX;
			asked++;
		}
		if (steps)
			assert_true(join_stat(j)->breaks == (uint64_t)w.steps);
		else
			assert_true(join_stat(j)->breaks == 0);
		join_destroy(j);
	}
	assert_true(known == asked);
}

static void test_truth_is_within_the_bound(void **state)
{
	(void)state;
	worlds(false);
}

static void test_steps_are_found_and_belong_to_neither_side(void **state)
{
	(void)state;
	worlds(true);
}

static void test_better_samples_make_it_narrower(void **state)
{
	int64_t bound[3];
	uint64_t seed;
	struct world w;
	struct join *j;
	int i;

	(void)state;
	for (seed = 1; seed < 40; seed++) {
		for (i = 0; i < 3; i++) {
			world_make(&w, seed, false);
			w.conf.noise_ns = 0;
			w.conf.wander_ppb = 1;
			w.bend = 0;
			j = world_join(&w, i ? 1e3 : 1e6, i == 2 ? 2000 : 200);
			assert_int_equal(join_fit(j), 0);
			bound[i] = join_map(j, w.g0 + w.span / 2).bound_ns;
			join_destroy(j);
		}
		assert_true(bound[1] < bound[0] / 50);
		assert_true(bound[2] <= bound[1]);
	}
}

/* Beyond the last constraint it grows, and never faster than by the highest rate. */
static void test_outside_the_bound_grows(void **state)
{
	struct join_conf conf = {.wander_ppb = 100};
	struct join *j = join_create(&conf);
	int64_t before = 0, d;
	struct join_point p;
	int i;

	(void)state;
	for (i = 0; i <= 1000; i++) {
		join_not_after(j, i * NS_PER_MS, i * NS_PER_MS + 5000);
		join_not_before(j, i * NS_PER_MS, i * NS_PER_MS - 5000);
	}
	assert_int_equal(join_fit(j), 0);
	for (d = 0; d < 3600 * NS_PER_SEC; d = d * 3 + NS_PER_MS) {
		p = join_map(j, NS_PER_SEC + d);
		assert_true(p.bound_ns > before);
		assert_true(p.bound_ns <= 5300 + d / 1000 + d / 400000);
		before = p.bound_ns;
	}
	join_destroy(j);
}

static void test_a_break_that_is_told(void **state)
{
	struct join *j = join_create(NULL);
	int64_t i, t;

	(void)state;
	/* 10 us are less than what the constraints leave open. */
	for (i = 0; i < 1000; i++) {
		t = i * NS_PER_MS + (i > 500 ? 10000 : 0);
		join_not_after(j, i * NS_PER_MS, t + 50000);
		join_not_before(j, i * NS_PER_MS, t - 50000);
	}
	assert_int_equal(join_break(j, 500 * NS_PER_MS + 1, 501 * NS_PER_MS - 1), 0);
	assert_int_equal(join_fit(j), 0);
	assert_int_equal(join_stat(j)->breaks, 1);
	for (i = 0; i < 1000; i++) {
		struct join_point p = join_map(j, i * NS_PER_MS);

		assert_true(llabs(p.t - (i * NS_PER_MS + (i > 500 ? 10000 : 0))) <= p.bound_ns);
	}
	join_destroy(j);
}

/* Whatever comes: no overflow (the sanitizers would say so), no hang, memory bounded. */
static void test_any_numbers(void **state)
{
	static const int64_t edge[] = {INT64_MIN, INT64_MIN + 1, -JOIN_T_MAX, -1, 0, 1, JOIN_T_MAX, INT64_MAX - 1, INT64_MAX};
	struct world w = {.random = 7};
	struct join *j = join_create(NULL);
	size_t a, b;
	int i;

	(void)state;
	for (a = 0; a < 9; a++)
		for (b = 0; b < 9; b++) {
			join_not_after(j, edge[a], edge[b]);
			join_not_before(j, edge[b], edge[a]);
			join_break(j, edge[a], edge[b]);
		}
	join_fit(j);
	for (a = 0; a < 9; a++)
		join_map(j, edge[a]);
	join_destroy(j);
	j = join_create(NULL);
	for (i = 0; i < 200000; i++) {
		join_not_after(j, (int64_t)rnd(&w) * 600, (int64_t)rnd(&w) * 600);
		join_not_before(j, (int64_t)(rnd(&w) * 600), (int64_t)(rnd(&w) % 1000000));
	}
	join_fit(j);
	assert_true(join_stat(j)->kept <= JOIN_PARTS * 4 * JOIN_PART);
	join_map(j, 5);
	join_forget(j, INT64_MAX / 2);
	join_fit(j);
	join_destroy(j);
}

TEST_GROUP("probes/join",
	cmocka_unit_test(test_vectors_of_join),
	cmocka_unit_test(test_truth_is_within_the_bound),
	cmocka_unit_test(test_steps_are_found_and_belong_to_neither_side),
	cmocka_unit_test(test_better_samples_make_it_narrower),
	cmocka_unit_test(test_outside_the_bound_grows),
	cmocka_unit_test(test_a_break_that_is_told),
	cmocka_unit_test(test_any_numbers),
)
