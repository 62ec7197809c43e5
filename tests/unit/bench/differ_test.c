/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/chance.h"
#include "bench/differ.h"
#include "bench/quant.h"

#define SAMPLES 400	/* of a repetition */
#define ITEMS	8
#define CELLS	6
#define REPS	10

/* Two campaigns, simulated: samples of a repetition depend on each other and have a long tail, and each repetition lies somewhere else, itself with a long tail. */
struct world {
	struct chance_draw d;
	size_t cells, reps;
	double spread_ns;		/* of repetitions, in cells without load; ten times as much under load */
	double delay_ns;		/* in B, in the first hop */
	double least_ns;
	double a[ITEMS][CELLS][REPS], b[ITEMS][CELLS][REPS];
	struct differ_cell cell[ITEMS][CELLS];
	struct differ_item item[ITEMS];
};

static double normal(struct chance_draw *d)
{
	return sqrt(-2 * log(chance_draw_unit(d))) * cos(2 * M_PI * chance_draw_unit(d));
}

/* One repetition of one hop: its p50 and p99. */
static void repetition(struct world *w, double base, double spread, double *p50, double *p99)
{
	double shift = spread * normal(&w->d) / sqrt(chance_draw_unit(&w->d) + 0.05), drift = 0;
	int64_t v[SAMPLES];
	struct quant q;
	size_t i;

	for (i = 0; i < SAMPLES; i++) {
		drift = 0.9 * drift + 0.436 * normal(&w->d);	/* one sample to the next: 0.9; sd 1 */
		v[i] = (int64_t)(base + shift + base * 0.1 * exp(drift));
	}
	quant_sort(v, SAMPLES);
	assert_int_equal(quant_find(&q, v, SAMPLES, 0.5, 0.95, NULL), 0);
	*p50 = (double)q.ns;
	assert_int_equal(quant_find(&q, v, SAMPLES, 0.99, 0.95, NULL), 0);
	*p99 = (double)q.ns;
}

static void make(struct world *w)
{
	size_t i, c, r;

	for (i = 0; i < ITEMS; i += 2)
		for (c = 0; c < w->cells; c++) {
			double base = 2000 + 3000 * (double)i, spread = w->spread_ns * (c % 2 ? 10 : 1);

			for (r = 0; r < w->reps; r++) {
				repetition(w, base, spread, &w->a[i][c][r], &w->a[i + 1][c][r]);
				repetition(w, base + (i ? 0 : w->delay_ns), spread, &w->b[i][c][r], &w->b[i + 1][c][r]);
			}
		}
	for (i = 0; i < ITEMS; i++) {
		for (c = 0; c < w->cells; c++)
			w->cell[i][c] = (struct differ_cell){.name = "cell", .noise = c % 2 ? "flood" : "none", .a = w->a[i][c], .b = w->b[i][c],
							     .n_a = w->reps, .n_b = w->reps, .least = w->least_ns};
		w->item[i] = (struct differ_item){.cell = w->cell[i], .n_cells = w->cells};
	}
}

/* How often of `trials` is anything said to differ, which nothing does? And how often is the first hop's p50 above, with a delay; and anything but the first hop? */
static void simulate(struct world *w, int trials, enum differ_how how, int *alarms, int *seen, int *wrong)
{
	int t;

	*alarms = *seen = *wrong = 0;
	for (t = 0; t < trials; t++) {
		bool any = false, other = false;
		size_t i;

		make(w);
		assert_int_equal(differ_judge(w->item, ITEMS, 0.95), 0);
		for (i = 0; i < ITEMS; i++) {
			if (w->item[i].how != DIFFER_ALIKE)
				assert_int_equal(w->item[i].how, how);
			any |= w->item[i].sign != 0;
			other |= w->item[i].sign != 0 && i > 1;
		}
		*alarms += any;
		*wrong += other;
		*seen += w->item[0].sign == 1;
	}
}

/* TAKT_TEST_TRIALS=2000 for figures that are worth quoting; they are printed then. */
static int trials_of(int usual)
{
	const char *s = getenv("TAKT_TEST_TRIALS");

	return s && atoi(s) > 0 ? atoi(s) : usual;
}

static void at_most(const char *what, int n, int trials, double share)
{
	if (n > trials * share + 3 * sqrt(trials * share * (1 - share)))
		fail_msg("%s: %d of %d, more than %g", what, n, trials, share);
}

static void at_least(const char *what, int n, int trials, double share)
{
	if (n < trials * share - 3 * sqrt(trials * share * (1 - share)))
		fail_msg("%s: %d of %d, fewer than %g", what, n, trials, share);
}

/* Nothing differs, and no `least` helps: no more alarms than one campaign in twenty. */
static void test_false_alarms(void **state)
{
	static const struct { size_t cells, reps; double least_ns; enum differ_how how; } rows[] = {
		{4, 3, 0, DIFFER_RANK}, {6, 3, 0, DIFFER_RANK}, {1, 8, 0, DIFFER_RANK}, {4, 2, 0, DIFFER_T}, {2, 3, 0, DIFFER_T}, {4, 3, 1000, DIFFER_RANK}, {4, 2, 1000, DIFFER_T},
	};
	struct world *w = calloc(1, sizeof(*w));
	int alarms, seen, wrong, trials = trials_of(100);
	size_t i;

	(void)state;
	assert_non_null(w);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		*w = (struct world){.d = {i + 1}, .cells = rows[i].cells, .reps = rows[i].reps, .spread_ns = 300, .least_ns = rows[i].least_ns};
		simulate(w, trials, rows[i].how, &alarms, &seen, &wrong);
		if (getenv("TAKT_TEST_TRIALS"))
			print_message("cells %zu reps %zu least %g: %d alarms of %d\n", rows[i].cells, rows[i].reps, rows[i].least_ns, alarms, trials);
		at_most("false alarms", alarms, trials, 0.05);
	}
	free(w);
}

/* 5 us more in one hop: it is found, and no other hop is. */
static void test_power(void **state)
{
	static const struct { size_t cells, reps; double share; enum differ_how how; } rows[] = {
		{4, 3, 0.9, DIFFER_RANK}, {4, 5, 0.95, DIFFER_RANK}, {4, 2, 0.7, DIFFER_T}, {1, 8, 0.95, DIFFER_RANK},
	};
	struct world *w = calloc(1, sizeof(*w));
	int alarms, seen, wrong, trials = trials_of(60);
	size_t i;

	(void)state;
	assert_non_null(w);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		*w = (struct world){.d = {i + 77}, .cells = rows[i].cells, .reps = rows[i].reps, .spread_ns = 150, .least_ns = 1000, .delay_ns = 5000};
		simulate(w, trials, rows[i].how, &alarms, &seen, &wrong);
		if (getenv("TAKT_TEST_TRIALS"))
			print_message("cells %zu reps %zu: seen %d of %d, wrong %d\n", rows[i].cells, rows[i].reps, seen, trials, wrong);
		at_least("seen", seen, trials, rows[i].share);
		at_most("another hop", wrong, trials, 0.05);
	}
	free(w);
}

static struct differ_item one(struct differ_cell *cell, const double *a, size_t n_a, const double *b, size_t n_b, double least)
{
	*cell = (struct differ_cell){.name = "c", .noise = "none", .a = a, .b = b, .n_a = n_a, .n_b = n_b, .least = least};
	return (struct differ_item){.cell = cell, .n_cells = 1};
}

static void test_small(void **state)
{
	static const double a[] = {100, 101, 102}, same[] = {101, 100, 102}, far[] = {9000, 9001, 9002}, bit[] = {130, 131, 132}, zero[8] = {0};
	struct differ_cell cell[4];
	struct differ_item item[4];

	(void)state;
	item[0] = one(&cell[0], a, 1, far, 1, 50);
	assert_int_equal(differ_judge(item, 1, 0.95), 0);	/* one repetition tells nothing, however far */
	assert_true(item[0].how == DIFFER_UNTOLD && item[0].sign == 0 && item[0].p == 1 && isinf(item[0].would_see) && isinf(cell[0].upper));

	item[0] = one(&cell[0], a, 3, same, 3, 50);
	item[1] = one(&cell[1], a, 3, far, 3, 50);
	item[2] = one(&cell[2], far, 3, a, 3, 50);
	item[3] = one(&cell[3], a, 3, bit, 3, 50);	/* 30 apart for sure: less than counts */
	assert_int_equal(differ_judge(item, 4, 0.95), 0);
	assert_true(item[0].how == DIFFER_ALIKE && item[0].sign == 0 && item[3].sign == 0);
	assert_true(item[1].how == DIFFER_T && item[1].sign == 1 && item[1].p < 1e-6);
	assert_true(item[2].sign == -1 && item[2].p < 1e-6);
	assert_true(cell[1].was == 101 && cell[1].is == 9001 && cell[1].by == 8900 && cell[1].lower > 8890 && cell[1].upper < 8910);
	assert_true(item[0].would_see > 50 && item[0].would_see < 60);
	item[0] = one(&cell[0], zero, 8, zero, 8, 0);	/* anything at all would be a difference */
	assert_int_equal(differ_judge(item, 1, 0.95), 0);
	assert_true(item[0].how == DIFFER_ALIKE && item[0].sign == 0 && item[0].would_see <= 1);
	assert_int_equal(differ_judge(NULL, 0, 0.95), 0);
}

/* What would have been seen, is: add a little more than that to B, and it is found; a little less, and it is not. */
static void test_would_see(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int more;

	(void)state;
	assert_non_null(w);
	for (more = 0; more < 2; more++) {
		double by;
		size_t c, r;

		*w = (struct world){.d = {5}, .cells = 4, .reps = 3, .spread_ns = 300, .least_ns = 1000};
		make(w);
		assert_int_equal(differ_judge(w->item, ITEMS, 0.95), 0);
		assert_int_equal(w->item[0].sign, 0);
		by = w->item[0].would_see * (more ? 1.05 : 0.9);
		for (c = 0; c < 4; c++)
			by -= w->cell[0][c].by / 4;
		for (c = 0; c < 4; c++)
			for (r = 0; r < 3; r++)
				w->b[0][c][r] += by;
		assert_int_equal(differ_judge(w->item, ITEMS, 0.95), 0);
		assert_int_equal(w->item[0].sign, more);
	}
	free(w);
}

/* Worked out by hand: t, its bounds, both directions, Holm's factor and its order. */
static void test_numbers(void **state)
{
	static const double a[] = {1000, 1010, 1020}, b[] = {1100, 1110, 1120}, c[] = {1030, 1040, 1050}, few[] = {1100, 1120}, low[] = {900, 910, 920};
	struct differ_cell cell[3];
	struct differ_item item[3];
	double one_p, other_p;

	(void)state;
	item[0] = one(&cell[0], a, 3, b, 3, 0);		/* 100 apart; the variance is 100 and a twelfth, of 4 degrees */
	assert_int_equal(differ_judge(item, 1, 0.95), 0);
	one_p = 2 * chance_t_above(100 / sqrt((100 + 1 / 12.) * 2 / 3), 4);
	assert_true(item[0].how == DIFFER_T && item[0].sign == 1 && fabs(item[0].p / one_p - 1) < 1e-9);
	assert_true(fabs(cell[0].upper - 100 - 2.7764451 * sqrt((100 + 1 / 12.) * 2 / 3)) < 1e-4 && fabs(cell[0].lower + cell[0].upper - 200) < 1e-9);
	item[0] = one(&cell[0], a, 3, few, 2, 0);	/* not as many of B */
	assert_int_equal(differ_judge(item, 1, 0.95), 0);
	assert_true(fabs(item[0].p / (2 * chance_t_above(100 / sqrt((400 / 3. + 1 / 12.) * 5 / 6), 3)) - 1) < 1e-9);
	item[0] = one(&cell[0], a, 3, b, 3, 30);	/* what does not count is taken off, above as below */
	item[1] = one(&cell[1], a, 3, low, 3, 30);
	assert_int_equal(differ_judge(item, 1, 0.95), 0);
	other_p = 2 * chance_t_above(70 / sqrt((100 + 1 / 12.) * 2 / 3), 4);
	assert_true(fabs(item[0].p / other_p - 1) < 1e-9);
	assert_int_equal(differ_judge(item + 1, 1, 0.95), 0);
	assert_true(item[1].sign == -1 && fabs(item[1].p / other_p - 1) < 1e-9);
	item[0] = one(&cell[0], a, 3, c, 3, 0);
	item[1] = one(&cell[1], a, 3, b, 3, 0);
	item[2] = one(&cell[2], a, 3, a, 3, 20);	/* cannot differ: does not count */
	assert_int_equal(differ_judge(item, 3, 0.95), 0);
	other_p = 2 * chance_t_above(30 / sqrt((100 + 1 / 12.) * 2 / 3), 4);
	assert_true(item[2].how == DIFFER_ALIKE && fabs(item[1].p / (2 * one_p) - 1) < 1e-9 && fabs(item[0].p / other_p - 1) < 1e-9);
	item[2] = one(&cell[2], a, 3, c, 3, 0);		/* of two that are as likely neither is the likelier for coming last */
	assert_int_equal(differ_judge(item, 3, 0.95), 0);
	assert_true(fabs(item[0].p / (2 * other_p) - 1) < 1e-9 && item[0].p == item[2].p && fabs(item[1].p / (3 * one_p) - 1) < 1e-9);
	item[0] = one(&cell[0], a, 3, a, 3, 19.9);
	assert_int_equal(differ_judge(item, 1, 0.95), 0);
	assert_int_equal(item[0].how, DIFFER_T);	/* 20 apart is more than that */
}

/* Cells of another noise have a variance of their own; Fisher's method over both: of two probabilities it is their product, times 1 less its logarithm. */
static void test_fisher(void **state)
{
	static const double a[] = {1000, 1010, 1020}, c[] = {1030, 1040, 1050}, loud_a[] = {1000, 1100, 1200}, loud_b[] = {1200, 1300, 1400};
	struct differ_cell cell[2];
	struct differ_item item = {.cell = cell, .n_cells = 2};
	double quiet = chance_t_above(30 / sqrt((100 + 1 / 12.) * 2 / 3), 4), loud = chance_t_above(200 / sqrt((10000 + 1 / 12.) * 2 / 3), 4);

	(void)state;
	one(&cell[0], a, 3, c, 3, 0);
	one(&cell[1], loud_a, 3, loud_b, 3, 0);
	cell[1].noise = "flood";
	assert_int_equal(differ_judge(&item, 1, 0.99), 0);	/* so sure that ranks have no room */
	assert_true(item.how == DIFFER_T && item.sign == 1 && fabs(item.p / (2 * quiet * loud * (1 - log(quiet * loud))) - 1) < 1e-9);
	cell[1].noise = "none";		/* one variance for both, and the mean of both */
	assert_int_equal(differ_judge(&item, 1, 0.99), 0);
	assert_true(fabs(item.p / (2 * chance_t_above(230 / sqrt((5050 + 1 / 12.) * 4 / 3), 8)) - 1) < 1e-9);
}

/* By ranks only with room to spare: the smallest probability is ten times smaller than needed. In both directions, with what does not count taken off in each. */
static void test_ranks_have_room(void **state)
{
	static const double a[] = {1, 2, 3, 4, 5, 6, 7}, up[] = {21, 22, 23, 24, 25, 26, 27}, down[] = {-19, -18, -17, -16, -15, -14, -13};
	struct differ_cell cell;
	struct differ_item item;
	size_t n;

	(void)state;
	for (n = 2; n <= 7; n++) {
		item = one(&cell, a, n, up, n, 10);
		assert_int_equal(differ_judge(&item, 1, 0.95), 0);
		assert_int_equal(item.how, n < 6 ? DIFFER_T : DIFFER_RANK);	/* of 252 ways one is not rare enough, of 924 it is */
		assert_int_equal(item.sign, 1);
	}
	assert_true(fabs(item.p - 2. / 3432) < 1e-12);
	item = one(&cell, a, 7, down, 7, 10);
	assert_int_equal(differ_judge(&item, 1, 0.95), 0);
	assert_true(item.how == DIFFER_RANK && item.sign == -1 && fabs(item.p - 2. / 3432) < 1e-12);
	item = one(&cell, a, 7, down, 7, 20);
	assert_int_equal(differ_judge(&item, 1, 0.95), 0);
	assert_true(item.how == DIFFER_RANK && item.sign == 0);
}

static void test_needs(void **state)
{
	(void)state;
	assert_int_equal(differ_needs(4, 8, 0.95), 3);
	assert_int_equal(differ_needs(1, 8, 0.95), 7);
	assert_true(differ_needs(0, 0, 0.95) > 1);
}

TEST_GROUP("bench/differ",
	cmocka_unit_test(test_small),
	cmocka_unit_test(test_would_see),
	cmocka_unit_test(test_numbers),
	cmocka_unit_test(test_fisher),
	cmocka_unit_test(test_ranks_have_room),
	cmocka_unit_test(test_needs),
	cmocka_unit_test(test_false_alarms),
	cmocka_unit_test(test_power),
)
