/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/differ.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/chance.h"
#include "bench/ranks.h"

#define ROOM	   10		/* how much smaller than needed the rank test's smallest probability must be */
#define RESOLUTION (1. / 12)	/* variance of a value that is a whole number */

const char *differ_how_name(enum differ_how how)
{
	static const char *const names[] = {[DIFFER_ALIKE] = "alike", [DIFFER_RANK] = "rank", [DIFFER_T] = "t", [DIFFER_UNTOLD] = "untold"};

	return names[how];
}

static double mean(const double *v, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

static double squares(const double *v, size_t n)
{
	double m = mean(v, n), sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (v[i] - m) * (v[i] - m);
	return sum;
}

/* The variance between repetitions that cells of the same noise share, and its degrees of freedom: 0 if there are none. */
static double variance(const struct differ_item *item, const char *noise, double *df)
{
	double sum = 0;
	size_t i;

	*df = 0;
	for (i = 0; i < item->n_cells; i++) {
		const struct differ_cell *c = &item->cell[i];

		if (strcmp(c->noise, noise))
			continue;
		sum += squares(c->a, c->n_a) + squares(c->b, c->n_b);
		*df += (double)(c->n_a + c->n_b) - 2;
	}
	return *df > 0 ? sum / *df + RESOLUTION : 0;
}

static double cell_variance(const struct differ_cell *c, double of_one)
{
	return of_one * (1 / (double)c->n_a + 1 / (double)c->n_b);
}

/* Are all values of all cells within `least` of each other? Then no way of dealing them out makes a difference. */
static bool is_alike(const struct differ_item *item)
{
	size_t i, j;

	for (i = 0; i < item->n_cells; i++) {
		const struct differ_cell *c = &item->cell[i];
		double min = INFINITY, max = -INFINITY;

		for (j = 0; j < c->n_a + c->n_b; j++) {
			double v = j < c->n_a ? c->a[j] : c->b[j - c->n_a];

			min = fmin(min, v);
			max = fmax(max, v);
		}
		if (max - min > c->least)
			return false;
	}
	return true;
}

/* B above A by more than `least` (sign 1), or below (-1), after `more` was added to all of B. */
static double by_rank(const struct differ_item *item, int sign, double more)
{
	struct ranks ranks;
	double p;
	size_t i;

	ranks_init(&ranks);
	for (i = 0; i < item->n_cells; i++) {
		const struct differ_cell *c = &item->cell[i];

		if (ranks_add(&ranks, c->a, c->n_a, c->b, c->n_b, sign, more - sign * c->least)) {
			ranks_fini(&ranks);
			return NAN;
		}
	}
	p = ranks_above(&ranks);
	ranks_fini(&ranks);
	return p;
}

/* Of the cells with the noise of cell `at`, by Student's t; NAN: one before it has the same, or nothing tells. */
static double by_t_of(const struct differ_item *item, size_t at, int sign, double more)
{
	const char *noise = item->cell[at].noise;
	double by = 0, var = 0, df, of_one = variance(item, noise, &df);
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(item->cell[i].noise, noise))
			return NAN;
	if (!(df > 0))
		return NAN;
	for (i = at; i < item->n_cells; i++) {
		const struct differ_cell *c = &item->cell[i];

		if (strcmp(c->noise, noise))
			continue;
		by += sign * (mean(c->b, c->n_b) + more - mean(c->a, c->n_a)) - c->least;
		var += cell_variance(c, of_one);
	}
	return chance_t_above(by / sqrt(var), df);
}

/* Fisher's method: the sum of logarithms of k probabilities is chi-squared with 2 k degrees, whose tail is a sum. */
static double by_t(const struct differ_item *item, int sign, double more)
{
	double x = 0, term = 1, sum = 0;
	size_t i, k = 0;

	for (i = 0; i < item->n_cells; i++) {
		double p = by_t_of(item, i, sign, more);

		if (isnan(p))
			continue;
		x -= log(fmax(p, 1e-300));
		k++;
	}
	for (i = 0; i < k; i++) {
		sum += term;
		term *= x / (double)(i + 1);
	}
	return k ? fmin(1, exp(-x) * sum) : 1;
}

static double ask(const struct differ_item *item, int sign, double more)
{
	return item->how == DIFFER_RANK ? by_rank(item, sign, more) : by_t(item, sign, more);
}

/* The smallest probability that ranks can reach: one way of dealing out, of all. */
static double reach(const struct differ_item *item)
{
	double p = 1;
	size_t i;

	for (i = 0; i < item->n_cells; i++)
		p /= ranks_ways(item->cell[i].n_a, item->cell[i].n_b);
	return p;
}

static enum differ_how way(const struct differ_item *item, double needed)
{
	double df = 0, of_noise;
	size_t i;

	if (reach(item) * ROOM <= needed)
		return DIFFER_RANK;
	for (i = 0; i < item->n_cells; i++) {
		variance(item, item->cell[i].noise, &of_noise);
		df = fmax(df, of_noise);
	}
	return df > 0 ? DIFFER_T : reach(item) <= needed ? DIFFER_RANK : DIFFER_UNTOLD;
}

/* How far all of B would have to lie higher: by halving, to one part in a thousand, and no closer than values are: whole numbers. */
static double would_see(const struct differ_item *item, double needed)
{
	double low = 0, high = 1, middle;
	double is = 0;
	size_t i;

	for (i = 0; i < item->n_cells; i++)
		is += item->cell[i].by / (double)item->n_cells;
	while (ask(item, 1, high - is) > needed)
		if ((high *= 2) > 1e15)
			return INFINITY;
	while (high - low > high / 1000 && high > 1) {
		middle = (low + high) / 2;
		if (ask(item, 1, middle - is) > needed)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static void tell_cells(struct differ_item *item, double confidence)
{
	size_t i;

	for (i = 0; i < item->n_cells; i++) {
		struct differ_cell *c = &item->cell[i];
		double df, of_one = variance(item, c->noise, &df), far = INFINITY;

		c->was = mean(c->a, c->n_a);
		c->is = mean(c->b, c->n_b);
		c->by = c->is - c->was;
		if (df > 0)
			far = chance_t_point((1 - confidence) / 2, df) * sqrt(cell_variance(c, of_one));
		c->lower = c->by - far;
		c->upper = c->by + far;
	}
}

/* Holm: the k-th smallest of m is multiplied by m - k + 1, and is never smaller than the one before. */
static void correct(struct differ_item *items, size_t n, size_t asked)
{
	double last = 0;
	size_t left, i;

	for (left = asked; left; left--) {
		struct differ_item *least = NULL;

		for (i = 0; i < n; i++)		/* what was corrected carries +2 as its mark until the last pass takes that off */
			if ((items[i].how == DIFFER_RANK || items[i].how == DIFFER_T) && items[i].p <= 1 && (!least || items[i].p < least->p))
				least = &items[i];
		if (!least)
			break;
		last = fmax(last, fmin(1, least->p * (double)left));
		least->p = last + 2;
	}
	for (i = 0; i < n; i++)
		if (items[i].p >= 2)
			items[i].p -= 2;
}

int differ_judge(struct differ_item *items, size_t n, double confidence)
{
	size_t i, asked = 0;
	double needed;

	for (i = 0; i < n; i++) {
		items[i].p = 1;
		items[i].sign = 0;
		items[i].would_see = INFINITY;
		items[i].how = is_alike(&items[i]) ? DIFFER_ALIKE : DIFFER_UNTOLD;
		asked += items[i].how != DIFFER_ALIKE;
		tell_cells(&items[i], confidence);
	}
	needed = (1 - confidence) / 2 / (asked ? (double)asked : 1);	/* of one direction */
	for (i = 0; i < n; i++) {
		bool alike = items[i].how == DIFFER_ALIKE;
		double up, down;

		items[i].how = way(&items[i], needed);
		if (items[i].how != DIFFER_UNTOLD) {
			up = alike ? 1 : ask(&items[i], 1, 0);
			down = alike ? 1 : ask(&items[i], -1, 0);
			if (isnan(up) || isnan(down))
				return -ENOMEM;
			items[i].p = fmin(1, 2 * fmin(up, down));
			items[i].sign = up < down ? 1 : -1;
			items[i].would_see = would_see(&items[i], needed);
		}
		if (alike)
			items[i].how = DIFFER_ALIKE;
	}
	correct(items, n, asked);
	for (i = 0; i < n; i++)
		if (items[i].p > 1 - confidence)
			items[i].sign = 0;
	return 0;
}

size_t differ_needs(size_t n_cells, size_t n_items, double confidence)
{
	double needed = (1 - confidence) / 2 / (n_items ? (double)n_items : 1) / ROOM;
	size_t reps;

	for (reps = 1; reps < 100; reps++)
		if (pow(ranks_ways(reps, reps), -(double)(n_cells ? n_cells : 1)) <= needed)
			break;
	return reps;
}
