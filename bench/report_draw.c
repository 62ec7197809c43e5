/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report_draw.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/curve.h"
#include "bench/gnuplot.h"

#define SCRIPT(name)                                                                                  \
	__asm__(".pushsection .rodata\n"                                                              \
		"report_gp_" #name ": .incbin \"bench/plots/" #name ".gp\"\n.byte 0\n"                \
		".popsection\n");                                                                     \
	extern const char report_gp_##name[]

SCRIPT(begin);
SCRIPT(cdf);
SCRIPT(box);
SCRIPT(phase);
SCRIPT(hops);
SCRIPT(causes);
SCRIPT(series);

static const struct figure {
	const char *name, *script, *title, *how;
	int (*make)(struct report_canvas *c);
} figures[REPORT_FIGURES] = {
	[FIGURE_CDF] = { "cdf", report_gp_cdf, "How many frames took longer than that",
		"A curve further left is better; one that falls steeply is steady. Read across at \"1 in 1,000\": one frame of a thousand took longer than this. Both axes are logarithmic.", report_cdf },
	[FIGURE_BOX] = { "box", report_gp_box, "Each cell by itself",
		"A line is one repetition: the box holds the middle half of its frames, whiskers reach from p1 to p99 (to the fastest and slowest frame where there are too few frames to tell), the cross is the "
		"slowest frame. Repetitions of one name that do not look alike say how far its figures can be trusted.", report_box },
	[FIGURE_PHASE] = { "phase", report_gp_phase, "When in the cycle frames arrived",
		"A dot is a frame: time goes right, the place within the cycle at which the listener's kernel received it goes up. A flat line is a steady rhythm; with gates, dots lie in the green window, shifted "
		"by the rest of the way.", report_phase },
	[FIGURE_HOPS] = { "hops", report_gp_hops, "Where frames spent their time",
		"The stay in taktd by its parts, as its records tell, and the rest of the way; at the left of frames in the middle (p45 to p55), at the right of the slowest hundredth. A colour that grows from left "
		"to right is where the tail comes from. A bar may be longer than the latency: taktd's hand-over can go on after the listener's kernel has the frame.", report_hops },
	[FIGURE_CAUSES] = { "causes", report_gp_causes, "What the slowest frames were waiting for",
		"What takt blame found: each cause's share of the time that the slowest frames took beyond what is usual (how much that was in all stands at the right). "
		"Time that nothing watched accounts for is called unknown.", report_causes },
	[FIGURE_SERIES] = { "series", report_gp_series, "How it went over time",
		"One repetition of each name, so that a disturbance can be told from a habit. Blue dots that rise together with grey ones or crosses were held up by the machine, not by the set-up.", report_series },
};

const char *report_figure_name(enum report_figure figure) { return figures[figure].name; }
const char *report_figure_title(enum report_figure figure) { return figures[figure].title; }
const char *report_figure_how(enum report_figure figure) { return figures[figure].how; }

/* -- heads --------------------------------------------------------------------------------------------------------- */

static void put_cut(FILE *gp, const char *name, size_t len)
{
	char text[128];

	snprintf(text, sizeof(text), "%.*s%s", (int)(strlen(name) > len ? len - 2 : len), name, strlen(name) > len ? ".." : "");
	gnuplot_str(gp, text);
}

void report_gp_names(FILE *gp, const char *array, const char *const *names, size_t n, size_t len)
{
	size_t i;

	fprintf(gp, "array %s[%zu] = [", array, n ? n : 1);
	for (i = 0; i < n; i++) {
		fputs(i ? ", " : "", gp);
		put_cut(gp, names[i], len);
	}
	fprintf(gp, "%s]\n", n ? "" : "''");
}

void report_gp_groups(struct report_canvas *c, const char *array, const size_t *chosen, size_t n, size_t len)
{
	const char **names = calloc(n + 1, sizeof(*names));
	size_t i;

	for (i = 0; names && i < n; i++)
		names[i] = c->rep->group[chosen[i]].name;
	report_gp_names(c->gp, array, names, names ? n : 0, len);
	free(names);
}

void report_gp_range(struct report_canvas *c, int64_t least, int64_t most)
{
	double low = curve_level(least), high = curve_level(most);

	/* A quarter of a decade at each side. */
	fprintf(c->gp, "low_ns = %.4g\nhigh_ns = %.4g\naxis = ", fmax(low / 1.8, CURVE_FLOOR_NS * .9), fmax(high * 1.8, low * 12));
	gnuplot_str(c->gp, result_kind_name(c->rep->kind));
	fputc('\n', c->gp);
}

double report_gp_left(const struct report *rep, const size_t *chosen, size_t n, double width)
{
	size_t i, longest = 8;

	for (i = 0; i < n; i++)
		longest = strlen(rep->group[chosen[i]].name) > longest ? strlen(rep->group[chosen[i]].name) : longest;
	return ((double)(longest > 44 ? 44 : longest) * 7.6 + 24) / width;
}

/* -- drawing ------------------------------------------------------------------------------------------------------- */

static FILE *open_file(const char *dir, const char *name, const char *end, char *path, size_t size, struct why *why)
{
	FILE *f;

	snprintf(path, size, "%s/%s.%s", dir, name, end);
	f = fopen(path, "we");
	if (!f)
		why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	return f;
}

static int close_file(FILE *f, const char *path, struct why *why)
{
	int failed = ferror(f);

	return fclose(f) || failed ? why_fail(why, errno ?: EIO, "cannot write %s: %s", path, strerror(errno ?: EIO)) : 0;
}

/* Data and script; `drawn` says whether there are any. */
static int write_files(const struct figure *g, const struct report *rep, const char *dir, struct report_drawn *drawn, struct why *why)
{
	char dat[4096], gp[4096];
	struct report_canvas c = { .rep = rep, .note = drawn->note };
	int rc = 0, made = 0;

	c.dat = open_file(dir, g->name, "dat", dat, sizeof(dat), why);
	if (!c.dat)
		return -EIO;
	c.gp = open_file(dir, g->name, "gp", gp, sizeof(gp), why);
	if (!c.gp) {
		fclose(c.dat);
		return -EIO;
	}
	fprintf(c.gp, "# SPDX-License-Identifier: BSD-3-Clause\n# %s. `gnuplot %s.gp` in this folder draws it again.\n", g->title, g->name);
	made = g->make(&c);
	if (made < 0)
		rc = why_fail(why, -made, "%s: %s", g->name, strerror(-made));
	fprintf(c.gp, "%s%s", report_gp_begin, g->script);
	errno = 0;
	rc = close_file(c.dat, dat, rc ? NULL : why) ?: rc;
	errno = 0;
	rc = close_file(c.gp, gp, rc ? NULL : why) ?: rc;
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
