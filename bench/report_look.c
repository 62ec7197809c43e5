/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What all figures share: a set-up's colour is the same in each, what may be compared is neighbours, and a name says what is meant.
 */
#include "bench/report_draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/curve.h"
#include "bench/gnuplot.h"

#define LETTER_PX 7.6	/* of a name in a figure */
#define MAX_LABEL 44
#define MAX_HEAD  60
#define HEAD_PX	  26.0	/* a row that says the condition of those beneath */

/* Colours that people with any colour vision tell apart (Okabe and Ito). They mean set-ups, and nothing else. */
static const char *const colours[] = { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#A09000", "#000000" };
#define COLOURS (sizeof(colours) / sizeof(colours[0]))
#define DASHES	5

/* -- set-ups ------------------------------------------------------------------------------------------------------- */

static bool is_measured(const struct report *rep, size_t setup)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].setup == setup && rep->group[i].n)
			return true;
	return false;
}

static size_t family_len(const char *name)
{
	const char *comma = strstr(name, ", ");

	return comma ? (size_t)(comma - name) : strlen(name);
}

static bool same_family(const char *a, const char *b)
{
	return family_len(a) == family_len(b) && !strncmp(a, b, family_len(a));
}

struct report_look report_look(const struct report *rep, size_t setup)
{
	size_t i, k, all = 0, before = 0, families = 0, in_family = 0;
	bool first;

	for (i = 0; i < rep->n_setups; i++) {
		if (!is_measured(rep, i))
			continue;
		before = i == setup ? all : before;
		all++;
	}
	if (all <= COLOURS)
		return (struct report_look){ colours[before % COLOURS], 1 };
	/* Too many for a colour each: one for the first word of their names (a backend, say), a dash for the rest. */
	for (i = 0; i < rep->n_setups; i++) {
		if (!is_measured(rep, i))
			continue;
		for (k = 0, first = true; k < i; k++)
			first = first && !(is_measured(rep, k) && same_family(rep->setup[k], rep->setup[i]));
		if (same_family(rep->setup[i], rep->setup[setup])) {
			if (first)
				before = families;
			in_family += i < setup;
		}
		families += first;
	}
	return (struct report_look){ colours[before % COLOURS], 1 + (int)((in_family + 2 * (before / COLOURS)) % DASHES) };
}

void report_gp_looks(struct report_canvas *c, const char *prefix, const size_t *setups, size_t n)
{
	size_t i;

	fprintf(c->gp, "array %s_colour[%zu] = [", prefix, n ? n : 1);
	for (i = 0; i < n; i++)
		fprintf(c->gp, "%s'%s'", i ? ", " : "", report_look(c->rep, setups[i]).colour);
	fprintf(c->gp, "%s]\narray %s_dash[%zu] = [", n ? "" : "''", prefix, n ? n : 1);
	for (i = 0; i < n; i++)
		fprintf(c->gp, "%s%d", i ? ", " : "", report_look(c->rep, setups[i]).dash);
	fprintf(c->gp, "%s]\n", n ? "" : "1");
}

/* -- names --------------------------------------------------------------------------------------------------------- */

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

void report_gp_titles(struct report_canvas *c, const size_t *chosen, size_t n, size_t cols)
{
	size_t len = 128 / cols, setups[REPORT_MOST_ROWS], i;
	const char *upper[REPORT_MOST_ROWS] = { 0 }, *lower[REPORT_MOST_ROWS] = { 0 };

	for (i = 0; i < n; i++) {
		const struct report_group *g = &c->rep->group[chosen[i]];
		const char *setup = c->rep->setup[g->setup], *cond = c->rep->cond[g->cond];

		upper[i] = *setup ? setup : *cond ? cond : g->name;
		lower[i] = *setup ? cond : "";
		setups[i] = g->setup;
	}
	report_gp_names(c->gp, "name", upper, n, len);
	report_gp_names(c->gp, "under", lower, n, len);
	report_gp_looks(c, "of", setups, n);
}

/* -- rows ---------------------------------------------------------------------------------------------------------- */

void report_by_cond(const struct report *rep, size_t *chosen, size_t n)
{
	size_t i, k, x;

	for (i = 1; i < n; i++) {	/* few, and those of a condition keep their order */
		x = chosen[i];
		for (k = i; k && rep->group[chosen[k - 1]].cond > rep->group[x].cond; k--)
			chosen[k] = chosen[k - 1];
		chosen[k] = x;
	}
}

/* Whether a figure of them has a head for each condition; else names are whole. */
static bool has_heads(const struct report *rep, const size_t *chosen, size_t n)
{
	bool conds = false, setups = false;
	size_t i;

	for (i = 1; i < n; i++) {
		conds = conds || rep->group[chosen[i]].cond != rep->group[chosen[0]].cond;
		setups = setups || rep->group[chosen[i]].setup != rep->group[chosen[0]].setup;
	}
	return conds && setups;
}

void report_gp_rows(struct report_canvas *c, const size_t *chosen, size_t n, const double *high, double *middle)
{
	const char *names[REPORT_MOST_ROWS] = { 0 }, *heads[REPORT_MOST_ROWS] = { 0 };
	double head_at[REPORT_MOST_ROWS], y = 2;
	bool with_heads = has_heads(c->rep, chosen, n);
	size_t i, n_heads = 0, longest = 8, len;

	for (i = 0; i < n; i++) {
		const struct report_group *g = &c->rep->group[chosen[i]];

		if (with_heads && (!i || g->cond != c->rep->group[chosen[i - 1]].cond)) {
			heads[n_heads] = c->rep->cond[g->cond];
			head_at[n_heads++] = y + HEAD_PX / 2 + 1;
			y += HEAD_PX;
		}
		names[i] = with_heads ? c->rep->setup[g->setup] : g->name;
		len = strlen(names[i]);
		longest = len > longest ? len : longest;
		middle[i] = y + high[i] / 2;
		y += high[i];
	}
	longest = longest > MAX_LABEL ? MAX_LABEL : longest;
	fprintf(c->gp, "n = %zu\nheads = %zu\nrows_px = %.0f\nleft = %.3f\n", n, n_heads, y + 2, ((double)longest * LETTER_PX + 24) / 1000);
	report_gp_names(c->gp, "name", names, n, MAX_LABEL);
	report_gp_names(c->gp, "head", heads, n_heads, MAX_HEAD);
	fprintf(c->gp, "array row_at[%zu] = [", n ? n : 1);
	for (i = 0; i < n; i++)
		fprintf(c->gp, "%s%g", i ? ", " : "", middle[i]);
	fprintf(c->gp, "%s]\narray head_at[%zu] = [", n ? "" : "0", n_heads ? n_heads : 1);
	for (i = 0; i < n_heads; i++)
		fprintf(c->gp, "%s%g", i ? ", " : "", head_at[i]);
	fprintf(c->gp, "%s]\n", n_heads ? "" : "0");
}

/* -- axes ---------------------------------------------------------------------------------------------------------- */

void report_range(int64_t least, int64_t most, double *low_ns, double *high_ns)
{
	double low = curve_level(least), high = curve_level(most);

	/* A quarter of a decade at each side. */
	*low_ns = fmax(low / 1.8, CURVE_FLOOR_NS * .9);
	*high_ns = fmax(high * 1.8, low * 12);
}

void report_gp_range(struct report_canvas *c, double low_ns, double high_ns)
{
	fprintf(c->gp, "low_ns = %.4g\nhigh_ns = %.4g\naxis = ", low_ns, high_ns);
	gnuplot_str(c->gp, result_kind_name(c->rep->kind));
	fputc('\n', c->gp);
}
