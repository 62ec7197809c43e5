/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happened when: frames within the cycle, and along a cell.
 */
#include "bench/report_draw.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "base/plain_file.h"
#include "bench/curve.h"

#define MAX_PANELS 12
#define MAX_DOTS   1500		/* of a kind and panel: a figure that opens at once */
#define MAX_GAPS   2000
#define MAX_WINDOWS 256		/* of a cycle */
#define MAX_BAD	   200		/* stretches */

static size_t few(const json_t *array, size_t most)
{
	return json_array_size(array) < most ? json_array_size(array) : most;
}

/* The first repetition: nobody chose it. */
static const struct result_cell *cell_of(const struct report *rep, size_t group)
{
	return rep->group[group].cell[0];
}

static int cols_of(size_t n)
{
	return n < 2 ? 1 : n < 5 ? 2 : 3;
}

static double seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

/* When the first frame was due, and for how long frames were. */
static void span_of(const struct result_cell *c, int64_t *t_begin, int64_t *t_end)
{
	size_t i;

	*t_begin = INT64_MAX;
	*t_end = 0;
	for (i = 0; i < c->n_frames; i++) {
		if (!c->frame[i].t_due)
			continue;
		*t_begin = c->frame[i].t_due < *t_begin ? c->frame[i].t_due : *t_begin;
		*t_end = c->frame[i].t_due > *t_end ? c->frame[i].t_due : *t_end;
	}
	if (*t_begin > *t_end)
		*t_begin = *t_end = 0;
}

static void head(struct report_canvas *c, const size_t *chosen, size_t n)
{
	int64_t t_begin, t_end;
	size_t i;

	fprintf(c->gp, "n = %zu\ncols = %d\n", n, cols_of(n));
	report_gp_groups(c, "name", chosen, n, n < 2 ? 90 : n < 5 ? 56 : 40);
	fprintf(c->gp, "array seconds[%zu] = [", n);
	for (i = 0; i < n; i++) {
		span_of(cell_of(c->rep, chosen[i]), &t_begin, &t_end);
		fprintf(c->gp, "%s%.3f", i ? ", " : "", seconds(t_end - t_begin) + .001);
	}
	fprintf(c->gp, "]\n");
}

/* -- within the cycle ---------------------------------------------------------------------------------------------- */

struct cycle {
	int64_t ns, t_base;
	const json_t *open;		/* pairs; NULL: no gates */
};

static int64_t integer(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* That of the schedule, else that of the traffic. */
static bool cycle_of(const struct result_cell *c, struct cycle *x)
{
	const json_t *gates = json_object_get(c->doc, "gates");

	x->ns = integer(gates, "cycle_ns");
	x->t_base = integer(gates, "t_base");
	x->open = json_object_get(gates, "open");
	if (x->ns > 0 && json_is_array(x->open))
		return true;
	x->ns = integer(json_object_get(c->doc, "traffic"), "cycle_ns");
	x->t_base = 0;
	x->open = NULL;
	return x->ns > 0;
}

static bool has_cycle(const struct report_group *g)
{
	struct cycle x;

	return cycle_of(g->cell[0], &x);
}

static void write_phase(struct report_canvas *c, const struct result_cell *cell, const struct cycle *x)
{
	size_t step = cell->n_frames / (2 * MAX_DOTS) + 1, i;
	int64_t t_begin, t_end, t;

	span_of(cell, &t_begin, &t_end);
	fprintf(c->dat, "-1 -1\n");
	for (i = 0; i < cell->n_frames; i += step) {
		const struct result_frame *f = &cell->frame[i];

		t = f->t_received ? f->t_received : f->t_arrival;
		if (t && f->t_due)
			fprintf(c->dat, "%.4f %.2f\n", seconds(f->t_due - t_begin), (double)ns_mod(t - x->t_base, x->ns) / 1e3);
	}
}

static size_t write_gates(FILE *gp, const struct cycle *x, size_t panel, size_t k)
{
	const json_t *window;
	size_t i;

	json_array_foreach(x->open, i, window) {
		if (i == MAX_WINDOWS)
			break;
		k++;
		fprintf(gp, "gate_of[%zu] = %zu; gate_from[%zu] = %.3f; gate_to[%zu] = %.3f\n", k, panel, k, (double)json_integer_value(json_array_get(window, 0)) / 1e3, k,
			(double)json_integer_value(json_array_get(window, 1)) / 1e3);
	}
	return k;
}

int report_phase(struct report_canvas *c)
{
	size_t chosen[MAX_PANELS], n = report_select(c->rep, has_cycle, MAX_PANELS, chosen, c->note), i, gates = 0;
	struct cycle x;

	if (!n) {
		snprintf(c->note, REPORT_NOTE_LEN, "no cell says what its cycle was");
		return 1;
	}
	head(c, chosen, n);
	fprintf(c->dat, "# seconds since the cell began, microseconds within the cycle\n");
	fprintf(c->gp, "array cycle_us[%zu]\n", n);
	for (i = 0; i < n; i++) {
		cycle_of(cell_of(c->rep, chosen[i]), &x);
		gates += few(x.open, MAX_WINDOWS);
		fprintf(c->gp, "cycle_us[%zu] = %.3f\n", i + 1, (double)x.ns / 1e3);
		fprintf(c->dat, "%s# %s\n", i ? "\n\n" : "", c->rep->group[chosen[i]].id);
		write_phase(c, cell_of(c->rep, chosen[i]), &x);
	}
	fprintf(c->gp, "gates = %zu\narray gate_of[%zu]\narray gate_from[%zu]\narray gate_to[%zu]\n", gates, gates + 1, gates + 1, gates + 1);
	for (i = gates = 0; i < n; i++) {
		cycle_of(cell_of(c->rep, chosen[i]), &x);
		gates = write_gates(c->gp, &x, i + 1, gates);
	}
	return 0;
}

/* -- along a cell -------------------------------------------------------------------------------------------------- */

/* Of each stretch, one as it comes and the longest. */
static void thinned(FILE *f, const int64_t *t, const int64_t *ns, size_t n)
{
	size_t step = n / MAX_DOTS + 1, i, k, most;

	fprintf(f, "-1 1\n");
	for (i = 0; i < n; i += step) {
		for (most = k = i; k < n && k < i + step; k++)
			most = ns[k] > ns[most] ? k : most;
		fprintf(f, "%.4f %.0f\n", seconds(t[i]), curve_level(ns[i]));
		if (most != i)
			fprintf(f, "%.4f %.0f\n", seconds(t[most]), curve_level(ns[most]));
	}
}

static int write_kind(FILE *f, const struct result_cell *cell, enum result_kind kind, int64_t t_begin)
{
	uint32_t *seqid = NULL;
	int64_t *ns = NULL;
	size_t n = 0, i, k = 0;
	int rc = result_latency(cell, kind, &ns, &seqid, &n);
	int64_t *t = rc ? NULL : calloc(n + 1, sizeof(*t));

	if (t) {
		for (i = 0; i < n; i++)	/* both are in the order of frames */
			for (; k < cell->n_frames && cell->frame[k].seqid <= seqid[i]; k++)
				t[i] = cell->frame[k].t_due - t_begin;
		thinned(f, t, ns, n);
	}
	rc = rc ?: t ? 0 : -ENOMEM;
	free(t);
	free(ns);
	free(seqid);
	return rc;
}

/* Poll gaps one by one, where somebody kept them. */
static size_t write_gaps(struct report_canvas *c, const struct result_cell *cell, int64_t t_begin)
{
	char path[4096], line[80];
	size_t n = 0;
	int64_t t, ns;
	FILE *f;

	fprintf(c->dat, "-1 1\n");
	snprintf(path, sizeof(path), "%s/cells/%s/gaps.tsv", c->rep->result->dir, cell->name);
	f = plain_file_open(path, NULL);
	for (; f && n < MAX_GAPS && fgets(line, sizeof(line), f); n++)
		if (sscanf(line, "%" SCNd64 " %" SCNd64, &t, &ns) == 2)
			fprintf(c->dat, "%.4f %.0f\n", seconds(t - t_begin), curve_level(ns));
	if (f)
		fclose(f);
	return n;
}

static size_t write_bad(FILE *gp, const struct result_cell *cell, size_t panel, size_t k, int64_t t_begin)
{
	const json_t *stretch, *bad = json_object_get(json_object_get(cell->doc, "clock"), "bad");
	size_t i;

	json_array_foreach(bad, i, stretch) {
		if (i == MAX_BAD)
			break;
		k++;
		fprintf(gp, "bad_of[%zu] = %zu; bad_from[%zu] = %.4f; bad_to[%zu] = %.4f\n", k, panel, k, seconds(json_integer_value(json_array_get(stretch, 0)) - t_begin), k,
			seconds(json_integer_value(json_array_get(stretch, 1)) - t_begin));
	}
	return k;
}

int report_series(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_PANELS], n = report_select(rep, NULL, MAX_PANELS, chosen, c->note), i, gaps = 0, bad = 0;
	int64_t low = INT64_MAX, high = 0, t_begin, t_end, error_ns = 0;
	int rc = 0;

	head(c, chosen, n);
	fprintf(c->dat, "# seconds since the cell began, ns; three blocks a cell: %s, poll gaps, how late the talker woke up\n", result_kind_name(rep->kind));
	for (i = 0; i < n && !rc; i++) {
		const struct report_group *g = &rep->group[chosen[i]];
		const struct result_cell *cell = g->cell[0];

		span_of(cell, &t_begin, &t_end);
		fprintf(c->dat, "%s# %s\n", i ? "\n\n" : "", cell->name);
		rc = write_kind(c->dat, cell, rep->kind, t_begin);
		fprintf(c->dat, "\n\n");
		gaps += write_gaps(c, cell, t_begin);
		fprintf(c->dat, "\n\n");
		rc = rc ?: write_kind(c->dat, cell, RESULT_WAKEUP, t_begin);
		low = g->sum.min < low ? g->sum.min : low;
		high = g->sum.max > high ? g->sum.max : high;
		bad += few(json_object_get(json_object_get(cell->doc, "clock"), "bad"), MAX_BAD);
	}
	report_gp_range(c, low / 2, high);
	fprintf(c->gp, "any_gap = %d\nbad = %zu\narray bad_of[%zu]\narray bad_from[%zu]\narray bad_to[%zu]\narray error_ns[%zu]\n", gaps > 0, bad, bad + 1, bad + 1, bad + 1, n);
	for (i = bad = 0; i < n; i++) {
		const struct result_cell *cell = cell_of(rep, chosen[i]);

		span_of(cell, &t_begin, &t_end);
		bad = write_bad(c->gp, cell, i + 1, bad, t_begin);
		fprintf(c->gp, "error_ns[%zu] = %" PRId64 "\n", i + 1, cell->error_bound_ns);
		error_ns |= cell->error_bound_ns;
	}
	fprintf(c->gp, "any_error = %d\n", error_ns != 0);
	return rc;
}
