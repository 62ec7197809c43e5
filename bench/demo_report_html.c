/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The answer first, then the figures, then how to read them, then what limits the trust in them.
 */
#include "bench/demo_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/demo_report_lib.h"
#include "bench/html.h"

static void cell(FILE *f, const struct hist *h, int q)
{
	char buf[NS_STR_LEN];

	fprintf(f, "<td>%s</td>", demo_report_value(buf, h, &demo_report_quantiles[q]));
}

/* A file of the folder as it is; from <svg on when it is a figure. */
static int include(FILE *f, const struct demo_report *r, const char *name, bool figure, struct why *why)
{
	char path[512], line[8192];
	bool on = !figure;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	in = fopen(path, "re");
	if (!in)
		return why_fail(why, errno, "cannot read %s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), in)) {
		on = on || !strncmp(line, "<svg", 4);
		if (on && figure)
			fputs(line, f);
		else if (on)
			html_text(f, line);
	}
	fclose(in);
	return 0;
}

static void runs_table(FILE *f, const struct demo_report *r)
{
	const struct demo_window *w;
	const struct demo_run *run;
	uint64_t dropped;
	int k, i;

	fprintf(f, "<div class=wide><table><thead><tr><th>run<th>plc frames<th>dropped<th>in window<th>overruns (with poll gap)<th>outside"
		   "<th>stay p50<th>p99<th>p99.9<th>max<th>noise frames</tr></thead>\n");
	for (k = 0; k < DEMO_KINDS; k++) {
		run = &r->runs[k];
		w = &r->verdict->window[k];
		if (!run->done)
			continue;
		for (dropped = 0, i = VERDICT_SENT + 1; i < VERDICT_COUNT; i++)
			dropped += run->stats[DEMO_PLC].dropped[i];
		fprintf(f, "<tr><td>%s<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64, demo_titles[k], w->frames, dropped, w->inside);
		if (k == DEMO_GATES)
			fprintf(f, "<td>%" PRIu64 " (%" PRIu64 ")<td>%" PRIu64, w->overruns + w->unmatched, w->overruns, w->outside);
		else
			fprintf(f, "<td class=dim>no gate<td class=dim>no gate");
		for (i = 0; i < DEMO_QUANTILES; i++)
			cell(f, &run->stats[DEMO_PLC].total, i);
		fprintf(f, "<td>%" PRIu64 "</tr>\n", run->stats[DEMO_NOISE].sent);
	}
	fprintf(f, "</table></div>\n");
}

static void hops_table(FILE *f, const struct demo_report *r, enum demo_stream s)
{
	int k, h, q;

	fprintf(f, "<div class=wide><table><thead><tr><th>run<th>");
	for (h = 0; h < HOP_COUNT; h++)
		fprintf(f, "<th>%s", pkt_hop_name(h));
	fprintf(f, "<th>whole stay</tr></thead>\n");
	for (k = 0; k < DEMO_KINDS; k++)
		for (q = 0; q < DEMO_QUANTILES && r->runs[k].stats[s].sent; q++) {
			fprintf(f, "<tr><td>%s<td>%s", q ? "" : demo_titles[k], demo_report_quantiles[q].name);
			for (h = 0; h < HOP_COUNT; h++)
				cell(f, &r->runs[k].stats[s].hop[h], q);
			cell(f, &r->runs[k].stats[s].total, q);
			fprintf(f, "</tr>\n");
		}
	fprintf(f, "</table></div>\n");
}

static void shift_cell(FILE *f, int64_t shift, bool explained)
{
	char buf[NS_STR_LEN];

	fprintf(f, "<td%s>%s%s%s", explained ? "" : " class=no", shift > 0 ? "+" : "", ns_str(buf, shift), explained ? "" : " *");
}

static void floor_table(FILE *f, const struct demo_report *r)
{
	const struct demo_floor *x;
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN], d[NS_STR_LEN];
	int h, k;

	fprintf(f, "<h2>What the flood moved</h2><p>The plc's hops under flood against the quiet run, <code>gate</code> and <code>port</code> "
		   "left out since moving those is the schedule's purpose. The floor is the spread of the same figure over ten slices of the quiet run. "
		   "A shift is explained when it is no larger; for p99 also when that holds for the frames that no poll gap of 50 µs or more touched. "
		   "<span class=no>*</span> marks what the floor does not explain: the worker that serves the flood is in the middle of a burst more "
		   "often when a frame of the plc arrives, so its turns are longer (<code>queue</code> holds the rest of the turn), and its caches are "
		   "colder.</p>\n<div class=wide><table><thead><tr><th>hop<th>quiet p50<th>floor<th>quiet p99<th>floor<th>strict p50<th>strict p99"
		   "<th>gates p50<th>gates p99</tr></thead>\n");
	for (h = 0; h < HOP_COUNT; h++) {
		if (h == HOP_GATE || h == HOP_PORT)
			continue;
		x = &r->verdict->floor[h];
		fprintf(f, "<tr><td>%s<td>%s<td>%s<td>%s<td>%s", pkt_hop_name(h), ns_str(a, x->p50[DEMO_QUIET]), ns_str(b, x->floor50),
			ns_str(c, x->p99[DEMO_QUIET]), ns_str(d, x->floor99));
		for (k = DEMO_STRICT; k <= DEMO_GATES; k++) {
			if (!r->runs[k].done) {
				fprintf(f, "<td>-<td>-");
				continue;
			}
			shift_cell(f, x->p50[k] - x->p50[DEMO_QUIET], x->explained50[k]);
			shift_cell(f, x->p99[k] - x->p99[DEMO_QUIET], x->explained99[k]);
		}
		fprintf(f, "</tr>\n");
	}
	fprintf(f, "</table></div>\n");
}

static void trust(FILE *f, const struct demo_report *r)
{
	const struct demo_witness *w;
	const struct demo_gaps *g;
	const struct demo_run *run;
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN], d[NS_STR_LEN];
	int k;

	fprintf(f, "<h2>What limits the trust</h2><p><b>The plc's clock</b> is a guest's, and nobody disciplines it here: it wakes up 600 µs after the "
		   "start of its own cycle, which lies elsewhere in ours from run to run. With gates that moves the wait, not the departure.</p><p><b>The capture</b> is another program, in another network namespace, with the kernel's stamps. "
		   "Frames are paired by the number in their payload; <i>error</i> is stamp minus t<sub>out</sub>. The kernel stamps a frame while the "
		   "driver call is under way, so a stamp between the choice of a frame and its t<sub>out</sub> contradicts nothing.</p>\n"
		   "<div class=wide><table><thead><tr><th>run<th>pairs<th>not captured<th>kernel dropped<th>not in records<th>out of order"
		   "<th>error 0.1 %%<th>p50<th>99.9 %%<th>stamps within hand-over<th>others at most</tr></thead>\n");
	for (k = 0; k < DEMO_KINDS; k++) {
		w = &r->verdict->witness[k];
		if (!r->runs[k].done)
			continue;
		fprintf(f, "<tr><td>%s<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%s<td>%s<td>%s<td>%" PRIu64
			   "<td>%s off</tr>\n", demo_titles[k], w->pairs, w->missing, r->runs[k].capture_drops, w->unexpected, w->swapped,
			ns_str(a, w->error.p01), ns_str(b, w->error.p50), ns_str(c, w->error.p999), w->within,
			ns_str(d, w->early_ns > w->late_ns ? w->early_ns : w->late_ns));
	}
	w = &r->verdict->witness[DEMO_GATES];
	fprintf(f, "</table></div>\n");
	if (r->runs[DEMO_GATES].done)
		fprintf(f, "<p>Captured stamps of the gates run outside the window by more than %s (99.9 %% of the error's size in the quiet and the "
			   "strict run): <b>%" PRIu64 "</b>, of which %" PRIu64 " in a poll gap.</p>\n", ns_str(a, w->bound_ns), w->outside, w->outside_gap);
	fprintf(f, "<p><b>Poll gaps</b> are intervals of at least %s in which the worker did not see its clock: at work on a burst, inside a driver, or preempted; those of 50 µs and more are preemption. "
		   "The quiet run's are the machine's own noise floor.</p>\n"
		   "<div class=wide><table><thead><tr><th>run<th>poll gaps<th>between turns<th>in receive<th>in send<th>in all<th>longest<th>plc frames that met 50 µs or more"
		   "<th>records lost<th>hops that do not add up</tr></thead>\n", ns_str(a, DEMO_GAP_NS));
	for (k = 0; k < DEMO_KINDS; k++) {
		g = &r->verdict->gaps[k];
		run = &r->runs[k];
		if (!run->done)
			continue;
		fprintf(f, "<tr><td>%s<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%s<td>%s<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64
			   "</tr>\n", demo_titles[k], g->count, g->where[0], g->where[1], g->where[2], ns_str(a, g->lost_ns),
			ns_str(b, g->longest_ns), g->touched, run->lost, run->stats[DEMO_PLC].bad_sums + run->stats[DEMO_NOISE].bad_sums);
	}
	fprintf(f, "</table></div>\n");
}

static int figure(FILE *f, const struct demo_report *r, const char *file, const char *title, const char *how, struct why *why)
{
	int rc;

	fprintf(f, "<h2>%s</h2><p>%s</p>\n<figure>", title, how);
	rc = include(f, r, file, true, why);
	fprintf(f, "</figure>\n");
	return rc;
}

static int figures(FILE *f, const struct demo_report *r, struct why *why)
{
	return figure(f, r, "phase.svg", "When frames left",
		      "Each dot is a frame handed to the wire: time goes right, the place within the 1 ms cycle goes up. With gates, blue stays in the "
		      "green window and grey stays out of it. Slanted or scattered blue is jitter a receiver would see.", why) ?:
	       figure(f, r, "hops.svg", "Where the plc's frames spent their time",
		      "A box holds the middle half of the frames, the black line is the median, whiskers reach from 1 % to 99.9 %, the cross is the "
		      "maximum. The axis is logarithmic; 10 ns stands for 10 ns and less. With gates the wait moves into <code>gate</code>: bought on "
		      "purpose.", why) ?:
	       figure(f, r, "cdf.svg", "How long they stayed",
		      "Read across at 10<sup>-3</sup>: one frame of a thousand stayed longer than this. With gates most of the stay is the wait for the "
		      "window, which the plc could avoid by sending later in its cycle.", why) ?:
	       figure(f, r, "gaps.svg", "The noise floor of this machine",
		      "How often the worker did not see its clock for longer than this. What is far right here is time taken by the host (preemption, "
		      "interrupts, a hypervisor) or by a driver, not by the schedule.", why);
}

static int details(FILE *f, const struct demo_report *r, struct why *why)
{
	char *meta = json_dumps(r->meta, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	char name[64];
	int k, rc = 0;

	fprintf(f, "<h2>Details</h2><details><summary>Hops of both streams, every run</summary><p>plc, priority 7</p>\n");
	hops_table(f, r, DEMO_PLC);
	fprintf(f, "<p>noise, best effort</p>\n");
	hops_table(f, r, DEMO_NOISE);
	fprintf(f, "</details><details><summary>Machine, versions, command</summary><pre>");
	html_text(f, meta ? meta : "");
	fprintf(f, "</pre></details>\n");
	free(meta);
	for (k = 0; k < DEMO_KINDS && !rc; k++) {
		if (!r->runs[k].done)
			continue;
		fprintf(f, "<details><summary>%s: configuration, and what plc and capture said</summary><pre>", demo_titles[k]);
		snprintf(name, sizeof(name), "%s.yaml", demo_names[k]);
		rc = include(f, r, name, false, why);
		fprintf(f, "\n");
		html_text(f, r->runs[k].plc_says);
		html_text(f, r->runs[k].capture_says);
		fprintf(f, "</pre></details>\n");
	}
	return rc;
}

int demo_report_html(const struct demo_report *r, struct why *why)
{
	char path[512], answer[320];
	FILE *f = demo_report_open(r, "report.html", path, sizeof(path), why);
	int rc;

	if (!f)
		return -EIO;
	demo_report_answer(r, answer, sizeof(answer));
	fprintf(f, "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">"
		   "<title>takt: do the gates hold?</title><style>%s</style>\n<h1>takt demo: do the gates hold?</h1>\n", html_css);
	fprintf(f, "<p class=\"answer %s\">", r->verdict->held ? "held" : "broken");
	html_text(f, answer);
	fprintf(f, "</p><p>Two Linux guests share a 1 Gb/s wire through taktd. <b>plc</b> sends one frame of priority 7 every millisecond, <b>noise</b> "
		   "floods best effort. The same under three schedules, and once without noise.</p>\n");
	runs_table(f, r);
	rc = figures(f, r, why);
	if (!rc && r->runs[DEMO_QUIET].done)
		floor_table(f, r);
	if (!rc) {
		trust(f, r);
		rc = details(f, r, why);
	}
	fprintf(f, "<p class=dim>%s, revision %s. Frames captured: *.pcapng beside this file. <code>gnuplot phase.gp</code> draws a figure again.</p>\n",
		json_string_value(json_object_get(r->meta, "time")), json_string_value(json_object_get(r->meta, "rev")));
	if (fclose(f) && !rc)
		rc = why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	return rc;
}
