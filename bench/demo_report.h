/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * demo_report: the results of the demo for people, for programs, and to draw.
 *
 * A folder holds meta.json, summary.json, summary.tsv, one .dat per curve, the .gp that draws each figure, its .svg, and report.html with all of
 * it inside; `gnuplot phase.gp` in the folder draws a figure again. What is measured is written before anything is drawn.
 */
#ifndef TAKT_BENCH_DEMO_REPORT_H
#define TAKT_BENCH_DEMO_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "base/out.h"
#include "base/why.h"
#include "bench/demo_check.h"
#include "bench/proc.h"

struct demo_report {
	const char *dir;		/* exists */
	const struct demo_run *runs;	/* DEMO_KINDS */
	const struct demo_verdict *verdict;
	json_t *meta;			/* meta_collect() and what the demo adds */
};

/* One sentence: did the gates hold? */
void demo_report_answer(const struct demo_report *r, char *buf, size_t size);

/* Tables and findings on the terminal, or as JSON. */
void demo_report_print(const struct demo_report *r, struct out *o);

/* summary.tsv: name, value, unit, a line each. */
int demo_report_summary(const struct demo_report *r, struct why *why);

/* Data and scripts; then the figures, by gnuplot. -EINTR, or -errno and a sentence. */
int demo_report_plot(const struct demo_report *r, struct procs *set, struct why *why);

/* report.html: opens from a file, asks the network for nothing. */
int demo_report_html(const struct demo_report *r, struct why *why);

#endif
