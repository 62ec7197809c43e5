/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report_draw.h"

#include <errno.h>
#include <string.h>

#include "bench/gnuplot.h"

GNUPLOT_SCRIPT(report_gp_begin, "begin.gp");
GNUPLOT_SCRIPT(report_gp_cdf, "cdf.gp");
GNUPLOT_SCRIPT(report_gp_box, "box.gp");
GNUPLOT_SCRIPT(report_gp_phase, "phase.gp");
GNUPLOT_SCRIPT(report_gp_hops, "hops.gp");
GNUPLOT_SCRIPT(report_gp_causes, "causes.gp");
GNUPLOT_SCRIPT(report_gp_series, "series.gp");

static const struct figure {
	const char *name, *script, *title, *how;
	int (*make)(struct report_canvas *c);
} figures[REPORT_FIGURES] = {
	[FIGURE_CDF] = { "cdf", report_gp_cdf, "How many frames took longer than that",
		"A panel for each condition, a curve for each set-up. Further left is better; a curve that falls steeply is steady. Read across at \"1 in 1,000\": one frame of a thousand took longer than this. Both axes are "
		"logarithmic. Lost frames took longer than any: a curve that leaves at the right (dotted, with a triangle) instead of at the bottom lost that share.", report_cdf },
	[FIGURE_BOX] = { "box", report_gp_box, "Each cell by itself",
		"A line is one repetition of a cell, in its set-up's colour: the box holds the middle half of its frames, whiskers reach from p1 to p99 (to the fastest and slowest frame where there are too few frames to tell), the cross is the "
		"slowest of those that came. Repetitions of one name that do not look alike say how far its figures can be trusted.", report_box },
	[FIGURE_PHASE] = { "phase", report_gp_phase, "When in the cycle frames arrived",
		"A dot is a frame: time goes right, the place within the cycle at which the listener's kernel received it goes up. A flat line is a steady rhythm. "
		"The first repetition of each is shown; dots that would cover one another are drawn once.", report_phase },
	[FIGURE_HOPS] = { "hops", report_gp_hops, "Where frames spent their time in taktd",
		"The stay in taktd by its parts, as its records tell, and the rest of the way; at the left of frames in the middle (p45 to p55), at the right of the slowest hundredth. Behind each bar stands their latency "
		"on average. A colour that grows from left to right is where the tail comes from. Its parts may be longer together: taktd's hand-over can go on after the listener's kernel has the frame.", report_hops },
	[FIGURE_CAUSES] = { "causes", report_gp_causes, "What the slowest frames were waiting for",
		"What takt blame found: each cause's share of the time that the slowest frames took beyond what is usual (how much that was in all stands at the right). "
		"Time that nothing watched accounts for is called unknown.", report_causes },
	[FIGURE_SERIES] = { "series", report_gp_series, "How it went over time",
		"The first repetition of each, so that a disturbance can be told from a habit. Coloured dots that rise together with grey ones were held up by the machine, not by the set-up. Dots that would cover one another are "
		"drawn once.", report_series },
};

const char *report_figure_name(enum report_figure figure) { return figures[figure].name; }
const char *report_figure_title(enum report_figure figure) { return figures[figure].title; }
const char *report_figure_how(enum report_figure figure) { return figures[figure].how; }

/* -- drawing ------------------------------------------------------------------------------------------------------- */

/* Data and script; `drawn` says whether there are any. */
static int write_files(const struct figure *g, const struct report *rep, const char *dir, struct report_drawn *drawn, struct why *why)
{
	char dat[4096], gp[4096];
	struct report_canvas c = { .rep = rep, .note = drawn->note };
	int rc = 0, made = 0;

	c.dat = gnuplot_open(dir, g->name, "dat", dat, sizeof(dat), why);
	if (!c.dat)
		return -EIO;
	c.gp = gnuplot_open(dir, g->name, "gp", gp, sizeof(gp), why);
	if (!c.gp) {
		fclose(c.dat);
		return -EIO;
	}
	fprintf(c.gp, "# SPDX-License-Identifier: BSD-3-Clause\n# %s. `gnuplot %s.gp` in this folder draws it again.\n", g->title, g->name);
	made = g->make(&c);
	if (made < 0)
		rc = why_fail(why, -made, "%s: %s", g->name, strerror(-made));
	fprintf(c.gp, "%s%s", report_gp_begin, g->script);
	rc = gnuplot_close(c.dat, dat, rc ? NULL : why) ?: rc;
	rc = gnuplot_close(c.gp, gp, rc ? NULL : why) ?: rc;
	drawn->done = !rc && !made;
	if (!drawn->done) {
		remove(dat);
		remove(gp);
	}
	return rc;
}

int report_draw(const struct report *rep, enum report_figure figure, const char *dir, struct procs *set, struct report_drawn *drawn, struct why *why)
{
	const struct figure *g = &figures[figure];
	char script[32];
	int rc;

	memset(drawn, 0, sizeof(*drawn));
	if (!rep->n_measured) {
		snprintf(drawn->note, sizeof(drawn->note), "nothing was measured");
		return 0;
	}
	rc = write_files(g, rep, dir, drawn, why);
	if (rc || !drawn->done)
		return rc;
	snprintf(script, sizeof(script), "%s.gp", g->name);
	return gnuplot_draw(set, dir, script, why);
}
