/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The answer's table: a row for each group, under its condition; best and worst in words.
 */
#include "bench/report_page.h"

#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "bench/report_num.h"

static const int columns[] = { QUANT_P50, QUANT_P99, QUANT_P999, QUANT_P9999 };
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool any_knows(const struct report *rep, int step)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].n && rep->group[i].q[step].known)
			return true;
	return false;
}

/* p50, p99 and p99.9 always; p99.99 where any group can tell it. */
static size_t columns_of(const struct report *rep)
{
	return any_knows(rep, QUANT_P9999) ? COLUMNS : COLUMNS - 1;
}

static bool any_deadline(const struct report *rep)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].missed.n)
			return true;
	return false;
}

static bool any_floor(const struct report *rep)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].floor)
			return true;
	return false;
}

static const char *mark_of(const struct report_group *g, enum doc_mark *mark)
{
	*mark = g->floor ? DOC_DIM : g->best ? DOC_GOOD : g->worst || g->lossy || g->careless ? DOC_BAD : DOC_PLAIN;
	return *report_word(g) ? report_word(g) : NULL;
}

static void value(struct doc *d, enum doc_mark mark, const struct quant *q, bool by_frames)
{
	char beneath[REPORT_NUM_LEN], ns[NS_STR_LEN];

	doc_cell(d, q->known ? mark : DOC_DIM, report_beneath(beneath, q, by_frames), "%s", q->known ? ns_str(ns, q->ns) : "-");
}

static void missed(struct doc *d, const struct report_group *g)
{
	char share[REPORT_NUM_LEN], beneath[REPORT_NUM_LEN];

	if (!g->missed.n) {
		doc_cell(d, DOC_DIM, NULL, "no deadline");
		return;
	}
	if (g->missed.k)
		report_frames(beneath, g->missed.k);
	else
		snprintf(beneath, sizeof(beneath), "at most %.3g %%", 100 * g->missed.upper);
	doc_cell(d, g->careless ? DOC_BAD : DOC_PLAIN, beneath, "%s", report_share(share, g->missed.k, g->missed.n));
}

/* The column that ranks: where frames were lost, with what they make of it. */
static void ranking(struct doc *d, enum doc_mark mark, const struct report_group *g)
{
	char beneath[REPORT_NUM_LEN], ns[NS_STR_LEN];
	const struct quant *q = &g->q[g->step];

	if (g->floor || !q->known || g->told.ns == q->ns) {
		value(d, mark, q, g->by_frames >> g->step & 1);
		return;
	}
	snprintf(beneath, sizeof(beneath), g->told.ns == NS_NEVER ? "never, with lost ones" : "%s with lost ones", ns_str(ns, g->told.ns));
	doc_cell(d, mark, beneath, "%s", ns_str(ns, q->ns));
}

static void lost(struct doc *d, const struct report_group *g)
{
	char share[REPORT_NUM_LEN], n[REPORT_NUM_LEN];

	doc_cell(d, g->lossy ? DOC_BAD : DOC_PLAIN, g->lost ? report_share(share, g->lost, g->due) : NULL, "%s", report_count(n, g->lost));
}

/* The longest gap, and what is usual. */
static void noise(struct doc *d, const struct report_group *g)
{
	int64_t ns = g->floor_p99_ns < 0 ? g->floor_p50_ns : g->floor_p99_ns;
	char beneath[REPORT_NUM_LEN], a[NS_STR_LEN];

	snprintf(beneath, sizeof(beneath), "%s %s", g->floor_p99_ns < 0 ? "p50" : "p99", ns_str(a, ns));
	doc_cell(d, DOC_DIM, ns < 0 ? NULL : beneath, "%s", ns_str(a, g->floor_max_ns));
}

static void measured(const struct report *rep, struct doc *d, const struct report_group *g)
{
	char a[NS_STR_LEN], n[REPORT_NUM_LEN], beneath[REPORT_NUM_LEN], least[NS_STR_LEN];
	enum doc_mark mark;
	size_t i;

	mark_of(g, &mark);
	snprintf(beneath, sizeof(beneath), "%zu cell%s", g->n_cells, g->n_cells == 1 ? "" : "s");
	doc_cell(d, DOC_PLAIN, beneath, "%s", report_count(n, g->n));
	lost(d, g);
	for (i = 0; i < columns_of(rep); i++)
		if (rep->rank >= 0 && columns[i] == g->step)
			ranking(d, g->best || (g->worst && !g->lossy && !g->careless) ? mark : DOC_PLAIN, g);
		else
			value(d, DOC_PLAIN, &g->q[columns[i]], g->by_frames >> columns[i] & 1);
	snprintf(beneath, sizeof(beneath), "least %s", ns_str(least, g->sum.min));
	doc_cell(d, DOC_PLAIN, beneath, "%s", ns_str(a, g->sum.max));
	if (any_deadline(rep))
		missed(d, g);
	if (rep->pdv >= 0)
		value(d, DOC_PLAIN, &g->pdv[rep->pdv], g->pdv_by_frames >> rep->pdv & 1);
	noise(d, g);
}

static void unmeasured(const struct report *rep, struct doc *d, const struct report_group *g)
{
	size_t rest = 1 + columns_of(rep) + 1 + any_deadline(rep) + (rep->pdv >= 0) + 1;

	doc_cell(d, g->n_cells ? DOC_BAD : DOC_DIM, NULL, "%s", g->n_cells ? "no frame" : g->n_failed ? "failed" : "skipped");
	if (g->n_cells) {
		lost(d, g);
		rest--;
	}
	for (; rest; rest--)
		doc_cell(d, DOC_DIM, NULL, "-");
}

static void row(const struct report *rep, struct doc *d, const struct report_group *g)
{
	enum doc_mark mark;
	const char *word = mark_of(g, &mark), *name = rep->setup[g->setup];

	doc_row(d);
	doc_cell(d, mark, word, "%s", *name ? name : rep->n_conds > 1 ? rep->cond[g->cond] : g->name);
	if (g->n)
		measured(rep, d, g);
	else
		unmeasured(rep, d, g);
}

static void head(const struct report *rep, struct doc *d)
{
	const char *heads[16];
	char pdv[40];
	size_t n = 0, i;

	heads[n++] = rep->n_setups > 1 ? "set-up" : "measured";
	heads[n++] = "frames";
	heads[n++] = "lost";
	for (i = 0; i < columns_of(rep); i++)
		heads[n++] = quant_steps[columns[i]].name;
	heads[n++] = "max";
	if (any_deadline(rep))
		heads[n++] = "deadline missed";
	if (rep->pdv >= 0) {
		snprintf(pdv, sizeof(pdv), "PDV %s", quant_steps[rep->pdv].name);
		heads[n++] = pdv;
	}
	heads[n++] = "noise floor";
	heads[n] = NULL;
	doc_table(d, heads);
}

void report_table(const struct report *rep, struct doc *d)
{
	bool sections = rep->n_conds > 1 && rep->n_setups > 1;
	size_t c, i;

	head(rep, d);
	for (c = 0; c < rep->n_conds; c++) {
		if (sections)
			doc_section(d, rep->cond[c]);
		for (i = 0; i < rep->n_groups; i++)
			if (rep->group[i].cond == c)
				row(rep, d, &rep->group[i]);
	}
	doc_table_end(d);
	doc_para(d, "p99 is the time that 99 %% of the frames that arrived did not exceed. The fastest is the one of lowest %s, where a lost frame took for ever (where any was lost that is beneath, instead of bounds), among those that did not miss more frames than another, "
		 "by more than chance and in each repetition. Beneath each figure stand the bounds "
		 "between which it lies with 95 %% confidence: where repetitions tell by how far they differ, the next run included; with a ~ before them they are made of the frames alone and hold for the runs "
		 "that are here, not for the next. PDV is the delay less the least one (RFC 5481). %s",
		 rep->rank < 0 ? "quantile" : quant_steps[rep->rank].name,
		 any_deadline(rep) ? "A frame missed its deadline when the listener's program did not have it in time after it was due, or never. " : "");
	doc_para(d, "The noise floor is the machine's own: the longest gap in which it kept a bare loop on the same CPUs from running, and how long such gaps usually are. A frame that meets one is late by it. %s",
		 any_floor(rep) ? "Rows marked as floor are one veth pair with no backend at all: what is left of a latency when that is taken away is the backend's and the guest's. They are not ranked." : "");
}
