/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define MUCH_AWAY .1	/* of the time: then figures are the machine's */

const char *report_word(const struct report_group *g)
{
	if (g->best)
		return g->sure ? "fastest" : "fastest, not certain";
	if (g->lossy)
		return g->worst ? "loses most" : "loses much";
	return g->worst ? "slowest" : "";
}

static int by_share(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double report_away(const struct report *rep)
{
	const struct result *r = rep->result;
	double *share = calloc(r->n_cells + 1, sizeof(*share)), middle;
	size_t i, n = 0;

	for (i = 0; share && i < r->n_cells; i++)
		if (r->cell[i].status == RESULT_OK)
			share[n++] = r->cell[i].floor.share;
	if (n)
		qsort(share, n, sizeof(*share), by_share);
	middle = n ? share[n / 2] : 0;
	free(share);
	return middle;
}

static const struct report_group *first_measured(const struct report *rep)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].n)
			return &rep->group[i];
	return NULL;
}

static const char *name_of(const struct report *rep, const struct report_group *g)
{
	return *rep->setup[g->setup] ? rep->setup[g->setup] : g->name;
}

static void alone(const struct report *rep, FILE *f)
{
	const struct report_group *g = first_measured(rep);
	char a[NS_STR_LEN], b[NS_STR_LEN];

	if (rep->rank <= QUANT_P50)
		fprintf(f, "%s: %zu frames, the longest took %s; that is too few to tell more.", g->name, g->n, ns_str(a, g->sum.max));
	else
		fprintf(f, "%s: half of the frames took %s or less, %.4g %% of them %s or less", g->name, ns_str(a, g->q[QUANT_P50].ns),
			100 * quant_steps[rep->rank].p, ns_str(b, g->q[rep->rank].ns));
	if (rep->rank > QUANT_P50)
		fprintf(f, "; the longest took %s.", ns_str(a, g->sum.max));
}

/* The only condition under which there is anything to compare. */
static void one_condition(const struct report *rep, size_t cond, FILE *f)
{
	const struct report_group *best = NULL, *worst = NULL, *g;
	char a[NS_STR_LEN], b[NS_STR_LEN];
	size_t i, n = 0;

	for (i = 0; i < rep->n_groups; i++) {
		g = &rep->group[i];
		if (g->cond != cond || !g->n)
			continue;
		n++;
		best = g->best ? g : best;
		worst = g->worst ? g : worst;
	}
	if (!best && worst) {
		fprintf(f, "No set-up is the fastest: each lost more frames than %s leaves out, %s most of all.", quant_steps[rep->rank].name, name_of(rep, worst));
		return;
	}
	if (!best || !worst) {
		fprintf(f, "No difference between the %zu set-ups at %s.", n, quant_steps[rep->rank].name);
		return;
	}
	fprintf(f, "Of %zu set-ups%s%s, the fastest is %s: %.4g %% of its frames took %s or less.", n, *rep->cond[cond] ? " under " : "", rep->cond[cond], name_of(rep, best),
		100 * quant_steps[rep->rank].p, ns_str(a, best->q[rep->rank].ns));
	if (worst->lossy)
		fprintf(f, " %s loses most.", name_of(rep, worst));
	else
		fprintf(f, " The slowest is %s, with %s.", name_of(rep, worst), ns_str(b, worst->q[rep->rank].ns));
	if (!best->sure)
		fprintf(f, " That is not certain: the bounds of the fastest touch another's, or runs were too short to say how they differ.");
}

/* Who is fastest how often; in the order of set-ups. */
static void many_conditions(const struct report *rep, FILE *f)
{
	size_t s, i, n, all = 0, unsure = 0, cond = 0, lost = 0;
	const char *before = "";

	for (i = 0; i < rep->n_groups; i++) {
		cond = rep->group[i].best ? rep->group[i].cond : cond;
		all += rep->group[i].best;
		lost += rep->group[i].worst && rep->group[i].lossy;
		unsure += rep->group[i].best && !rep->group[i].sure;
	}
	if (!all) {
		fprintf(f, "There is no fastest of %zu set-ups: under each condition there is but one, or they are alike, or each loses more frames than %s leaves out.", rep->n_measured, quant_steps[rep->rank].name);
		return;
	}
	if (all == 1) {
		one_condition(rep, cond, f);
		return;
	}
	fprintf(f, "Fastest at %s (%.4g %% of the frames took no longer): ", quant_steps[rep->rank].name, 100 * quant_steps[rep->rank].p);
	for (s = 0; s < rep->n_setups; s++) {
		for (i = n = 0; i < rep->n_groups; i++)
			n += rep->group[i].setup == s && rep->group[i].best;
		if (!n)
			continue;
		fprintf(f, "%s%s under %zu of %zu conditions", before, rep->setup[s], n, all);
		before = "; ";
	}
	fprintf(f, ".");
	if (unsure)
		fprintf(f, " %zu of these %zu are not certain: the bounds touch another's, or runs were too short to say how they differ.", unsure, all);
	if (lost)
		fprintf(f, " Under %zu condition%s a set-up loses more frames than %s leaves out.", lost, lost == 1 ? "" : "s", quant_steps[rep->rank].name);
}

void report_answer(const struct report *rep, char *buf, size_t size)
{
	FILE *f = fmemopen(buf, size, "w");
	size_t left_out = rep->n_skipped + rep->n_failed;

	buf[0] = '\0';
	if (!f)
		return;
	if (!rep->n_measured)
		fprintf(f, "Nothing was measured.");
	else if (rep->n_measured == 1)
		alone(rep, f);
	else if (rep->rank < 0)
		fprintf(f, "There are too few frames to compare anything.");
	else if (rep->n_conds == 1)
		one_condition(rep, 0, f);
	else
		many_conditions(rep, f);
	if (rep->n_measured && report_away(rep) >= MUCH_AWAY)
		fprintf(f, " But for %.0f %% of the time the machine took the CPUs away from whoever measured: these figures say more of it than of the set-ups.", 100 * report_away(rep));
	if (left_out)
		fprintf(f, " %zu of %zu cells could not be measured: the reasons are below.", left_out, rep->result->n_cells);
	fclose(f);
	buf[size - 1] = '\0';
}
