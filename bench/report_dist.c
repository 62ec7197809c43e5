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
#define MAX_BOXES  40		/* groups */
#define MAX_ROWS   160		/* cells */

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

static void write_list(FILE *gp, const char *array, const size_t *v, size_t n, size_t add)
{
	size_t i;

	fprintf(gp, "array %s[%zu] = [", array, n);
	for (i = 0; i < n; i++)
		fprintf(gp, "%s%zu", i ? ", " : "", v[i] + add);
	fprintf(gp, "]\n");
}

static void curves_head(struct report_canvas *c, const struct panels *p, bool lossy)
{
	const struct report *rep = c->rep;
	const char *names[MAX_CURVES + 1];
	size_t i, setups[MAX_CURVES], lost[MAX_CURVES];

	fprintf(c->gp, "n = %zu\ncols = %d\ncurves = %zu\nlossy = %d\n", p->n, p->n > 4 ? 3 : p->n > 1 ? 2 : 1, p->n_setups, lossy);
	for (i = 0; i < p->n; i++)
		names[i] = rep->cond[p->cond[i]];
	report_gp_names(c->gp, "name", names, p->n, p->n > 4 ? 44 : 60);
	for (i = 0; i < p->n_setups; i++)
		names[i] = *rep->setup[p->setup[i]] ? rep->setup[p->setup[i]] : "all cells";
	names[p->n_setups] = "share that never came";
	report_gp_names(c->gp, "legend", names, p->n_setups + lossy, 44);
	report_gp_looks(c, "legend", p->setup, p->n_setups);
	for (i = 0; i < p->n_curves; i++) {
		setups[i] = rep->group[p->curve[i]].setup;
		lost[i] = rep->group[p->curve[i]].lost;
	}
	report_gp_looks(c, "of", setups, p->n_curves);
	write_list(c->gp, "first", p->first, p->n, 1);
	write_list(c->gp, "count", p->count, p->n, 0);
	write_list(c->gp, "lost", lost, p->n_curves, 0);
}

/* Of those that nothing came of there is no curve. */
static void note_silent(struct report_canvas *c)
{
	const char *before = "Nothing at all came of ";
	size_t i, len;

	for (i = 0; i < c->rep->n_groups; i++) {
		const struct report_group *g = &c->rep->group[i];

		if (g->n || !g->n_cells || !g->lost)
			continue;
		len = strlen(c->note);
		snprintf(c->note + len, REPORT_NOTE_LEN - len, "%s%s%s", *before == ';' || !len ? "" : " ", before, g->name);
		before = "; ";
	}
	len = strlen(c->note);
	if (*before == ';')
		snprintf(c->note + len, REPORT_NOTE_LEN - len, ".");
}

/* The curve, and where it goes on for ever: the share that was lost, from its slowest frame to the edge. */
static void write_group(FILE *dat, const struct report_group *g, double high_ns, bool first)
{
	double all = (double)(g->n + g->lost);

	fprintf(dat, "%s# %s\n", first ? "" : "\n\n", g->id);
	curve_write(dat, g->ns, g->n, g->lost, 1 / all);
	fprintf(dat, "\n\n# lost: %" PRIu64 "\n%.0f %.3e\n%.0f %.3e\n", g->lost, curve_level(g->sum.max), (double)g->lost / all, high_ns / 1.2, (double)g->lost / all);
}

int report_cdf(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_CURVES], n = report_select(rep, NULL, MAX_CURVES, chosen, c->note), i, most = 1;
	int64_t low = INT64_MAX, high = 0;
	double low_ns, high_ns;
	struct panels p = { 0 };
	bool lossy = false;

	into_panels(rep, chosen, n, &p);
	for (i = 0; i < p.n_curves; i++) {
		const struct report_group *g = &rep->group[p.curve[i]];

		low = g->sum.min < low ? g->sum.min : low;
		high = g->sum.max > high ? g->sum.max : high;
		most = g->n > most ? g->n : most;
		lossy = lossy || g->lost;
	}
	report_range(low, lossy ? 4 * high : high, &low_ns, &high_ns);	/* lossy: room to see that a curve goes on */
	fprintf(c->dat, "# %s in ns, share of all frames that took longer; two blocks a curve: itself, then the share that was lost\n", result_kind_name(rep->kind));
	for (i = 0; i < p.n_curves; i++)
		write_group(c->dat, &rep->group[p.curve[i]], high_ns, !i);
	curves_head(c, &p, lossy);
	note_silent(c);
	fprintf(c->gp, "tail = %.3g\n", .4 / (double)most);
	report_gp_range(c, low_ns, high_ns);
	return 0;
}

/* -- boxes --------------------------------------------------------------------------------------------------------- */

struct boxes {
	struct report_canvas *c;
	double at;			/* pixels from the top */
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
	fprintf(b->c->dat, "%g %g %g %g %g %g %g\n", b->at, curve_level(told(ns, n, .01, min)), curve_level(told(ns, n, .25, min)), curve_level(told(ns, n, .5, ns[(n - 1) / 2])),
		curve_level(told(ns, n, .75, max)), curve_level(told(ns, n, .99, max)), curve_level(max));
	b->low = min < b->low ? min : b->low;
	b->high = max > b->high ? max : b->high;
	free(ns);
	return 0;
}

/* All cells of a group about the middle of its row. */
static int write_boxes(struct boxes *b, const struct report_group *g, size_t cells, double middle, double px)
{
	size_t k;
	int rc = 0;

	fprintf(b->c->dat, "# %s\n", g->id);
	for (k = 0; k < cells && !rc; k++) {
		b->at = middle + px * ((double)k - (double)(cells - 1) / 2);
		rc = write_box(b, g->cell[k]);
	}
	return rc;
}

int report_box(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_BOXES], n = report_select(rep, NULL, MAX_BOXES, chosen, c->note), i, k, cells[MAX_BOXES], most = 1, setups[MAX_BOXES];
	struct boxes b = { .c = c, .low = INT64_MAX };
	double high[MAX_BOXES], middle[MAX_BOXES], low_ns, high_ns, px;
	int rc = 0;

	for (i = 0; i < n; i++)
		most = rep->group[chosen[i]].n_cells > most ? rep->group[chosen[i]].n_cells : most;
	if (n * most > MAX_ROWS) {
		most = MAX_ROWS / n ?: 1;
		snprintf(c->note + strlen(c->note), REPORT_NOTE_LEN - strlen(c->note), "%sOf each, the first %zu repetitions are drawn.", *c->note ? " " : "", most);
	}
	px = most < 3 ? 13 : 9;
	report_by_cond(rep, chosen, n);
	for (i = 0; i < n; i++) {
		k = rep->group[chosen[i]].n_cells;
		cells[i] = k < most ? k : most;
		high[i] = px * (double)cells[i] + 8 > 20 ? px * (double)cells[i] + 8 : 20;
		setups[i] = rep->group[chosen[i]].setup;
	}
	report_gp_rows(c, chosen, n, high, middle);
	report_gp_looks(c, "of", setups, n);
	fprintf(c->gp, "half = %g\n", px / 2 - 1);
	fprintf(c->dat, "# pixels from the top, then ns: p1, p25, median, p75, p99, greatest; a line is a cell, a block a row\n");
	for (i = 0; i < n && !rc; i++) {
		fprintf(c->dat, "%s", i ? "\n\n" : "");
		rc = write_boxes(&b, &rep->group[chosen[i]], cells[i], middle[i], px);
	}
	report_range(b.low, b.high, &low_ns, &high_ns);
	report_gp_range(c, low_ns, high_ns);
	return rc;
}
