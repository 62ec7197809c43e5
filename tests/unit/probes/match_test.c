/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "probes/match.h"

#define FRAMES 400

struct world {
	uint64_t random;
	struct match_item cause[FRAMES], effect[FRAMES];
	size_t n_causes, n_effects;
};

static uint64_t rnd(struct world *w, uint64_t n)
{
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (w->random >> 33) % n;
}

/* Frames in a queue that keeps order; ids are the frames' numbers, so a right match has equal ids. */
static void make(struct world *w, uint64_t seed, uint64_t keys, unsigned int lost_pct, int64_t pause)
{
	int64_t t = 1000, busy = 0;
	uint32_t i;

	memset(w, 0, sizeof(*w));
	w->random = seed;
	for (i = 0; i < FRAMES; i++) {
		struct match_item c = {.key = keys ? 1 + rnd(w, keys) : 1000 + i, .id = i}, e = c;

		t += (int64_t)rnd(w, 2000) + (i % 8 ? 0 : pause);
		busy = (busy > t ? busy : t) + (int64_t)rnd(w, 1500);
		c.t = t;
		e.t = busy;
		if (rnd(w, 100) >= lost_pct)
			w->cause[w->n_causes++] = c;
		if (rnd(w, 100) >= lost_pct)
			w->effect[w->n_effects++] = e;
	}
}

static void check(const struct world *w, size_t *right, size_t *wrong, size_t *wrong_told)
{
	size_t i;

	*right = *wrong = *wrong_told = 0;
	for (i = 0; i < w->n_effects; i++) {
		const struct match_item *e = &w->effect[i];

		if (e->with == e->id)
			++*right;
		else if (e->with != MATCH_NONE)
			++*(e->ambiguous ? wrong_told : wrong);
	}
}

/* Numbers match whatever is lost, and only with what is there. */
static void test_numbers(void **state)
{
	size_t right, wrong, told, i, both;
	bool there[FRAMES];
	struct world w;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed < 50; seed++) {
		make(&w, seed, 0, 20, 0);
		match(w.cause, w.n_causes, w.effect, w.n_effects);
		check(&w, &right, &wrong, &told);
		memset(there, 0, sizeof(there));
		for (both = i = 0; i < w.n_causes; i++)
			there[w.cause[i].id] = true;
		for (i = 0; i < w.n_effects; i++)
			both += there[w.effect[i].id];
		assert_int_equal(right, both);
		assert_int_equal(wrong + told, 0);
	}
}

/* Equal frames without a loss: all right, in order; more than one in the queue is told. */
static void test_equal_frames_in_order(void **state)
{
	size_t right, wrong, told, i, ambiguous = 0;
	struct world w;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed < 50; seed++) {
		make(&w, seed, 1 + seed % 5, 0, 20000);
		match(w.cause, w.n_causes, w.effect, w.n_effects);
		check(&w, &right, &wrong, &told);
		assert_int_equal(right, FRAMES);
		for (i = 0; i < w.n_effects; i++)
			ambiguous += w.effect[i].ambiguous;
	}
	assert_true(ambiguous > 0);
}

/* With losses there are wrong ones: none that was not told but where its own cause is lost, and these are few. */
static void test_losses_among_equal_frames(void **state)
{
	size_t right, wrong, told, all_right = 0, all_wrong = 0;
	struct world w;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed < 50; seed++) {
		make(&w, seed, 3, 2, 20000);
		match(w.cause, w.n_causes, w.effect, w.n_effects);
		check(&w, &right, &wrong, &told);
		all_right += right;
		all_wrong += wrong;
	}

	assert_true(all_right > 49 * FRAMES * 60 / 100);
	assert_true(all_wrong < all_right / 50);
}

static void test_a_cause_is_not_later_and_not_too_old(void **state)
{
	struct match_item c[] = {{.key = 5, .t = 100, .id = 1}, {.key = 6, .t = 100, .id = 2}, {.key = 0, .t = 1, .id = 3}};
	struct match_item e[] = {{.key = 5, .t = 99, .id = 1}, {.key = 6, .t = 101 + MATCH_AGE_NS, .id = 2}, {.key = 0, .t = 2, .id = 3}};
	size_t i;

	(void)state;
	match(c, 3, e, 3);
	for (i = 0; i < 3; i++) {
		assert_true(e[i].with == MATCH_NONE);
		assert_true(c[i].with == MATCH_NONE);
	}
}

TEST_GROUP("probes/match",
	cmocka_unit_test(test_numbers),
	cmocka_unit_test(test_equal_frames_in_order),
	cmocka_unit_test(test_losses_among_equal_frames),
	cmocka_unit_test(test_a_cause_is_not_later_and_not_too_old),
)
