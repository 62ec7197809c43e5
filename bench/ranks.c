/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ranks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct value { double v; bool of_b; };

void ranks_init(struct ranks *r)
{
	memset(r, 0, sizeof(*r));
}

void ranks_fini(struct ranks *r)
{
	free(r->chance);
	memset(r, 0, sizeof(*r));
}

double ranks_ways(size_t n_a, size_t n_b)
{
	double ways = 1;
	size_t i;

	for (i = 1; i <= n_b; i++)
		ways *= (double)(n_a + i) / (double)i;
	return ways;
}

static int by_value(const void *x, const void *y)
{
	const struct value *a = x, *b = y;

	return (a->v > b->v) - (a->v < b->v);
}

/* Doubled mean ranks of n sorted values; returns the sum of B's. */
static size_t rank(size_t *ranks, const struct value *v, size_t n)
{
	size_t i, j, k, sum = 0;

	for (i = 0; i < n; i = j) {
		for (j = i; j < n && v[j].v == v[i].v; j++)
			;
		for (k = i; k < j; k++) {
			ranks[k] = i + j + 1;		/* twice the mean of i + 1 .. j */
			sum += v[k].of_b ? ranks[k] : 0;
		}
	}
	return sum;
}

/* How many of the ways to choose n_b of the ranks have which sum, as chances. NULL: no memory. */
static double *deal(const size_t *ranks, size_t n, size_t n_b, size_t *size)
{
	size_t i, k, s, top = 2 * n * n_b + 1;
	double *ways = calloc((n_b + 1) * top, sizeof(*ways)), *chance, all = ranks_ways(n - n_b, n_b);

	*size = top;
	if (!ways)
		return NULL;
	ways[0] = 1;
	for (i = 0; i < n; i++)
		for (k = n_b < i + 1 ? n_b : i + 1; k > 0; k--)
			for (s = top; s-- > ranks[i];)
				ways[k * top + s] += ways[(k - 1) * top + s - ranks[i]];
	chance = malloc(top * sizeof(*chance));
	for (s = 0; chance && s < top; s++)
		chance[s] = ways[n_b * top + s] / all;
	free(ways);
	return chance;
}

/* The sum of two independent sums. */
static int convolve(struct ranks *r, double *chance, size_t n)
{
	size_t i, j, top = r->n ? r->n + n - 1 : n;
	double *both;

	if (!r->n) {
		r->chance = chance;
		r->n = n;
		return 0;
	}
	both = calloc(top, sizeof(*both));
	for (i = 0; both && i < r->n; i++)
		for (j = 0; r->chance[i] > 0 && j < n; j++)
			both[i + j] += r->chance[i] * chance[j];
	free(chance);
	if (!both)
		return -ENOMEM;
	free(r->chance);
	r->chance = both;
	r->n = top;
	return 0;
}

static int exact(struct ranks *r, const size_t *ranks, size_t n, size_t n_b)
{
	size_t size;
	double *chance = deal(ranks, n, n_b, &size);

	return chance ? convolve(r, chance, size) : -ENOMEM;
}

int ranks_add(struct ranks *r, const double *a, size_t n_a, const double *b, size_t n_b, int sign, double shift)
{
	size_t i, n = n_a + n_b, *ranks = calloc(n + 1, sizeof(*ranks));
	struct value *v = calloc(n + 1, sizeof(*v));
	double off, squares = 0;
	int rc = 0;

	if (!ranks || !v) {
		rc = -ENOMEM;
		goto out;
	}
	for (i = 0; i < n; i++)
		v[i] = (struct value){.v = sign * (i < n_a ? a[i] : b[i - n_a] + shift), .of_b = i >= n_a};
	qsort(v, n, sizeof(*v), by_value);
	r->sum += rank(ranks, v, n);
	for (i = 0; i < n; i++) {
		off = (double)ranks[i] - (double)(n + 1);
		squares += off * off;
	}
	r->mean += (double)n_b * (double)(n + 1);
	if (n > 1)
		r->variance += (double)n_a * (double)n_b / (double)n / (double)(n - 1) * squares;
	r->normal |= n > RANKS_EXACT;
	if (!r->normal)
		rc = exact(r, ranks, n, n_b);
out:
	free(ranks);
	free(v);
	return rc;
}

double ranks_above(const struct ranks *r)
{
	double p = 0;
	size_t i;

	if (r->normal)
		return r->variance > 0 ? 0.5 * erfc(((double)r->sum - 1 - r->mean) / sqrt(2 * r->variance)) : 1;
	for (i = r->sum; i < r->n; i++)
		p += r->chance[i];
	return r->n ? fmin(1, p) : 1;
}
