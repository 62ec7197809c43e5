/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_draw: a report's figures: FIGURE.dat, FIGURE.gp that draws it (`gnuplot FIGURE.gp` in the folder), FIGURE.svg, FIGURE.png. The scripts are files of their own (plots/) and part of this program;
 * what they need to know of these results stands at their beginning.
 */
#ifndef TAKT_BENCH_REPORT_DRAW_H
#define TAKT_BENCH_REPORT_DRAW_H

#include <stdio.h>

#include "bench/proc.h"
#include "bench/report.h"

#define REPORT_NOTE_LEN 1280

enum report_figure { FIGURE_CDF, FIGURE_BOX, FIGURE_PHASE, FIGURE_HOPS, FIGURE_CAUSES, FIGURE_SERIES, REPORT_FIGURES };

struct report_drawn {
	bool done;			/* else `note` says why there is none */
	char note[REPORT_NOTE_LEN];	/* what was left out; "" for nothing */
};

/* One figure into the folder. -EINTR, or -errno and a sentence. */
int report_draw(const struct report *rep, enum report_figure figure, const char *dir, struct procs *set, struct report_drawn *drawn, struct why *why);

const char *report_figure_name(enum report_figure figure);	/* "cdf": of its files */
const char *report_figure_title(enum report_figure figure);
const char *report_figure_how(enum report_figure figure);	/* how to read it: one or two sentences */

/* -- inside: what one figure is made of --------------------------------------------------------------------------- */

struct report_canvas {
	const struct report *rep;
	FILE *dat, *gp;			/* data, and the head of the script */
	char *note;			/* REPORT_NOTE_LEN */
};

/*
 * Which groups have room: all of those with samples that `fits` takes (NULL: all do) when they are no more than `max`, else without the floor, and where
 * these are too many too the fastest and the slowest as the table ranks them, half each, in the order of the report; then *note (REPORT_NOTE_LEN) says so. Returns how many; `chosen` has max places.
 */
size_t report_select(const struct report *rep, bool (*fits)(const struct report_group *g), size_t max, size_t *chosen, char *note);

/* 0: drawn; 1: there is nothing to draw, and note says why; -ENOMEM. */
int report_cdf(struct report_canvas *c);
int report_box(struct report_canvas *c);
int report_phase(struct report_canvas *c);
int report_hops(struct report_canvas *c);
int report_causes(struct report_canvas *c);
int report_series(struct report_canvas *c);

/* Heads: arrays of gnuplot's. A name longer than `len` characters is cut. */
void report_gp_names(FILE *gp, const char *array, const char *const *names, size_t n, size_t len);

/* How a set-up looks, the same in all figures of a report: "#0072B2", and a dash of gnuplot's from 1 (none) on. */
struct report_look { const char *colour; int dash; };
struct report_look report_look(const struct report *rep, size_t setup);
void report_gp_looks(struct report_canvas *c, const char *prefix, const size_t *setups, size_t n);	/* PREFIX_colour, PREFIX_dash */

#define REPORT_MOST_ROWS 48	/* or panels, of a figure */

/* Of panels, `cols` beside each other: name and under, the two lines of each title, and of_colour, of_dash of its set-up. */
void report_gp_titles(struct report_canvas *c, const size_t *chosen, size_t n, size_t cols);

/*
 * Rows one beneath another, names at the left; those of one condition are neighbours (`chosen` is by report_by_cond) beneath a head that says it. high[]: what each takes, in pixels; middle[]: where it is, from
 * the top. Written are n, name, row_at; heads, head, head_at; rows_px, the height of all; left, the share of a width of 1,000 pixels that names need.
 */
void report_by_cond(const struct report *rep, size_t *chosen, size_t n);
void report_gp_rows(struct report_canvas *c, const size_t *chosen, size_t n, const double *high, double *middle);

void report_range(int64_t least, int64_t most, double *low_ns, double *high_ns);	/* of a logarithmic axis */
void report_gp_range(struct report_canvas *c, double low_ns, double high_ns);	/* low_ns, high_ns, and what the axis is called */

#endif
