/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A report's figures: numbers as words, which groups have room, how set-ups look, in which order they stand.
 */
#include "tests/unit/test.h"

#include <string.h>

#include "bench/report_draw.h"
#include "bench/report_num.h"

static void test_numbers(void **state)
{
	struct quant q = { .needs = 36888 };
	char a[REPORT_NUM_LEN];

	(void)state;
	assert_string_equal(report_count(a, 0), "0");
	assert_string_equal(report_count(a, 999), "999");
	assert_string_equal(report_count(a, 1000), "1,000");
	assert_string_equal(report_count(a, UINT64_MAX), "18,446,744,073,709,551,615");
	assert_string_equal(report_bounds(a, 40900, 41600), "40.9 to 41.6 us");
	assert_string_equal(report_bounds(a, 900, 1100), "900 ns to 1.10 us");
	assert_string_equal(report_share(a, 0, 5), "none");
	assert_string_equal(report_share(a, 5, 5), "all");
	assert_string_equal(report_share(a, 1, 4000), "0.025 %");
	assert_string_equal(report_share(a, 1, 100000000), "< 0.0001 %");
	assert_string_equal(report_share(a, 999999, 1000000), "> 99.9 %");
	assert_string_equal(report_beneath(a, &q, true), "takes 36,888 frames");
	q = (struct quant){ .known = true, .ns = 5, .lower_ns = 4, .upper_ns = 6 };
	assert_string_equal(report_beneath(a, &q, false), "4 to 6 ns");
	assert_string_equal(report_beneath(a, &q, true), "~4 to 6 ns");
	assert_true(report_bounded(&q));
	q = (struct quant){ .known = true, .ns = 50000, .lower_ns = 0, .upper_ns = 4849846000000000 };
	assert_string_equal(report_beneath(a, &q, false), "runs differ: no bound");
	assert_false(report_bounded(&q));
	assert_string_equal(report_frames(a, 1), "1 frame");
	assert_string_equal(report_frames(a, 1000), "1,000 frames");
}

/* -- groups -------------------------------------------------------------------------------------------------------- */

#define GROUPS 10

static void groups_make(struct report *rep, struct report_group *g, size_t n)
{
	size_t i;

	memset(rep, 0, sizeof(*rep));
	memset(g, 0, n * sizeof(*g));
	rep->group = g;
	rep->n_groups = n;
	rep->rank = QUANT_P99;
	for (i = 0; i < n; i++) {
		g[i].n = 100;
		g[i].q[QUANT_P99].known = true;
		g[i].q[QUANT_P99].ns = (int64_t)(i * 7 % n) * 100;	/* in no order */
		g[i].told = g[i].q[QUANT_P99];
	}
}

static bool is_odd(const struct report_group *g)
{
	return g->q[QUANT_P99].ns / 100 % 2;
}

static void test_select(void **state)
{
	struct report_group g[GROUPS];
	char note[REPORT_NOTE_LEN] = "";
	size_t chosen[GROUPS], i;
	struct report rep;

	(void)state;
	groups_make(&rep, g, GROUPS);
	assert_int_equal(report_select(&rep, NULL, GROUPS, chosen, note), GROUPS);
	assert_string_equal(note, "");
	for (i = 0; i < GROUPS; i++)
		assert_int_equal(chosen[i], i);
	/* Values 0 7 4 1 8 5 2 9 6 3: the two fastest are 0 and 3, the two slowest 4 and 7. */
	assert_int_equal(report_select(&rep, NULL, 4, chosen, note), 4);
	assert_true(chosen[0] == 0 && chosen[1] == 3 && chosen[2] == 4 && chosen[3] == 7);
	assert_string_equal(note, "There are 10 cells; drawn are the 2 fastest and the 2 slowest, by what ranks in the table.");
	g[0].lost_of.share = .5;
	g[0].lossy = true;	/* slower than any that arrived */
	assert_int_equal(report_select(&rep, NULL, 4, chosen, note), 4);
	assert_true(chosen[0] == 0 && chosen[1] == 3 && chosen[2] == 6 && chosen[3] == 7);
	g[3].careless = true;	/* behind those too */
	g[3].lost_of.share = .01;
	assert_int_equal(report_select(&rep, NULL, 2, chosen, note), 2);
	assert_true(chosen[0] == 3 && chosen[1] == 6);
	g[3].careless = false;
	g[6].floor = g[7].floor = true;	/* neither fastest nor slowest, and the first to go */
	assert_int_equal(report_select(&rep, NULL, 8, chosen, note), 8);
	assert_string_equal(note, "There are 10 cells; drawn are those that are not of the floor.");
	assert_true(chosen[5] == 5 && chosen[6] == 8);
	assert_int_equal(report_select(&rep, NULL, 2, chosen, note), 2);
	assert_true(chosen[0] == 0 && chosen[1] == 3);
	assert_string_equal(note, "There are 10 cells; drawn are the 1 fastest and the 1 slowest, the floor left out, by what ranks in the table.");
	g[6].floor = g[7].floor = false;
	g[0].n = 0;
	note[0] = '\0';
	assert_int_equal(report_select(&rep, is_odd, GROUPS, chosen, note), 5);
	assert_string_equal(note, "");
	assert_int_equal(report_select(&rep, NULL, 1, chosen, note), 1);
	assert_int_equal(chosen[0], 3);
}

/* A set-up has one colour whatever else is drawn; of too many, those of one backend share it and differ in their dashes. */
static void test_looks(void **state)
{
	char *few[] = { "a, x", "nobody", "a, y", "b, x" };
	char *many[] = { "a, x", "a, y", "b, x", "b, y", "c", "d", "e", "f", "g, x", "g, y", "h", "i", "i, z" };
	struct report_group g[13];
	struct report rep;
	size_t i, k;

	(void)state;
	groups_make(&rep, g, 4);
	rep.setup = few;
	rep.n_setups = 4;
	for (i = 0; i < 4; i++)
		g[i].setup = i;
	g[1].n = 0;
	for (i = 0; i < 4; i++)
		for (k = 0; k < i; k++)
			assert_true(i == 1 || k == 1 || strcmp(report_look(&rep, i).colour, report_look(&rep, k).colour));
	assert_true(report_look(&rep, 0).dash == 1 && report_look(&rep, 3).dash == 1);

	groups_make(&rep, g, 13);
	rep.setup = many;
	rep.n_setups = 13;
	for (i = 0; i < 13; i++)
		g[i].setup = i;
	assert_string_equal(report_look(&rep, 0).colour, report_look(&rep, 1).colour);
	assert_string_equal(report_look(&rep, 8).colour, report_look(&rep, 9).colour);
	for (i = 0; i < 13; i++)	/* no two alike */
		for (k = 0; k < i; k++)
			assert_true(report_look(&rep, i).dash != report_look(&rep, k).dash || strcmp(report_look(&rep, i).colour, report_look(&rep, k).colour));
}

/* Neighbours are of one condition, in the order they had. */
static void test_by_cond(void **state)
{
	size_t chosen[] = { 0, 1, 2, 3, 5 };
	struct report_group g[6];
	struct report rep;

	(void)state;
	groups_make(&rep, g, 6);
	g[0].cond = g[2].cond = 2;
	g[1].cond = g[5].cond = 1;
	report_by_cond(&rep, chosen, 5);
	assert_true(chosen[0] == 3 && chosen[1] == 1 && chosen[2] == 5 && chosen[3] == 0 && chosen[4] == 2);
}

TEST_GROUP("bench/report_select",
	cmocka_unit_test(test_numbers),
	cmocka_unit_test(test_select),
	cmocka_unit_test(test_looks),
	cmocka_unit_test(test_by_cond),
)
