/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/report_num.h"
#include "bench/report_pvt.h"

#define MUCH_AWAY   .1		/* of the time: then figures are the machine's */
#define MUCH_LOST   .01		/* of the frames: worth a word, whoever is the fastest */
#define MUCH_MISSED .05
#define ALL_BUT_ALL .9
#define LOSSES	    2		/* that are named */
#define WINNERS	    3

const char *report_word(const struct report_group *g)
{
	if (g->floor)
		return "floor: no backend";
	if (g->lost_of.share >= ALL_BUT_ALL)
		return "loses nearly all";
	if (g->best)
		return g->sure ? "fastest" : "fastest, not certain";
	if (g->careless)
		return g->worst ? "misses most" : "misses more";
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

/* -- who is fastest ------------------------------------------------------------------------------------------------ */

static const char *name_of(const struct report *rep, const struct report_group *g)
{
	return *rep->setup[g->setup] ? rep->setup[g->setup] : g->name;
}

static void alone(const struct report *rep, const struct report_group *g, FILE *f)
{
	char a[NS_STR_LEN], b[REPORT_NUM_LEN];

	if (!g->n)
		fprintf(f, "%s: no frame arrived", g->name);
	else if (rep->rank <= QUANT_P50 || !g->q[rep->rank].known)
		fprintf(f, "%s: %s, the longest took %s; that is too few to tell more", g->name, report_frames(b, g->n), ns_str(a, g->sum.max));
	else
		fprintf(f, "%s: half of the frames took %s or less, %.4g %% of them %s or less", g->name, ns_str(a, g->q[QUANT_P50].ns),
			100 * quant_steps[rep->rank].p, ns_str(b, g->q[rep->rank].ns));
	if (g->n && rep->rank > QUANT_P50 && g->q[rep->rank].known)
		fprintf(f, "; the longest took %s", ns_str(a, g->sum.max));
}

/* With a semicolon before it. */
static void floor_beside(const struct report *rep, size_t cond, int step, FILE *f)
{
	char a[NS_STR_LEN];
	size_t i;

	for (i = 0; i < rep->n_groups; i++) {
		const struct report_group *g = &rep->group[i];

		if (g->floor && g->cond == cond && g->n && g->q[step].known)
			fprintf(f, "; without any backend (%s) it is %s", name_of(rep, g), ns_str(a, g->q[step].ns));
	}
}

static void put_worst(const struct report *rep, const struct report_group *worst, FILE *f)
{
	char text[REPORT_NUM_LEN];

	if (worst->careless && worst->missed.n)
		fprintf(f, "; %s missed most: %s of its frames were lost or late", name_of(rep, worst), report_share(text, worst->missed.k, worst->missed.n));
	else if (worst->lossy || worst->careless)
		fprintf(f, "; %s loses most", name_of(rep, worst));
	else
		fprintf(f, "; the slowest is %s, with %s", name_of(rep, worst), ns_str(text, worst->told.ns));
}

/* The only condition under which there is anything to compare. */
static void one_condition(const struct report *rep, size_t cond, FILE *f)
{
	const struct report_group *best = NULL, *worst = NULL, *g;
	char a[NS_STR_LEN];
	size_t i, n = 0;

	for (i = 0; i < rep->n_groups; i++) {
		g = &rep->group[i];
		if (g->cond != cond || !report_ranks(g))
			continue;
		n++;
		best = g->best ? g : best;
		worst = g->worst ? g : worst;
	}
	if (!best && worst) {
		fprintf(f, "No set-up is the fastest: each lost more frames than %s leaves out, %s most of all.", quant_steps[worst->step].name, name_of(rep, worst));
		return;
	}
	if (!best || !worst) {
		fprintf(f, "No difference between the %zu set-ups at %s.", n, quant_steps[rep->rank].name);
		return;
	}
	fprintf(f, "Of %zu set-ups%s%s, the fastest is %s%s: %.4g %% of its frames took %s or less", n, *rep->cond[cond] ? " under " : "", rep->cond[cond], name_of(rep, best),
		best->sure ? "" : ", but not for certain", 100 * quant_steps[best->step].p, ns_str(a, best->told.ns));
	put_worst(rep, worst, f);
	floor_beside(rep, cond, best->step, f);
	fprintf(f, ".");
}

struct win { size_t setup, n; };

static int by_wins(const void *a, const void *b)
{
	const struct win *x = a, *y = b;

	return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : (x->setup > y->setup) - (x->setup < y->setup);
}

/* Who is fastest how often, most often first; no more than a few. */
static void put_wins(const struct report *rep, FILE *f)
{
	struct win *win = calloc(rep->n_setups + 1, sizeof(*win));
	size_t i, n = 0, rest = 0;

	for (i = 0; win && i < rep->n_setups; i++)
		win[i].setup = i;
	for (i = 0; win && i < rep->n_groups; i++)
		win[rep->group[i].setup].n += rep->group[i].best;
	if (win)
		qsort(win, rep->n_setups, sizeof(*win), by_wins);
	for (i = 0; win && i < rep->n_setups && win[i].n; i++, n++)
		if (n < WINNERS)
			fprintf(f, "%s%s under %zu", n ? "; " : "", rep->setup[win[i].setup], win[i].n);
		else
			rest++;
	if (rest)
		fprintf(f, "; %zu other%s under the rest", rest, rest == 1 ? "" : "s");
	free(win);
}

static void many_conditions(const struct report *rep, FILE *f)
{
	const char *step = quant_steps[rep->rank].name;
	size_t i, all = 0, unsure = 0, cond = 0;

	for (i = 0; i < rep->n_groups; i++) {
		const struct report_group *g = &rep->group[i];

		cond = g->best ? g->cond : cond;
		all += g->best;
		unsure += g->best && !g->sure;
	}
	if (!all) {
		fprintf(f, "Nobody is the fastest: under each condition there is but one set-up, or they are alike, or each loses more frames than %s leaves out.", step);
		return;
	}
	if (all == 1) {
		one_condition(rep, cond, f);
		return;
	}
	if (unsure == all)
		fprintf(f, "No set-up is the fastest for certain under any of %zu conditions; by %s alone: ", all, step);
	else
		fprintf(f, "Fastest at %s, of %zu conditions: ", step, all);
	put_wins(rep, f);
	if (unsure && unsure < all)
		fprintf(f, "; %zu of these %zu %s not certain", unsure, all, unsure == 1 ? "is" : "are");
	fprintf(f, ".");
}

static void who(const struct report *rep, FILE *f)
{
	const struct report_group *only = NULL, *first = NULL;
	size_t i, n = 0;

	for (i = 0; i < rep->n_groups; i++) {
		const struct report_group *g = &rep->group[i];

		first = !first && g->n + g->gone ? g : first;
		only = !only && report_ranks(g) ? g : only;
		n += report_ranks(g);
	}
	if (!first)
		fprintf(f, "Nothing was measured.");
	else if (!n)
		fprintf(f, "Of set-ups none was measured, only the floor, without a backend. ");
	if (n < 2 && first) {
		alone(rep, only ? only : first, f);
		if (n && rep->rank >= 0)
			floor_beside(rep, only->cond, rep->rank, f);
		fprintf(f, ".");
	} else if (n && rep->rank < 0) {
		fprintf(f, "There are too few frames to compare anything.");
	} else if (n && rep->n_conds == 1) {
		one_condition(rep, 0, f);
	} else if (n) {
		many_conditions(rep, f);
	}
}

/* -- what else has to be known ------------------------------------------------------------------------------------- */

static double worse_of(const struct report_group *g)
{
	return g->missed.n && g->missed.share > g->lost_of.share ? g->missed.share : g->lost_of.share;
}

static int by_missed(const void *a, const void *b)
{
	double x = worse_of(*(const struct report_group *const *)a), y = worse_of(*(const struct report_group *const *)b);

	return (x < y) - (x > y);
}

static void put_loss(const struct report_group *g, FILE *f)
{
	const struct quant_share *bad = g->lost_of.share >= MUCH_LOST ? &g->lost_of : &g->missed;
	char share[REPORT_NUM_LEN];

	fprintf(f, "%s (%s%s %s)", g->name, bad->share >= ALL_BUT_ALL && bad->k < bad->n ? "nearly all, " : "", report_share(share, bad->k, bad->n), bad == &g->lost_of ? "lost" : "late");
}

/* Who lost or missed much, the worst first. */
static void losses(const struct report *rep, FILE *f)
{
	const struct report_group **bad = calloc(rep->n_groups + 1, sizeof(const struct report_group *));
	size_t i, n = 0;

	for (i = 0; bad && i < rep->n_groups; i++)
		if (rep->group[i].lost_of.share >= MUCH_LOST || (rep->group[i].missed.n && rep->group[i].missed.share >= MUCH_MISSED))
			bad[n++] = &rep->group[i];
	if (n)
		qsort(bad, n, sizeof(*bad), by_missed);
	for (i = 0; i < n && i < LOSSES; i++) {
		fputs(i ? "; " : "Lost or late: ", f);
		put_loss(bad[i], f);
	}
	if (n > LOSSES)
		fprintf(f, "; and %zu more lost over %.0f %% or were late with over %.0f %%", n - LOSSES, 100 * MUCH_LOST, 100 * MUCH_MISSED);
	if (n)
		fprintf(f, ".");
	free(bad);
}

static bool any_repeated(const struct report *rep)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].n_cells > 1)
			return true;
	return false;
}

static void noise(const struct report *rep, FILE *f)
{
	double away = report_away(rep), worst = 0;
	int64_t max_ns = 0;
	char a[NS_STR_LEN];
	size_t i;

	if (!rep->n_ok)
		return;
	for (i = 0; i < rep->n_groups; i++) {
		max_ns = rep->group[i].floor_max_ns > max_ns ? rep->group[i].floor_max_ns : max_ns;
		worst = rep->group[i].floor_share > worst ? rep->group[i].floor_share : worst;
	}
	fprintf(f, "Noise floor: the machine itself kept its CPUs from running for up to %s at once, for %.2g %% of the time in the middle cell, %.2g %% in the worst%s.", ns_str(a, max_ns), 100 * away,
		100 * worst, away >= MUCH_AWAY ? ": these figures say more of it than of the set-ups" : "");
	if (!any_repeated(rep))
		fprintf(f, " Each was measured once: the next run may differ by more than the bounds.");
}

static void unmeasured(const struct report *rep, FILE *f)
{
	const struct result *r = rep->result;
	size_t left_out = rep->n_skipped + rep->n_failed;

	if (r->planned > r->n_cells)
		fprintf(f, "Unfinished: %zu of %zu cells are done; takt bench run --resume %s goes on.%s", r->n_cells, r->planned, rep->folder, left_out ? " " : "");
	if (left_out)
		fprintf(f, "Not measured: %zu of %zu cell%s, for reasons that stand below.", left_out, r->n_cells, r->n_cells == 1 ? "" : "s");
}

static void sentence(const struct report *rep, FILE *f)
{
	if (report_has_ptp(rep))
		report_ptp_answer(rep, f);
	else
		who(rep, f);
}

static void put(void (*say)(const struct report *rep, FILE *f), const struct report *rep, char *buf, size_t size)
{
	FILE *f = fmemopen(buf, size, "w");

	buf[0] = '\0';
	if (!f)
		return;
	say(rep, f);
	fclose(f);
	buf[size - 1] = '\0';
	for (size = strlen(buf); size && buf[size - 1] == ' '; size--)
		buf[size - 1] = '\0';
}

void report_answer(const struct report *rep, struct report_answer *a)
{
	static void (*const limits[])(const struct report *rep, FILE *f) = { losses, noise, unmeasured };
	int i;

	a->n_limits = 0;
	put(sentence, rep, a->sentence, sizeof(a->sentence));
	for (i = 0; i < REPORT_LIMITS; i++) {
		put(limits[i], rep, a->limit[a->n_limits], sizeof(a->limit[0]));
		a->n_limits += *a->limit[a->n_limits] != '\0';
	}
}
