/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare_pool.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/quant.h"

const struct pool_figure pool_figures[POOL_FIGURES] = {{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}};

static bool is_same_cell(const struct result_cell *a, const struct result_cell *b)
{
	int i;

	for (i = 0; i < AXES; i++)
		if (strcmp(a->value[i], b->value[i]))
			return false;
	return true;
}

static size_t count(const struct result *r, const struct result_cell *like, enum result_status status)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_cells; i++)
		n += r->cell[i].status == status && is_same_cell(&r->cell[i], like);
	return n;
}

/* Is no cell like this one before it? */
static bool is_first(const struct result *r, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (is_same_cell(&r->cell[i], &r->cell[at]))
			return false;
	return true;
}

/* "taktd-flood-r2" without its end. */
static void name_of(char name[160], const struct result_cell *c)
{
	size_t len = strlen(c->name), end = len;

	while (end && c->name[end - 1] >= '0' && c->name[end - 1] <= '9')
		end--;
	if (end >= 2 && end < len && c->name[end - 1] == 'r' && c->name[end - 2] == '-')
		len = end - 2;
	snprintf(name, 160, "%.*s", (int)(len < 150 ? len : 150), c->name);
}

/* The place of a hop's name; -1: there is no more room. */
static int way_of(struct compare_pool *pool, const char *name)
{
	size_t i;

	for (i = 1; i < pool->n_ways; i++)
		if (!strcmp(pool->way[i], name))
			return (int)i;
	if (i == POOL_WAYS)
		return -1;
	snprintf(pool->way[i], sizeof(pool->way[i]), "%s", name);
	pool->n_ways = i + 1;
	return (int)i;
}

static void figures(double out[POOL_FIGURES], int64_t *ns, size_t n)
{
	struct quant q;
	size_t i;

	quant_sort(ns, n);
	for (i = 0; i < POOL_FIGURES; i++)
		out[i] = quant_find(&q, ns, n, pool_figures[i].p, QUANT_CONFIDENCE, NULL) ? NAN : (double)q.ns;
}

static int rep_make(struct compare_pool *pool, struct pool_rep *rep, const struct result_cell *c)
{
	uint64_t missed, due;
	int64_t *ns;
	size_t i, j, n;

	for (i = 0; i < POOL_WAYS; i++)
		for (j = 0; j < POOL_FIGURES; j++)
			rep->ns[i][j] = NAN;
	if (result_latency(c, pool->kind, &ns, NULL, &n))
		return -ENOMEM;
	figures(rep->ns[0], ns, n);
	rep->n[0] = n;
	free(ns);
	for (i = 0; i < c->n_hops; i++) {
		int way = way_of(pool, c->hop[i].name);

		if (way < 0)
			continue;
		ns = malloc((c->hop[i].n + 1) * sizeof(*ns));
		if (!ns)
			return -ENOMEM;
		memcpy(ns, c->hop[i].ns, c->hop[i].n * sizeof(*ns));
		figures(rep->ns[way], ns, c->hop[i].n);
		rep->n[way] = c->hop[i].n;
		free(ns);
	}
	result_missed(c, &missed, &due);
	rep->missed_ppm = due ? 1e6 * (double)missed / (double)due : NAN;
	return 0;
}

/* All repetitions of one result, from rep on. */
static int reps_make(struct compare_pool *pool, struct pool_cell *cell, struct pool_rep *rep, const struct result *r, const struct result_cell *like)
{
	double bound = 0;
	size_t i;
	int rc;

	for (i = 0; i < r->n_cells; i++) {
		const struct result_cell *c = &r->cell[i];

		if (c->status != RESULT_OK || !is_same_cell(c, like))
			continue;
		rc = rep_make(pool, rep++, c);
		if (rc)
			return rc;
		cell->floor_p50_ns = fmax(cell->floor_p50_ns, (double)c->floor.p50_ns);
		cell->floor_share = fmax(cell->floor_share, c->floor.share);
		bound = fmax(bound, (double)c->error_bound_ns);
	}
	cell->error_bound_ns += bound;
	return 0;
}

static int cell_make(struct compare_pool *pool, const struct result *a, const struct result *b, const struct result_cell *like)
{
	struct pool_cell *cell = &pool->cell[pool->n_cells++];
	int rc;

	name_of(cell->name, like);
	cell->backend = like->value[AXIS_BACKEND];
	cell->load = like->value[AXIS_LOAD];
	cell->n_a = count(a, like, RESULT_OK);
	cell->n_b = count(b, like, RESULT_OK);
	cell->rep = calloc(cell->n_a + cell->n_b, sizeof(*cell->rep));
	if (!cell->rep)
		return -ENOMEM;
	rc = reps_make(pool, cell, cell->rep, a, like);
	return rc ? rc : reps_make(pool, cell, cell->rep + cell->n_a, b, like);
}

/* Why a cell cannot be compared; false: it can. */
static bool is_apart(struct compare_apart *apart, const struct result *a, const struct result *b, const struct result_cell *like)
{
	size_t ok_a = count(a, like, RESULT_OK), ok_b = count(b, like, RESULT_OK);

	if (ok_a && ok_b)
		return false;
	*apart = (struct compare_apart){.why = "was measured in neither"};
	name_of(apart->cell, like);
	if (ok_a) {
		apart->failed = count(b, like, RESULT_FAILED);
		apart->lacking = !apart->failed;
		apart->why = apart->failed ? "failed in B" : count(b, like, RESULT_SKIPPED) ? "was skipped in B" : "is not in B";
	} else if (ok_b) {
		apart->why = count(a, like, RESULT_FAILED) ? "failed in A" : count(a, like, RESULT_SKIPPED) ? "was skipped in A" : "is not in A";
	}
	return true;
}

static bool is_in(const struct result *r, const struct result_cell *like)
{
	size_t i;

	for (i = 0; i < r->n_cells; i++)
		if (is_same_cell(&r->cell[i], like))
			return true;
	return false;
}

int pool_make(struct compare_pool **out, const struct result *a, const struct result *b, struct compare_apart **apart, size_t *n_apart)
{
	struct compare_pool *pool = *out = calloc(1, sizeof(*pool));
	size_t i, n = a->n_cells + b->n_cells;
	int rc = 0;

	*n_apart = 0;
	*apart = calloc(n + 1, sizeof(**apart));
	if (!pool || !*apart || !(pool->cell = calloc(n + 1, sizeof(*pool->cell))))
		return -ENOMEM;
	pool->kind = result_kind_of(a) == RESULT_PATH_DELAY ? result_kind_of(b) : result_kind_of(a);
	pool->n_ways = 1;
	for (i = 0; !rc && i < n; i++) {
		const struct result *r = i < a->n_cells ? a : b;
		size_t at = i < a->n_cells ? i : i - a->n_cells;
		struct compare_apart *next = &(*apart)[*n_apart];

		if (!is_first(r, at) || (r == b && is_in(a, &b->cell[at])))
			continue;
		if (is_apart(next, a, b, &r->cell[at])) {
			++*n_apart;
		} else {
			rc = cell_make(pool, a, b, &r->cell[at]);
			if (count(b, &r->cell[at], RESULT_FAILED) && !count(a, &r->cell[at], RESULT_FAILED)) {	/* what is left is compared, but no word of B for it */
				*next = (struct compare_apart){.why = "some of its repetitions failed in B", .failed = true};
				name_of(next->cell, &r->cell[at]);
				++*n_apart;
			}
		}
	}
	return rc;
}

void pool_free(struct compare_pool *pool)
{
	size_t i;

	if (!pool)
		return;
	for (i = 0; i < pool->n_cells; i++)
		free(pool->cell[i].rep);
	free(pool->cell);
	free(pool->values);
	free(pool->cells);
	free(pool);
}
