/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/compare_pool.h"
#include "bench/quant.h"

#define MISSED_LEAST_PPM 5000	/* half a frame in a hundred: below that a machine's own pauses decide */

int compare_least_parse(struct compare_least *least, const char *text, struct why *why)
{
	char word[64];

	*least = (struct compare_least){0};
	do {
		size_t len = strcspn(text, ",");
		char *end;

		if (!len || len >= sizeof(word))
			return why_fail(why, EINVAL, "--least \"%.60s\": give a time, a percentage, or both: 1us,5%%", text);
		memcpy(word, text, len);
		word[len] = '\0';
		text += len;
		if (word[len - 1] == '%') {
			least->share = strtod(word, &end) / 100;
			if (end != word + len - 1 || !(least->share >= 0 && least->share <= 10))
				return why_fail(why, EINVAL, "--least: \"%s\" is no percentage: give 0%% to 1000%%", word);
		} else if (ns_parse_unit(&least->ns, word, why)) {
			why_at(why, "--least");
			return -EINVAL;
		} else if (least->ns < 0) {
			return why_fail(why, EINVAL, "--least: %s is negative: give a time from 0 on, or a percentage", word);
		}
	} while (*text++ == ',');
	return 0;
}

/* A figure of one repetition: way and figure, or way -1 for the frames that were missed. */
static double value_of(const struct pool_rep *rep, int way, int figure)
{
	return way < 0 ? rep->missed_ppm : rep->ns[way][figure];
}

static bool knows(const struct pool_cell *cell, int way, int figure)
{
	size_t i;

	for (i = 0; i < cell->n_a + cell->n_b; i++)
		if (isnan(value_of(&cell->rep[i], way, figure)))
			return false;
	return true;
}

/* The figure is not compared in this cell: count that, with how few samples were too few. Cells without any, as those of a backend without hops, are no gap while no repetition has some. */
static void gap_add(struct compare_gap *gap, const struct pool_cell *cell, int way, int figure)
{
	size_t i;

	for (i = 0; i < cell->n_a + cell->n_b; i++)
		if (isnan(value_of(&cell->rep[i], way, figure))) {
			size_t n = way < 0 ? 0 : cell->rep[i].n[way];

			gap->fewest = !gap->needs || n < gap->fewest ? n : gap->fewest;
			gap->needs = way < 0 ? 1 : (size_t)quant_needs(pool_figures[figure].p, QUANT_CONFIDENCE);
		}
	gap->cells++;
}

/* Has any repetition of that backend a sample of it? */
static bool is_there(const struct compare_pool *pool, const char *backend, int way)
{
	size_t i, j;

	for (i = 0; i < pool->n_cells; i++)
		for (j = 0; j < pool->cell[i].n_a + pool->cell[i].n_b; j++)
			if (!strcmp(pool->cell[i].backend, backend) && (way <= 0 || pool->cell[i].rep[j].n[way]))
				return true;
	return false;
}

static double least_of(const struct pool_cell *cell, int way, int figure, const struct compare_least *least)
{
	double is = (double)least->ns, mean = 0;
	size_t i, n = cell->n_a + cell->n_b;

	if (way < 0)
		return fmax(MISSED_LEAST_PPM, 1e6 * cell->floor_share);
	for (i = 0; i < n; i++)
		mean += value_of(&cell->rep[i], way, figure) / (double)n;
	is = fmax(is, least->share * fabs(mean));
	if (cell->floor_share > 1 - pool_figures[figure].p)
		is = fmax(is, cell->floor_p50_ns);
	return way ? is : fmax(is, cell->error_bound_ns);
}

/* Where the next item's values and cells go. */
struct room {
	double *value;
	struct differ_cell *cell;
};

static void item_add(struct compare *c, struct room *room, const char *backend, int way, int figure, const struct compare_least *least)
{
	struct compare_pool *pool = c->pool;
	struct differ_item *judged = &c->judged[c->n_items];
	struct compare_gap *gap = &c->gap[c->n_gaps];
	struct compare_item item = {
		.backend = backend, .what = way < 0 ? "missed" : way ? pool->way[way] : result_kind_name(pool->kind),
		.figure = way < 0 ? "" : pool_figures[figure].name, .is_hop = way > 0, .is_share = way < 0,
	};
	size_t i, j;

	*judged = (struct differ_item){.cell = room->cell};
	*gap = (struct compare_gap){.item = item};
	for (i = 0; i < pool->n_cells; i++) {
		struct pool_cell *cell = &pool->cell[i];

		if (strcmp(cell->backend, backend))
			continue;
		gap->of++;
		if (!knows(cell, way, figure)) {
			gap_add(gap, cell, way, figure);
			continue;
		}
		*room->cell++ = (struct differ_cell){
			.name = cell->name, .noise = cell->load, .least = least_of(cell, way, figure, least),
			.a = room->value, .n_a = cell->n_a, .b = room->value + cell->n_a, .n_b = cell->n_b,
		};
		for (j = 0; j < cell->n_a + cell->n_b; j++)
			*room->value++ = value_of(&cell->rep[j], way, figure);
		judged->n_cells++;
	}
	c->n_gaps += gap->cells && is_there(pool, backend, way);
	if (judged->n_cells)
		c->item[c->n_items++] = item;
}

static bool is_first_of_backend(const struct compare_pool *pool, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(pool->cell[i].backend, pool->cell[at].backend))
			return false;
	return true;
}

static int items_make(struct compare *c, const struct compare_least *least)
{
	struct compare_pool *pool = c->pool;
	size_t i, reps = 0, backends = 0, each = 1 + pool->n_ways * POOL_FIGURES;
	struct room room;
	int way, figure;

	for (i = 0; i < pool->n_cells; i++) {
		reps += pool->cell[i].n_a + pool->cell[i].n_b;
		backends += is_first_of_backend(pool, i);
	}
	room.value = pool->values = calloc(reps * each + 1, sizeof(*pool->values));
	room.cell = pool->cells = calloc(pool->n_cells * each + 1, sizeof(*pool->cells));
	c->item = calloc(backends * each + 1, sizeof(*c->item));
	c->judged = calloc(backends * each + 1, sizeof(*c->judged));
	c->gap = calloc(backends * each + 1, sizeof(*c->gap));
	if (!room.value || !room.cell || !c->item || !c->judged || !c->gap)
		return -ENOMEM;
	for (i = 0; i < pool->n_cells; i++) {
		if (!is_first_of_backend(pool, i))
			continue;
		item_add(c, &room, pool->cell[i].backend, -1, 0, least);
		for (way = 0; way < (int)pool->n_ways; way++)
			for (figure = 0; figure < POOL_FIGURES; figure++)
				item_add(c, &room, pool->cell[i].backend, way, figure, least);
	}
	return 0;
}

static enum compare_verdict of_common(const struct compare *c)
{
	bool better = false, worse = false, would_see = false;
	size_t i;

	for (i = 0; i < c->n_items; i++) {
		better |= c->judged[i].sign < 0 && !c->item[i].is_hop;
		worse |= c->judged[i].sign > 0;
		would_see |= isfinite(c->judged[i].would_see) && !c->item[i].is_share;	/* that as many frames came says nothing of when */
	}
	for (i = 0; i < c->n_apart; i++)
		worse |= c->apart[i].failed;
	return worse ? COMPARE_WORSE : better ? COMPARE_BETTER : would_see ? COMPARE_SAME : COMPARE_UNTOLD;
}

size_t compare_lacking(const struct compare *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->n_apart; i++)
		n += c->apart[i].lacking;
	return n;
}

static size_t open_of(const struct result *r)
{
	return r->planned > r->n_cells ? r->planned - r->n_cells : 0;
}

static void repetitions(struct compare *c)
{
	size_t i;

	for (i = 0; i < c->n_cells; i++) {
		const struct pool_cell *cell = &c->pool->cell[i];

		c->reps_a = !i || cell->n_a < c->reps_a ? cell->n_a : c->reps_a;
		c->reps_b = !i || cell->n_b < c->reps_b ? cell->n_b : c->reps_b;
	}
}

int compare_make(struct compare *c, const struct result *a, const struct result *b, const struct compare_ask *ask, struct why *why)
{
	int rc;

	memset(c, 0, sizeof(*c));
	c->confidence = ask->confidence;
	rc = pool_make(&c->pool, a, b, &c->apart, &c->n_apart);
	if (!rc)
		rc = items_make(c, &ask->least);
	if (!rc)
		rc = differ_judge(c->judged, c->n_items, ask->confidence);
	if (rc)
		return why_fail(why, ENOMEM, "no memory to compare %zu cells with %zu", a->n_cells, b->n_cells);
	c->kind = c->pool->kind;
	c->n_cells = c->pool->n_cells;
	c->open_a = open_of(a);
	c->open_b = open_of(b);
	repetitions(c);
	c->of_common = c->verdict = of_common(c);
	if ((compare_lacking(c) || c->open_b) && !ask->common && c->verdict != COMPARE_WORSE)
		c->verdict = COMPARE_UNTOLD;
	return 0;
}

void compare_fini(struct compare *c)
{
	pool_free(c->pool);
	free(c->item);
	free(c->judged);
	free(c->apart);
	free(c->gap);
	memset(c, 0, sizeof(*c));
}
