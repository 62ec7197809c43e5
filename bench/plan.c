/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/chance.h"

#define NAME_LEN 200	/* a folder's name has 255, and ours stands behind a dot for a while */

static uint64_t seed_of(uint64_t seed, const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);	/* FNV-1a */

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return chance_draw(&(struct chance_draw){h ^ seed}) >> 1;	/* JSON's whole numbers have a sign */
}

static bool excepted(const struct campaign *c, const int *at)
{
	int i, a;

	for (i = 0; i < c->n_excepts; i++) {
		for (a = 0; a < AXES && (!c->except[i].of[a] || c->except[i].of[a] >> at[a] & 1); a++)
			;
		if (a == AXES)
			return true;
	}
	return false;
}

static bool left_out(const struct campaign *c, const int *at)
{
	int a;

	for (a = 0; a < AXES; a++)
		if (c->axis[a].left_out[at[a]])
			return true;
	return excepted(c, at);
}

/* The last axis turns fastest. False: all have been there. */
static bool advance(const struct campaign *c, int *at)
{
	int a;

	for (a = AXES - 1; a >= 0; a--) {
		if (++at[a] < c->axis[a].n)
			return true;
		at[a] = 0;
	}
	return false;
}

/* Names are the same whatever --only leaves: by the axes that vary in the file. */
static char *name_of(const struct campaign *c, const int *at, int repetition)
{
	char name[NAME_LEN + 1] = "";
	size_t used = 0;
	char *copy;
	int a;

	for (a = 0; a < AXES && used < NAME_LEN; a++)
		if (c->axis[a].n > 1)
			used += (size_t)snprintf(name + used, sizeof(name) - used, "%s-", c->axis[a].value[at[a]]);
	if (!used)
		used = (size_t)snprintf(name, sizeof(name), "%s-", c->axis[AXIS_BACKEND].value[0]);
	if (used >= NAME_LEN - 8)
		return NULL;
	return asprintf(&copy, "%sr%d", name, repetition) < 0 ? NULL : copy;
}

static int add(struct plan *p, const struct campaign *c, const int *at, int repetition, size_t kind, uint64_t seed, struct why *why)
{
	struct cell *cell = &p->cell[p->n];
	int a;

	*cell = (struct cell){.name = name_of(c, at, repetition), .repetition = repetition, .traffic = c->traffic};
	if (!cell->name)
		return why_fail(why, EINVAL, "a cell's name is longer than %d letters: give schedules shorter names", NAME_LEN);
	for (a = 0; a < AXES; a++)
		cell->value[a] = c->axis[a].value[at[a]];
	cell->schedule_yaml = campaign_schedule(c, cell->value[AXIS_SCHEDULE]);
	cell->seed = seed_of(seed, cell->name);
	p->kind[p->n++] = kind;
	return 0;
}

static void swap(struct plan *p, size_t i, size_t j)
{
	struct cell cell = p->cell[i];
	size_t kind = p->kind[i];

	p->cell[i] = p->cell[j];
	p->kind[i] = p->kind[j];
	p->cell[j] = cell;
	p->kind[j] = kind;
}

static void shuffle(struct plan *p, size_t first, struct chance_draw *draw)
{
	size_t i;

	for (i = p->n - first; i > 1; i--)
		swap(p, first + i - 1, first + chance_draw_below(draw, i));
}

static int add_all(struct plan *p, const struct campaign *c, uint64_t seed, struct why *why)
{
	struct chance_draw draw = {seed};
	int repetition, rc = 0;

	for (repetition = 1; !rc && repetition <= c->repetitions; repetition++) {
		size_t first = p->n, kind = 0;
		int at[AXES] = {0};

		do
			rc = left_out(c, at) ? 0 : add(p, c, at, repetition, kind++, seed, why);
		while (!rc && advance(c, at));
		p->n_kinds = kind;
		if (!rc && c->shuffled)
			shuffle(p, first, &draw);
	}
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_names(const struct plan *p, struct why *why)
{
	const char **names = calloc(p->n, sizeof(*names));
	size_t i;
	int rc = 0;

	if (!names)
		return why_fail(why, ENOMEM, "out of memory");
	for (i = 0; i < p->n; i++)
		names[i] = p->cell[i].name;
	qsort(names, p->n, sizeof(*names), by_name);
	for (i = 1; !rc && i < p->n; i++)
		if (!strcmp(names[i - 1], names[i]))
			rc = why_fail(why, EINVAL, "two cells would be named %s: give a schedule another name", names[i]);
	free(names);
	return rc;
}

/* Combinations, whatever is left out of them; more than PLAN_CELLS is PLAN_CELLS + 1. */
static size_t count(const struct campaign *c)
{
	size_t n = 1;
	int a;

	for (a = 0; a < AXES && n <= PLAN_CELLS; a++)
		n *= (size_t)c->axis[a].n;
	return n > PLAN_CELLS ? PLAN_CELLS + 1 : n;
}

int plan_create(struct plan **out, const struct campaign *c, uint64_t seed, struct why *why)
{
	size_t each = count(c), all = each * (size_t)c->repetitions, i;
	struct plan *p;
	int rc;

	if (c->repetitions < 1 || (uint64_t)c->repetitions > PLAN_CELLS / each)
		return why_fail(why, EINVAL, "the matrix and its repetitions are more than %d cells: drop values, or leave some out by --only", PLAN_CELLS);
	p = calloc(1, sizeof(*p));
	if (!p)
		return why_fail(why, ENOMEM, "out of memory");
	p->cell = calloc(all, sizeof(*p->cell));
	p->kind = calloc(all, sizeof(*p->kind));
	rc = p->cell && p->kind ? add_all(p, c, seed, why) : why_fail(why, ENOMEM, "out of memory");
	if (!rc && !p->n)
		rc = why_fail(why, EINVAL, "no cell is left: except and --only take all of them away");
	rc = rc ?: check_names(p, why);
	for (i = 0; i < p->n; i++)
		p->cell[i].position = (int)i + 1;
	if (rc)
		plan_destroy(p);
	else
		*out = p;
	return rc;
}

void plan_destroy(struct plan *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->n; i++)
		free((char *)p->cell[i].name);
	free(p->cell);
	free(p->kind);
	free(p);
}
