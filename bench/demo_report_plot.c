/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data and scripts beside each other, then gnuplot. The scripts are files of their own (plots/) and part of this program.
 */
#include "bench/demo_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/curve.h"
#include "bench/demo_report_lib.h"
#include "bench/gnuplot.h"

#define MAX_DOTS  2500			/* per stream and panel: a figure that opens at once */

GNUPLOT_SCRIPT(script_phase, "demo/phase.gp");
GNUPLOT_SCRIPT(script_hops, "demo/hops.gp");
GNUPLOT_SCRIPT(script_cdf, "demo/cdf.gp");
GNUPLOT_SCRIPT(script_gaps, "demo/gaps.gp");

static const struct {
	const char *name, *script;
} figures[] = {
	{ "phase", script_phase }, { "hops", script_hops }, { "cdf", script_cdf }, { "gaps", script_gaps },
};

/* Colours that people with any colour vision tell apart (Okabe and Ito). */
static const char *const colours[DEMO_KINDS] = { "#7a7a7a", "#D55E00", "#E69F00", "#0072B2" };

static FILE *open_data(const struct demo_report *r, const char *figure, int kind, const char *rest, char *path, size_t size, struct why *why)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%s%s", figure, demo_names[kind], rest);
	return gnuplot_open(r->dir, name, "dat", path, size, why);
}

static void dot(FILE *f, const struct demo_run *run, int64_t t_out)
{
	fprintf(f, "%.4f %.2f\n", (double)(t_out - run->t_begin) / 1e9, (double)ns_mod(t_out, DEMO_CYCLE_NS) / 1e3);
}

/* Every n-th frame, and with gates each one outside the window, whatever n. */
static int write_phase(const struct demo_report *r, const struct demo_run *run, struct why *why)
{
	size_t step = run->n_plc / MAX_DOTS + 1, i;
	char path[512];
	FILE *f;
	int rc;

	f = open_data(r, "phase", run->kind, "-plc", path, sizeof(path), why);
	if (!f)
		return -EIO;
	fprintf(f, "# seconds, microseconds within the cycle\n");
	for (i = 0; i < run->n_plc; i++)
		if (run->plc[i].verdict == VERDICT_SENT &&
		    (i % step == 0 || (run->kind == DEMO_GATES && ns_mod(run->plc[i].t_out, DEMO_CYCLE_NS) > DEMO_WINDOW_NS)))
			dot(f, run, run->plc[i].t_out);
	rc = gnuplot_close(f, path, why);
	if (rc)
		return rc;
	f = open_data(r, "phase", run->kind, "-noise", path, sizeof(path), why);
	if (!f)
		return -EIO;
	fprintf(f, "# seconds, microseconds within the cycle\n-1 -1\n");
	step = run->n_dots / MAX_DOTS + 1;
	for (i = 0; i < run->n_dots; i += step)
		dot(f, run, run->dots[i].t_out);
	return gnuplot_close(f, path, why);
}

static int write_hops(const struct demo_report *r, const struct demo_run *run, struct why *why)
{
	const struct hist *x;
	char path[512];
	FILE *f = open_data(r, "hops", run->kind, "", path, sizeof(path), why);
	int h;

	if (!f)
		return -EIO;
	fprintf(f, "# hop, 1 %%, 25 %%, 50 %%, 75 %%, 99.9 %% (or what the count allows), maximum; ns, %d for less\n", CURVE_FLOOR_NS);
	for (h = 0; h <= HOP_COUNT; h++) {
		x = h < HOP_COUNT ? &run->stats[DEMO_PLC].hop[h] : &run->stats[DEMO_PLC].total;
		fprintf(f, "%d %g %g %g %g %g %g\n", h, curve_level(hist_quantile(x, .01)), curve_level(hist_quantile(x, .25)), curve_level(hist_quantile(x, .5)),
			curve_level(hist_quantile(x, .75)), curve_level(hist_quantile(x, hist_knows(x, .999) ? .999 : .99)), curve_level(x->max));
	}
	return gnuplot_close(f, path, why);
}

static int by_value(const void *a, const void *b)
{
	int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;

	return (p > q) - (p < q);
}

static int write_curve(const struct demo_report *r, const struct demo_run *run, const char *figure, int64_t *v, size_t n, double scale, struct why *why)
{
	char path[512];
	FILE *f = open_data(r, figure, run->kind, "", path, sizeof(path), why);

	if (!f)
		return -EIO;
	qsort(v, n, sizeof(*v), by_value);
	fprintf(f, "# ns, %s\n", !strcmp(figure, "cdf") ? "share of frames that stayed longer" : "longer gaps per second");
	curve_write(f, v, n, 0, scale);
	return gnuplot_close(f, path, why);
}

static int write_curves(const struct demo_report *r, const struct demo_run *run, struct why *why)
{
	double seconds = (double)(run->t_end - run->t_begin) / 1e9;
	int64_t *v = malloc((run->n_plc + run->n_gaps + 1) * sizeof(*v));
	size_t i, n = 0;
	int rc;

	if (!v)
		return why_fail(why, ENOMEM, "out of memory");
	for (i = 0; i < run->n_plc; i++)
		if (run->plc[i].verdict == VERDICT_SENT)
			v[n++] = run->plc[i].t_out - run->plc[i].t_seen;
	rc = write_curve(r, run, "cdf", v, n, n ? 1.0 / (double)n : 1, why);
	if (!rc) {
		for (i = n = 0; i < run->n_gaps; i++)
			if (run->gaps[i].t_end >= run->t_begin && run->gaps[i].t_begin <= run->t_end)
				v[n++] = run->gaps[i].t_end - run->gaps[i].t_begin;
		rc = write_curve(r, run, "gaps", v, n, seconds > 0 ? 1 / seconds : 1, why);
	}
	free(v);
	return rc;
}

static void write_tics(FILE *f, char axis)
{
	fprintf(f, "time_tics_%c = \"set %ctics ('10 ns' 1e1, '100 ns' 1e2, '1 µs' 1e3, '10 µs' 1e4, '100 µs' 1e5, '1 ms' 1e6, '10 ms' 1e7, "
		   "'100 ms' 1e8, '1 s' 1e9)\"\n", axis, axis);
}

static int write_params(const struct demo_report *r, struct why *why)
{
	int64_t top = 0, longest = 0;
	char path[512];
	FILE *f = gnuplot_open(r->dir, "params", "gp", path, sizeof(path), why);
	const struct demo_run *run;
	size_t most = 1000;
	int k, h;

	if (!f)
		return -EIO;
	fprintf(f, "# what the scripts need to know of these results\nruns = '");
	for (k = 0; k < DEMO_KINDS; k++)
		if (r->runs[k].done)
			fprintf(f, "%s ", demo_names[k]);
	fprintf(f, "'\nloaded = '");
	for (k = 0; k < DEMO_KINDS; k++) {
		run = &r->runs[k];
		if (run->done && (k != DEMO_QUIET || !r->runs[DEMO_GATES].done))
			fprintf(f, "%s ", demo_names[k]);
		top = run->stats[DEMO_PLC].total.max > top ? run->stats[DEMO_PLC].total.max : top;
		top = r->verdict->gaps[k].longest_ns > top ? r->verdict->gaps[k].longest_ns : top;
		longest = run->t_end - run->t_begin > longest ? run->t_end - run->t_begin : longest;
		most = run->n_plc > most ? run->n_plc : most;
	}
	fprintf(f, "'\ncycle_us = %g\nwindow_us = %g\nseconds = %.1f\ntop_ns = %g\ntail_min = %g\nhop_count = %d\n", (double)DEMO_CYCLE_NS / 1e3,
		(double)DEMO_WINDOW_NS / 1e3, (double)longest / 1e9, (double)top * 1.5 + 1e4, .4 / (double)most, HOP_COUNT + 1);
	fprintf(f, "title_of(run) = ");
	for (k = 0; k < DEMO_KINDS; k++)
		fprintf(f, "run eq '%s' ? '%s' : ", demo_names[k], demo_titles[k]);
	fprintf(f, "run\ncolour_of(run) = ");
	for (k = 0; k < DEMO_KINDS; k++)
		fprintf(f, "run eq '%s' ? '%s' : ", demo_names[k], colours[k]);
	fprintf(f, "'#000000'\nhop_tics = \"");
	for (h = 0; h < HOP_COUNT; h++)
		fprintf(f, "'%s' %d, ", pkt_hop_name(h), h);
	fprintf(f, "'whole stay' %d\"\n", HOP_COUNT);
	write_tics(f, 'x');
	write_tics(f, 'y');
	return gnuplot_close(f, path, why);
}

static int draw(const struct demo_report *r, struct procs *set, const char *name, const char *script, struct why *why)
{
	char path[512], file[32];
	FILE *f = gnuplot_open(r->dir, name, "gp", path, sizeof(path), why);
	int rc;

	if (!f)
		return -EIO;
	fputs(script, f);
	snprintf(file, sizeof(file), "%s.gp", name);
	rc = gnuplot_close(f, path, why);
	return rc ?: gnuplot_draw(set, r->dir, file, why);
}

int demo_report_plot(const struct demo_report *r, struct procs *set, struct why *why)
{
	size_t i;
	int k, rc;

	rc = write_params(r, why);
	for (k = 0; k < DEMO_KINDS && !rc; k++)
		if (r->runs[k].done)
			rc = write_phase(r, &r->runs[k], why) ?: write_hops(r, &r->runs[k], why) ?: write_curves(r, &r->runs[k], why);
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]) && !rc; i++)
		rc = draw(r, set, figures[i].name, figures[i].script, why);
	return rc;
}
