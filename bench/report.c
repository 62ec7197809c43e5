/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/report_pvt.h"

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
	g->floor_share = c->floor.share > g->floor_share ? c->floor.share : g->floor_share;
	g->floor_p50_ns = larger(g->floor_p50_ns, c->floor.p50_ns);
	g->floor_p99_ns = larger(g->floor_p99_ns, c->floor.p99_ns);
	g->floor_max_ns = larger(g->floor_max_ns, c->floor.max_ns);
	g->error_bound_ns = larger(g->error_bound_ns, c->error_bound_ns);
}

/* Frames that did not come, as the frames tell. */
static void count_gone(struct report_group *g, const struct result_cell *c)
{
	size_t i;

	for (i = 0; i < c->n_frames; i++)
		g->gone += !c->frame[i].bad_clock && !c->frame[i].t_received && !c->frame[i].t_received_hw && !c->frame[i].t_arrival;
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
	count_gone(g, c);
	more = realloc(g->ns, (g->n + n + 1) * sizeof(*more));
	if (!more) {
		free(ns);
		return -ENOMEM;
	}
	if (n)
		memcpy(more + g->n, ns, n * sizeof(*ns));
	g->ns = more;
	g->n += n;
	quant_pdv(ns, ns, n);
	between_add(&g->between_pdv, ns, n, QUANT_CONFIDENCE);
	free(ns);
	return 0;
}

/* A ladder with bounds that hold for the next run too, where repetitions tell them. Bits of steps where they do not. */
static unsigned int ladder(struct quant q[QUANT_STEPS], const int64_t *ns, size_t n, const struct between *between)
{
	unsigned int by_frames = 0;
	int s;

	quant_ladder(q, ns, n, QUANT_CONFIDENCE);
	for (s = 0; s < QUANT_STEPS; s++)
		by_frames |= (unsigned int)!between_widen(between, &q[s], s, QUANT_CONFIDENCE) << s;
	return by_frames;
}

static int fill_group(struct report *rep, struct report_group *g)
{
	uint64_t missed, due, missed_all = 0, due_all = 0;
	int64_t *pdv;
	double share;
	size_t i;
	int rc = 0;

	g->floor_p50_ns = g->floor_p99_ns = -1;
	for (i = 0; i < g->n_cells && !rc; i++) {
		add_counts(g, g->cell[i]);
		rc = add_samples(g, g->cell[i], rep->kind);
		result_missed(g->cell[i], &missed, &due);
		share = due ? (double)missed / (double)due : 0;
		g->missed_least = !i || share < g->missed_least ? share : g->missed_least;
		g->missed_most = share > g->missed_most ? share : g->missed_most;
		missed_all += g->cell[i]->deadline_ns ? missed : 0;
		due_all += g->cell[i]->deadline_ns ? due : 0;
	}
	quant_share(&g->missed, missed_all, due_all, QUANT_CONFIDENCE);
	quant_share(&g->lost_of, g->gone, g->n + g->gone, QUANT_CONFIDENCE);
	rc = rc ?: report_ptp_fill(g);
	if (rc || !g->n)
		return rc;
	pdv = malloc(g->n * sizeof(*pdv));
	if (!pdv)
		return -ENOMEM;
	quant_sort(g->ns, g->n);
	quant_sum(&g->sum, g->ns, g->n);
	g->by_frames = ladder(g->q, g->ns, g->n, &g->between);
	quant_pdv(pdv, g->ns, g->n);
	g->pdv_by_frames = ladder(g->pdv, pdv, g->n, &g->between_pdv);
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
	g->name = report_name(rep->result, c, REPORT_BOTH);
	g->id = report_id(c->name);
	g->floor = rep->result->varies[AXIS_BACKEND] && !strcmp(c->value[AXIS_BACKEND], "veth");
	return !g->name || !g->id ? -ENOMEM :
	       intern(&rep->setup, &rep->n_setups, report_name(rep->result, c, REPORT_SETUP), &g->setup) ?:
	       intern(&rep->cond, &rep->n_conds, report_name(rep->result, c, REPORT_COND), &g->cond);
}

/* A link (latest) will be another folder's tomorrow: what it leads to, beside it. NULL: out of memory. */
static char *real_folder(const char *dir)
{
	char to[PATH_MAX], *path = strdup(dir), *slash, *real = NULL;
	ssize_t n;

	if (!path)
		return NULL;
	for (n = (ssize_t)strlen(path); n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
	n = readlink(path, to, sizeof(to) - 1);
	if (n <= 0)
		return path;
	to[n] = '\0';
	slash = strrchr(path, '/');
	if (asprintf(&real, "%.*s%s", *to == '/' || !slash ? 0 : (int)(slash + 1 - path), path, to) < 0)
		real = NULL;
	free(path);
	return real;
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
		rep->folder = real_folder(r->dir);
		rc = rep->group && rep->folder ? 0 : -ENOMEM;
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
	report_rank(rep);
	rep->pdv = rep->rank;
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
	free(rep->folder);
	free(rep->setup);
	free(rep->cond);
	free(rep->group);
	memset(rep, 0, sizeof(*rep));
}
