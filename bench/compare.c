/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/compare_pool.h"

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
		} else if (ns_parse(&least->ns, word, why)) {
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
	size_t i, j;

	*judged = (struct differ_item){.cell = room->cell};
	for (i = 0; i < pool->n_cells; i++) {
		struct pool_cell *cell = &pool->cell[i];

		if (strcmp(cell->backend, backend) || !knows(cell, way, figure))
			continue;
		*room->cell++ = (struct differ_cell){
			.name = cell->name, .noise = cell->load, .least = least_of(cell, way, figure, least),
			.a = room->value, .n_a = cell->n_a, .b = room->value + cell->n_a, .n_b = cell->n_b,
		};
		for (j = 0; j < cell->n_a + cell->n_b; j++)
			*room->value++ = value_of(&cell->rep[j], way, figure);
		judged->n_cells++;
	}
	if (!judged->n_cells)
		return;
	c->item[c->n_items++] = (struct compare_item){
		.backend = backend, .what = way < 0 ? "missed" : way ? pool->way[way] : result_kind_name(pool->kind),
		.figure = way < 0 ? "" : pool_figures[figure].name, .is_hop = way > 0, .is_share = way < 0,
	};
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
	if (!room.value || !room.cell || !c->item || !c->judged)
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

static enum compare_verdict verdict_of(const struct compare *c)
{
	bool better = false, worse = false, would_see = false;
	size_t i;

	for (i = 0; i < c->n_items; i++) {
		better |= c->judged[i].sign < 0;
		worse |= c->judged[i].sign > 0;
		would_see |= isfinite(c->judged[i].would_see);
	}
	for (i = 0; i < c->n_apart; i++)
		worse |= c->apart[i].failed;
	return worse ? COMPARE_WORSE : better ? COMPARE_BETTER : would_see ? COMPARE_SAME : COMPARE_UNTOLD;
}

int compare_make(struct compare *c, const struct result *a, const struct result *b, const struct compare_least *least, double confidence, struct why *why)
{
	size_t i;
	int rc;

	memset(c, 0, sizeof(*c));
	c->confidence = confidence;
	rc = pool_make(&c->pool, a, b, &c->apart, &c->n_apart);
	if (!rc)
		rc = items_make(c, least);
	if (!rc)
		rc = differ_judge(c->judged, c->n_items, confidence);
	if (rc)
		return why_fail(why, ENOMEM, "no memory to compare %zu cells with %zu", a->n_cells, b->n_cells);
	c->kind = c->pool->kind;
	c->n_cells = c->pool->n_cells;
	for (i = 0; i < c->n_cells; i++) {
		const struct pool_cell *cell = &c->pool->cell[i];
		size_t fewer = cell->n_a < cell->n_b ? cell->n_a : cell->n_b;

		c->repetitions = !i || fewer < c->repetitions ? fewer : c->repetitions;
	}
	c->verdict = verdict_of(c);
	return 0;
}

void compare_fini(struct compare *c)
{
	pool_free(c->pool);
	free(c->item);
	free(c->judged);
	free(c->apart);
	memset(c, 0, sizeof(*c));
}
