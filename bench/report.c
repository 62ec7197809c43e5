/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const bool of_setup[AXES] = {
	[AXIS_BACKEND] = true, [AXIS_GUEST] = true, [AXIS_SCHEDULE] = true, [AXIS_QUEUES] = true, [AXIS_CORRECTION] = true,
};

/* -- names --------------------------------------------------------------------------------------------------------- */

static bool any_setup(const struct result *r)
{
	int a;

	for (a = 0; a < AXES; a++)
		if (of_setup[a] && r->varies[a])
			return true;
	return false;
}

/* A value that says nothing by itself has its axis beside it. */
static void add_word(FILE *f, const char *before, int axis, const char *value)
{
	bool bare = !strcmp(value, "none") || !strcmp(value, "traffic") || !strcmp(value, "on") || !strcmp(value, "off") || (*value >= '0' && *value <= '9');

	if (!bare)
		fprintf(f, "%s%s", before, value);
	else if (!strcmp(value, "none"))
		fprintf(f, "%sno %s", before, axes[axis].name);
	else
		fprintf(f, "%s%s %s", before, axes[axis].name, value);
}

enum part { SETUP, COND, BOTH };

static char *name_of(const struct result *r, const struct result_cell *c, enum part part)
{
	bool split = any_setup(r);
	const char *before = "";
	char *name = NULL;
	size_t size;
	FILE *f = open_memstream(&name, &size);
	int a;

	if (!f)
		return NULL;
	for (a = 0; a < AXES; a++) {
		bool cond = split ? !of_setup[a] : a == AXIS_DIRECTION;

		if (!r->varies[a] || (part == SETUP && cond) || (part == COND && !cond))
			continue;
		add_word(f, before, a, c->value[a]);
		before = ", ";
	}
	if (part == BOTH && !*before)
		fputs("all cells", f);
	fclose(f);
	return name;
}

/* As cells are named, without the repetition. */
static char *id_of(const char *cell)
{
	char *id = strdup(cell), *p, *last = id ? strrchr(id, '-') : NULL;

	if (last && last[1] == 'r' && strspn(last + 2, "0123456789") == strlen(last + 2))
		*last = '\0';
	for (p = id; p && *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *p))
			*p = '_';
	return id;
}

/* Index of a name in a list, added when it is new; it takes the name. */
static int intern(char ***list, size_t *n, char *name, size_t *index)
{
	char **more;
	size_t i;

	if (!name)
		return -ENOMEM;
	for (i = 0; i < *n && strcmp((*list)[i], name); i++)
		;
	*index = i;
	if (i < *n) {
		free(name);
		return 0;
	}
	more = realloc(*list, (*n + 1) * sizeof(*more));
	if (!more) {
		free(name);
		return -ENOMEM;
	}
	more[(*n)++] = name;
	*list = more;
	return 0;
}

/* -- figures of a group -------------------------------------------------------------------------------------------- */

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void add_counts(struct report_group *g, const struct result_cell *c)
{
	g->due += c->count.due;
	g->sent += c->count.sent;
	g->lost += c->count.lost;
	g->duplicate += c->count.duplicate;
	g->reordered += c->count.reordered;
	g->wakeups_late += c->count.wakeups_late;
	g->stamps_missing += c->count.stamps_missing;
	g->bad_clock += c->bad_clock;
	g->floor_p50_ns = larger(g->floor_p50_ns, c->floor.p50_ns);
	g->floor_p99_ns = larger(g->floor_p99_ns, c->floor.p99_ns);
	g->floor_max_ns = larger(g->floor_max_ns, c->floor.max_ns);
	g->error_bound_ns = larger(g->error_bound_ns, c->error_bound_ns);
}

static int add_samples(struct report_group *g, const struct result_cell *c, enum result_kind kind)
{
	int64_t *ns = NULL, *more;
	size_t n = 0;
	int rc = result_latency(c, kind, &ns, NULL, &n);

	if (rc)
		return rc;
	quant_sort(ns, n);
	between_add(&g->between, ns, n, QUANT_CONFIDENCE);
	more = realloc(g->ns, (g->n + n + 1) * sizeof(*more));
	if (!more) {
		free(ns);
		return -ENOMEM;
	}
	if (n)
		memcpy(more + g->n, ns, n * sizeof(*ns));
	g->ns = more;
	g->n += n;
	free(ns);
	return 0;
}

static int fill_group(struct report *rep, struct report_group *g)
{
	uint64_t missed, due, missed_all = 0, due_all = 0;
	int64_t *pdv;
	size_t i;
	int s, rc = 0;

	for (i = 0; i < g->n_cells && !rc; i++) {
		add_counts(g, g->cell[i]);
		rc = add_samples(g, g->cell[i], rep->kind);
		result_missed(g->cell[i], &missed, &due);
		missed_all += g->cell[i]->deadline_ns ? missed : 0;
		due_all += g->cell[i]->deadline_ns ? due : 0;
	}
	quant_share(&g->missed, missed_all, due_all, QUANT_CONFIDENCE);
	if (rc || !g->n)
		return rc;
	pdv = malloc(g->n * sizeof(*pdv));
	if (!pdv)
		return -ENOMEM;
	quant_sort(g->ns, g->n);
	quant_sum(&g->sum, g->ns, g->n);
	quant_ladder(g->q, g->ns, g->n, QUANT_CONFIDENCE);
	for (s = 0; s < QUANT_STEPS; s++)
		g->frames_only |= (!between_widen(&g->between, &g->q[s], s, QUANT_CONFIDENCE) && g->n_cells > 1) << s;
	quant_pdv(pdv, g->ns, g->n);
	quant_ladder(g->pdv, pdv, g->n, QUANT_CONFIDENCE);
	free(pdv);
	return 0;
}

static int add_cell(struct report *rep, struct report_group *g, const struct result_cell *c)
{
	const struct result_cell **more;

	if (c->status != RESULT_OK) {
		g->n_skipped += c->status == RESULT_SKIPPED;
		g->n_failed += c->status == RESULT_FAILED;
	} else {
		more = realloc(g->cell, (g->n_cells + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		more[g->n_cells++] = c;
		g->cell = more;
	}
	rep->n_ok += c->status == RESULT_OK;
	rep->n_skipped += c->status == RESULT_SKIPPED;
	rep->n_failed += c->status == RESULT_FAILED;
	return 0;
}

static int name_group(struct report *rep, struct report_group *g, const struct result_cell *c)
{
	g->name = name_of(rep->result, c, BOTH);
	g->id = id_of(c->name);
	return !g->name || !g->id ? -ENOMEM :
	       intern(&rep->setup, &rep->n_setups, name_of(rep->result, c, SETUP), &g->setup) ?:
	       intern(&rep->cond, &rep->n_conds, name_of(rep->result, c, COND), &g->cond);
}

/* -- best and worst ------------------------------------------------------------------------------------------------ */

/* Would the quantile be one of the lost, were they the slowest? */
static bool is_lossy(const struct report_group *g, int step)
{
	return (double)g->lost > (1 - quant_steps[step].p) * (double)(g->n + g->lost);
}

/* The highest step up to p99.9 that all measured groups can tell, but for those that lost too much for it anyway. */
static int common_step(const struct report *rep)
{
	size_t g, told;
	int s;

	for (s = QUANT_P999; s >= 0; s--) {
		for (g = told = 0; g < rep->n_groups; g++) {
			if (!rep->group[g].n || is_lossy(&rep->group[g], s))
				continue;
			if (!rep->group[g].q[s].known)
				break;
			told++;
		}
		if (g == rep->n_groups && told)
			return s;
	}
	return -1;
}

/* As if what was lost took for ever: the more, the longer. */
static double rank_of(const struct report *rep, const struct report_group *g)
{
	return g->lossy ? 1e30 * (double)g->lost / (double)(g->n + g->lost) : (double)g->q[rep->rank].ns;
}

static void mark(struct report *rep, size_t cond)
{
	struct report_group *g, *best = NULL, *worst = NULL;
	size_t i, n = 0;
	int s = rep->rank;

	for (i = 0; i < rep->n_groups; i++) {
		g = &rep->group[i];
		if (g->cond != cond || !g->n)
			continue;
		n++;
		if (!best || rank_of(rep, g) < rank_of(rep, best))
			best = g;
		if (!worst || rank_of(rep, g) > rank_of(rep, worst))
			worst = g;
	}
	if (n < 2 || rank_of(rep, best) == rank_of(rep, worst))
		return;
	worst->worst = true;
	best->best = !best->lossy;
	best->sure = best->best && !(best->frames_only >> s & 1);
	for (i = 0; i < rep->n_groups; i++) {
		g = &rep->group[i];
		if (g != best && g->cond == cond && g->n && !g->lossy && (g->q[s].lower_ns <= best->q[s].upper_ns || g->frames_only >> s & 1))
			best->sure = false;
	}
}

int report_make(struct report *rep, const struct result *r, enum result_kind kind, struct why *why)
{
	size_t *of = calloc(r->n_cells + 1, sizeof(*of)), i, k;
	int rc = of ? 0 : -ENOMEM;

	memset(rep, 0, sizeof(*rep));
	rep->result = r;
	rep->kind = kind;
	if (!rc) {
		rep->n_groups = result_groups(r, of);
		rep->group = calloc(rep->n_groups + 1, sizeof(*rep->group));
		rc = rep->group ? 0 : -ENOMEM;
	}
	for (i = 0; i < r->n_cells && !rc; i++)
		rc = add_cell(rep, &rep->group[of[i]], &r->cell[i]);
	for (i = 0; i < rep->n_groups && !rc; i++) {	/* in the order of axes' values, not of cells */
		for (k = 0; of[k] != i; k++)
			;
		rc = name_group(rep, &rep->group[i], &r->cell[k]) ?: fill_group(rep, &rep->group[i]);
		rep->n_measured += rep->group[i].n > 0;
	}
	free(of);
	if (rc) {
		report_fini(rep);
		return why_fail(why, -rc, "out of memory");
	}
	rep->rank = common_step(rep);
	rep->pdv = rep->rank;
	for (i = 0; i < rep->n_groups && rep->rank >= 0; i++)
		rep->group[i].lossy = rep->group[i].n && is_lossy(&rep->group[i], rep->rank);
	for (i = 0; i < rep->n_conds && rep->rank >= 0; i++)
		mark(rep, i);
	return 0;
}

void report_fini(struct report *rep)
{
	size_t i;

	for (i = 0; rep->group && i < rep->n_groups; i++) {
		free(rep->group[i].name);
		free(rep->group[i].id);
		free(rep->group[i].cell);
		free(rep->group[i].ns);
	}
	for (i = 0; i < rep->n_setups; i++)
		free(rep->setup[i]);
	for (i = 0; i < rep->n_conds; i++)
		free(rep->cond[i]);
	free(rep->setup);
	free(rep->cond);
	free(rep->group);
	memset(rep, 0, sizeof(*rep));
}
