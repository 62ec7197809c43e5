/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How latencies are distributed: curves with a long tail, and a box for each cell.
 */
#include "bench/report_draw.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/curve.h"

#define MAX_CURVES 48		/* in all */
#define MAX_BOXES  30		/* groups */
#define MAX_ROWS   100		/* cells */

/* -- curves: a panel for each condition ---------------------------------------------------------------------------- */

struct panels {
	size_t cond[MAX_CURVES], first[MAX_CURVES], count[MAX_CURVES], n;
	size_t curve[MAX_CURVES], n_curves;		/* groups, in the order of panels */
	size_t setup[MAX_CURVES], n_setups;		/* those that are drawn */
};

static void into_panels(const struct report *rep, const size_t *chosen, size_t n, struct panels *p)
{
	size_t c, i, k;

	for (c = 0; c < rep->n_conds; c++) {
		p->first[p->n] = p->n_curves;
		for (i = 0; i < n; i++)
			if (rep->group[chosen[i]].cond == c)
				p->curve[p->n_curves++] = chosen[i];
		p->count[p->n] = p->n_curves - p->first[p->n];
		p->cond[p->n] = c;
		p->n += p->count[p->n] > 0;
	}
	for (i = 0; i < n; i++) {
		for (k = 0; k < p->n_setups && p->setup[k] != rep->group[chosen[i]].setup; k++)
			;
		if (k == p->n_setups)
			p->setup[p->n_setups++] = rep->group[chosen[i]].setup;
	}
}

static void curves_head(struct report_canvas *c, const struct panels *p)
{
	const struct report *rep = c->rep;
	const char *names[MAX_CURVES];
	size_t i, k;

	fprintf(c->gp, "n = %zu\ncols = %d\ncurves = %zu\n", p->n, p->n > 4 ? 3 : p->n > 1 ? 2 : 1, p->n_setups);
	for (i = 0; i < p->n; i++)
		names[i] = rep->cond[p->cond[i]];
	report_gp_names(c->gp, "name", names, p->n, 60);
	for (i = 0; i < p->n_setups; i++)
		names[i] = *rep->setup[p->setup[i]] ? rep->setup[p->setup[i]] : "all cells";
	report_gp_names(c->gp, "legend", names, p->n_setups, 40);
	fprintf(c->gp, "array first[%zu] = [", p->n);
	for (i = 0; i < p->n; i++)
		fprintf(c->gp, "%s%zu", i ? ", " : "", p->first[i] + 1);
	fprintf(c->gp, "]\narray count[%zu] = [", p->n);
	for (i = 0; i < p->n; i++)
		fprintf(c->gp, "%s%zu", i ? ", " : "", p->count[i]);
	fprintf(c->gp, "]\narray setup[%zu] = [", p->n_curves);
	for (i = 0; i < p->n_curves; i++) {
		for (k = 0; p->setup[k] != rep->group[p->curve[i]].setup; k++)
			;
		fprintf(c->gp, "%s%zu", i ? ", " : "", k + 1);
	}
	fprintf(c->gp, "]\n");
}

int report_cdf(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_CURVES], n = report_select(rep, NULL, MAX_CURVES, chosen, c->note), i, most = 1;
	int64_t low = INT64_MAX, high = 0;
	struct panels p = { 0 };

	into_panels(rep, chosen, n, &p);
	fprintf(c->dat, "# %s in ns, share of frames that took longer\n", result_kind_name(rep->kind));
	for (i = 0; i < p.n_curves; i++) {
		const struct report_group *g = &rep->group[p.curve[i]];

		fprintf(c->dat, "%s# %s\n", i ? "\n\n" : "", g->id);
		curve_write(c->dat, g->ns, g->n, 1 / (double)g->n);
		low = g->sum.min < low ? g->sum.min : low;
		high = g->sum.max > high ? g->sum.max : high;
		most = g->n > most ? g->n : most;
	}
	curves_head(c, &p);
	fprintf(c->gp, "tail = %.3g\n", .4 / (double)most);
	report_gp_range(c, low, high);
	return 0;
}

/* -- boxes --------------------------------------------------------------------------------------------------------- */

struct boxes {
	struct report_canvas *c;
	int at;				/* row, from the top */
	int64_t low, high;
};

static int64_t told(const int64_t *v, size_t n, double p, int64_t otherwise)
{
	struct quant q;

	return quant_find(&q, v, n, p, QUANT_CONFIDENCE, NULL) ? otherwise : q.ns;
}

static int write_box(struct boxes *b, const struct result_cell *cell)
{
	int64_t *ns = NULL, min, max;
	size_t n = 0;
	int rc = result_latency(cell, b->c->rep->kind, &ns, NULL, &n);

	if (rc || !n) {
		free(ns);
		return rc;
	}
	quant_sort(ns, n);
	min = ns[0];
	max = ns[n - 1];
	fprintf(b->c->dat, "%d %g %g %g %g %g %g\n", b->at, curve_level(told(ns, n, .01, min)), curve_level(told(ns, n, .25, min)), curve_level(told(ns, n, .5, ns[(n - 1) / 2])),
		curve_level(told(ns, n, .75, max)), curve_level(told(ns, n, .99, max)), curve_level(max));
	b->low = min < b->low ? min : b->low;
	b->high = max > b->high ? max : b->high;
	free(ns);
	return 0;
}

int report_box(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_BOXES], n = report_select(rep, NULL, MAX_BOXES, chosen, c->note), i, k, cells = 0, most = 1;
	struct boxes b = { .c = c, .low = INT64_MAX };
	int mid[MAX_BOXES], edge[MAX_BOXES], rc = 0;

	for (i = 0; i < n; i++)
		most = rep->group[chosen[i]].n_cells > most ? rep->group[chosen[i]].n_cells : most;
	if (n * most > MAX_ROWS) {
		most = MAX_ROWS / n ?: 1;
		snprintf(c->note + strlen(c->note), REPORT_NOTE_LEN - strlen(c->note), "%sOf each, the first %zu repetitions are drawn.", *c->note ? " " : "", most);
	}
	fprintf(c->dat, "# row, then ns: p1, p25, median, p75, p99, greatest; a row is a cell\n");
	for (i = 0; i < n && !rc; i++) {
		const struct report_group *g = &rep->group[chosen[i]];
		int begin = b.at;

		fprintf(c->dat, "# %s\n", g->id);
		for (k = 0; k < g->n_cells && k < most && !rc; k++) {
			b.at += 8;
			rc = write_box(&b, g->cell[k]);
			b.at += 7;
			cells++;
		}
		mid[i] = (begin + b.at) / 2;
		b.at += 5;
		edge[i] = b.at;
		b.at += 5;
	}
	fprintf(c->gp, "cells = %zu\ngroups = %zu\ntop = %d\n", cells, n, b.at - 4);
	report_gp_groups(c, "name", chosen, n, 44);
	fprintf(c->gp, "array at_row[%zu]\narray line_at[%zu]\n", n, n);
	for (i = 0; i < n; i++)
		fprintf(c->gp, "at_row[%zu] = %d; line_at[%zu] = %d\n", i + 1, mid[i], i + 1, edge[i]);
	fprintf(c->gp, "left = %.3f\n", report_gp_left(rep, chosen, n, 1000));
	report_gp_range(c, b.low, b.high);
	return rc;
}
