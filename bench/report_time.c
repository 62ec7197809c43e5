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
#include "bench/dots.h"

#define MAX_PANELS 18
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

/* Where each condition has as many groups, and few, it has a line of its own. `chosen` is by report_by_cond. */
static size_t cols_of(const struct report *rep, const size_t *chosen, size_t n)
{
	size_t per = 1, i;

	while (per < n && rep->group[chosen[per]].cond == rep->group[chosen[0]].cond)
		per++;
	for (i = per; i < n; i++)
		if ((rep->group[chosen[i]].cond == rep->group[chosen[i - 1]].cond) != (i % per != 0))
			break;
	if (n > 4 && i == n && n % per == 0 && per > 1 && per < 5)
		return per;
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
	size_t i, cols = cols_of(c->rep, chosen, n);
	int64_t t_begin, t_end;

	fprintf(c->gp, "n = %zu\ncols = %zu\n", n, cols);
	report_gp_titles(c, chosen, n, cols);
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

static void write_phase(struct report_canvas *c, const struct result_cell *cell, const struct cycle *x, struct dots *dots, size_t cols)
{
	int64_t t_begin, t_end, t;
	double at, phase;
	size_t i;

	span_of(cell, &t_begin, &t_end);
	dots_begin(dots, 0, seconds(t_end - t_begin) + .001, 0, (double)x->ns / 1e3, false, cols);
	fprintf(c->dat, "-1 -1\n");
	for (i = 0; i < cell->n_frames; i++) {
		const struct result_frame *f = &cell->frame[i];

		t = f->t_received ? f->t_received : f->t_arrival;
		if (!t || !f->t_due)
			continue;
		at = seconds(f->t_due - t_begin);
		phase = (double)ns_mod(t - x->t_base, x->ns) / 1e3;
		if (dots_take(dots, at, phase))
			fprintf(c->dat, "%.4f %.2f\n", at, phase);
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

static int64_t first_due(const struct result_cell *cell)
{
	int64_t t_begin, t_end;

	span_of(cell, &t_begin, &t_end);
	return t_begin;
}

static void note_phase(struct report_canvas *c, bool from_due)
{
	size_t len = strlen(c->note);

	snprintf(c->note + len, REPORT_NOTE_LEN - len, "%s%s", len ? " " : "", from_due ? "At 0 the frame was due; one that took longer than a cycle begins at the bottom again."
		 : "At 0 a cycle of the schedule begins; what is above the top goes on at the bottom. Where there are gates, frames leave in the shaded window, and dots lie in it, shifted by the rest of the way.");
}

int report_phase(struct report_canvas *c)
{
	size_t chosen[MAX_PANELS], n = report_select(c->rep, has_cycle, MAX_PANELS, chosen, c->note), i, gates = 0;
	struct dots *dots = malloc(sizeof(*dots));
	bool from_due = true;		/* without any gate a cycle begins where its frame is due */
	struct cycle x;

	if (!n || !dots) {
		snprintf(c->note, REPORT_NOTE_LEN, "no cell says what its cycle was");
		free(dots);
		return n ? -ENOMEM : 1;
	}
	report_by_cond(c->rep, chosen, n);
	head(c, chosen, n);
	for (i = 0; i < n; i++) {
		cycle_of(cell_of(c->rep, chosen[i]), &x);
		from_due = from_due && !x.open;
	}
	fprintf(c->dat, "# seconds since the cell began, microseconds %s\n", from_due ? "since a frame was due, less whole cycles" : "within the cycle");
	fprintf(c->gp, "from_due = %d\narray cycle_us[%zu]\n", from_due, n);
	note_phase(c, from_due);
	for (i = 0; i < n; i++) {
		cycle_of(cell_of(c->rep, chosen[i]), &x);
		if (from_due)
			x.t_base = first_due(cell_of(c->rep, chosen[i]));
		gates += few(x.open, MAX_WINDOWS);
		fprintf(c->gp, "cycle_us[%zu] = %.3f\n", i + 1, (double)x.ns / 1e3);
		fprintf(c->dat, "%s# %s\n", i ? "\n\n" : "", c->rep->group[chosen[i]].id);
		write_phase(c, cell_of(c->rep, chosen[i]), &x, dots, cols_of(c->rep, chosen, n));
	}
	fprintf(c->gp, "gates = %zu\narray gate_of[%zu]\narray gate_from[%zu]\narray gate_to[%zu]\n", gates, gates + 1, gates + 1, gates + 1);
	for (i = gates = 0; i < n; i++) {
		cycle_of(cell_of(c->rep, chosen[i]), &x);
		gates = write_gates(c->gp, &x, i + 1, gates);
	}
	free(dots);
	return 0;
}

/* -- along a cell -------------------------------------------------------------------------------------------------- */

/* What is drawn of a cell, one beside the other. */
enum { LATENCY, GAPS, WAKEUP, TRACKS };

struct track {
	int64_t *t, *ns;	/* since the first frame was due; how long */
	size_t n;
};

struct tracks { struct track of[MAX_PANELS][TRACKS]; struct dots dots; };

static int read_kind(struct track *x, const struct result_cell *cell, enum result_kind kind, int64_t t_begin)
{
	uint32_t *seqid = NULL;
	size_t i, k = 0;
	int rc = result_latency(cell, kind, &x->ns, &seqid, &x->n);

	x->t = rc ? NULL : calloc(x->n + 1, sizeof(*x->t));
	for (i = 0; x->t && i < x->n; i++)	/* both are in the order of frames */
		for (; k < cell->n_frames && cell->frame[k].seqid <= seqid[i]; k++)
			x->t[i] = cell->frame[k].t_due - t_begin;
	free(seqid);
	return rc ?: x->t ? 0 : -ENOMEM;
}

/* Poll gaps one by one, where somebody kept them. */
static int read_gaps(struct track *x, const struct report *rep, const struct result_cell *cell, int64_t t_begin)
{
	char path[4096], line[80];
	int64_t t, ns, *more;
	size_t room = 0;
	int rc = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/cells/%s/gaps.tsv", rep->result->dir, cell->name);
	f = plain_file_open(path, NULL);
	while (f && !rc && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNd64 " %" SCNd64, &t, &ns) != 2)
			continue;
		if (x->n == room) {
			room = room ? 2 * room : 256;
			more = realloc(x->t, room * sizeof(*more));
			x->t = more ? more : x->t;
			rc = more ? 0 : -ENOMEM;
			more = rc ? NULL : realloc(x->ns, room * sizeof(*more));
			x->ns = more ? more : x->ns;
			rc = more ? 0 : -ENOMEM;
		}
		if (rc)
			break;
		x->t[x->n] = t - t_begin;
		x->ns[x->n++] = ns;
	}
	if (f)
		fclose(f);
	return rc;
}

static void write_track(FILE *f, struct dots *dots, const struct track *x, const struct result_cell *cell, double low_ns, double high_ns, size_t cols)
{
	int64_t t_begin, t_end;
	size_t i;

	span_of(cell, &t_begin, &t_end);
	dots_begin(dots, 0, seconds(t_end - t_begin) + .001, low_ns, high_ns, true, cols);
	fprintf(f, "-1 1\n");
	for (i = 0; i < x->n; i++)
		if (dots_take(dots, seconds(x->t[i]), curve_level(x->ns[i])))
			fprintf(f, "%.4f %.0f\n", seconds(x->t[i]), curve_level(x->ns[i]));
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

static int read_tracks(struct tracks *x, const struct report *rep, const size_t *chosen, size_t n)
{
	int64_t t_begin, t_end;
	size_t i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++) {
		const struct result_cell *cell = cell_of(rep, chosen[i]);

		span_of(cell, &t_begin, &t_end);
		rc = read_kind(&x->of[i][LATENCY], cell, rep->kind, t_begin) ?: read_gaps(&x->of[i][GAPS], rep, cell, t_begin) ?:
		     read_kind(&x->of[i][WAKEUP], cell, RESULT_WAKEUP, t_begin);
	}
	return rc;
}

static void free_tracks(struct tracks *x)
{
	size_t i, k;

	for (i = 0; x && i < MAX_PANELS; i++)
		for (k = 0; k < TRACKS; k++) {
			free(x->of[i][k].t);
			free(x->of[i][k].ns);
		}
	free(x);
}

static void write_tracks(struct report_canvas *c, struct tracks *x, const size_t *chosen, size_t n)
{
	int64_t low = INT64_MAX, high = 0;
	double low_ns, high_ns;
	size_t i, k, j;

	for (i = 0; i < n; i++)
		for (k = 0; k < TRACKS; k++)
			for (j = 0; j < x->of[i][k].n; j++) {
				low = k == LATENCY && x->of[i][k].ns[j] < low ? x->of[i][k].ns[j] : low;
				high = x->of[i][k].ns[j] > high ? x->of[i][k].ns[j] : high;
			}
	report_range(low, high, &low_ns, &high_ns);
	for (i = 0; i < n; i++) {
		fprintf(c->dat, "%s# %s\n", i ? "\n\n" : "", cell_of(c->rep, chosen[i])->name);
		for (k = 0; k < TRACKS; k++) {
			fprintf(c->dat, "%s", k ? "\n\n" : "");
			write_track(c->dat, &x->dots, &x->of[i][k], cell_of(c->rep, chosen[i]), low_ns, high_ns, cols_of(c->rep, chosen, n));
		}
	}
	report_gp_range(c, low_ns, high_ns);
}

/* What is drawn beside frames, each said only where it is there. */
static void note_series(struct report_canvas *c, bool gaps, bool error, bool bad)
{
	size_t len = strlen(c->note);

	snprintf(c->note + len, REPORT_NOTE_LEN - len, "%s%s%s", gaps ? " Crosses are poll gaps of taktd's worker, as high as they were long: frames of that instant waited for the machine." : "",
		 error ? " Beneath the dashed line is what the clocks cannot tell." : "", bad ? " Frames of a shaded stretch do not count: the clock was not good." : "");
	if (*c->note == ' ')
		memmove(c->note, c->note + 1, strlen(c->note));
}

int report_series(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_PANELS], n = report_select(rep, NULL, MAX_PANELS, chosen, c->note), i, gaps = 0, bad = 0;
	struct tracks *x = calloc(1, sizeof(*x));
	int64_t t_begin, t_end, error_ns = 0;
	int rc = x ? 0 : -ENOMEM;

	report_by_cond(rep, chosen, n);
	rc = rc ?: read_tracks(x, rep, chosen, n);
	if (rc) {
		free_tracks(x);
		return rc;
	}
	head(c, chosen, n);
	fprintf(c->dat, "# seconds since the cell began, ns; three blocks a cell: %s, poll gaps, how late the talker woke up\n", result_kind_name(rep->kind));
	write_tracks(c, x, chosen, n);
	for (i = 0; i < n; i++) {
		gaps += x->of[i][GAPS].n;
		bad += few(json_object_get(json_object_get(cell_of(rep, chosen[i])->doc, "clock"), "bad"), MAX_BAD);
	}
	fprintf(c->gp, "any_gap = %d\nbad = %zu\narray bad_of[%zu]\narray bad_from[%zu]\narray bad_to[%zu]\narray error_ns[%zu]\n", gaps > 0, bad, bad + 1, bad + 1, bad + 1, n);
	for (i = bad = 0; i < n; i++) {
		const struct result_cell *cell = cell_of(rep, chosen[i]);

		span_of(cell, &t_begin, &t_end);
		bad = write_bad(c->gp, cell, i + 1, bad, t_begin);
		fprintf(c->gp, "error_ns[%zu] = %" PRId64 "\n", i + 1, cell->error_bound_ns);
		error_ns |= cell->error_bound_ns;
	}
	fprintf(c->gp, "any_error = %d\n", error_ns != 0);
	note_series(c, gaps > 0, error_ns != 0, bad > 0);
	free_tracks(x);
	return 0;
}
