/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The answer's table: a row for each group, under its condition; best and worst in words.
 */
#include "bench/report_page.h"

#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "bench/report_num.h"

static const int columns[] = { QUANT_P50, QUANT_P90, QUANT_P99, QUANT_P999, QUANT_P9999 };
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool any_knows(const struct report *rep, int step)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].n && rep->group[i].q[step].known)
			return true;
	return false;
}

static bool any_ranked_by(const struct report *rep, int step)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (report_ranks(&rep->group[i]) && rep->group[i].step == step)
			return true;
	return false;
}

/* p50, p99 and p99.9 always; p90 where it ranks; p99.99 where any group can tell it. Returns how many. */
static size_t columns_of(const struct report *rep, int shown[COLUMNS])
{
	size_t i, n = 0;

	for (i = 0; i < COLUMNS; i++)
		if ((columns[i] != QUANT_P9999 || any_knows(rep, QUANT_P9999)) && (columns[i] != QUANT_P90 || (rep->rank >= 0 && any_ranked_by(rep, QUANT_P90))))
			shown[n++] = columns[i];
	return n;
}

static bool any_deadline(const struct report *rep)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].missed.n)
			return true;
	return false;
}

static bool is_floor(const struct report_group *g)
{
	return g->floor;
}

static bool any(const struct report *rep, bool (*is)(const struct report_group *g))
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (is(&rep->group[i]))
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

/* Did the machine take the CPUs away for longer at once than the figure says, and for more of the time than it leaves out? Then it may be the machine's own. */
static bool is_noise(const struct report_group *g)
{
	return report_ranks(g) && g->told.p > 0 && g->q[g->step].known && g->floor_max_ns > g->q[g->step].ns && g->floor_share > 1 - quant_steps[g->step].p;
}

/* The column that ranks: where frames were lost, with what they make of it. */
static void ranking(struct doc *d, enum doc_mark mark, const struct report_group *g)
{
	char beneath[REPORT_NUM_LEN], ns[NS_STR_LEN];
	const struct quant *q = &g->q[g->step];

	if (!q->known) {
		value(d, mark, q, g->by_frames >> g->step & 1);
		return;
	}
	if (g->floor || g->told.ns == q->ns)
		report_beneath(beneath, q, g->by_frames >> g->step & 1);
	else
		snprintf(beneath, sizeof(beneath), g->told.ns == NS_NEVER ? "never, with lost ones" : "%s with lost ones", ns_str(ns, g->told.ns));
	doc_cell(d, mark, beneath, "%s%s", is_noise(g) ? "* " : "", ns_str(ns, q->ns));
}

static void lost(struct doc *d, const struct report_group *g)
{
	char share[REPORT_NUM_LEN], n[REPORT_NUM_LEN];

	doc_cell(d, g->lossy ? DOC_BAD : DOC_PLAIN, g->lost ? report_share(share, g->lost, g->due) : NULL, "%s", report_count(n, g->lost));
}

static void measured(const struct report *rep, struct doc *d, const struct report_group *g)
{
	char a[NS_STR_LEN], n[REPORT_NUM_LEN], beneath[REPORT_NUM_LEN], least[NS_STR_LEN];
	int shown[COLUMNS];
	size_t n_shown = columns_of(rep, shown), i;
	enum doc_mark mark;

	mark_of(g, &mark);
	snprintf(beneath, sizeof(beneath), "%zu cell%s", g->n_cells, g->n_cells == 1 ? "" : "s");
	doc_cell(d, DOC_PLAIN, beneath, "%s", report_count(n, g->n));
	lost(d, g);
	for (i = 0; i < n_shown; i++)
		if (rep->rank >= 0 && shown[i] == g->step)
			ranking(d, g->best || (g->worst && !g->lossy && !g->careless) ? mark : DOC_PLAIN, g);
		else
			value(d, DOC_PLAIN, &g->q[shown[i]], g->by_frames >> shown[i] & 1);
	snprintf(beneath, sizeof(beneath), "least %s", ns_str(least, g->sum.min));
	doc_cell(d, DOC_PLAIN, beneath, "%s", ns_str(a, g->sum.max));
	if (any_deadline(rep))
		missed(d, g);
	if (rep->pdv >= 0)
		value(d, DOC_PLAIN, &g->pdv[rep->pdv], g->pdv_by_frames >> rep->pdv & 1);
}

static void unmeasured(const struct report *rep, struct doc *d, const struct report_group *g)
{
	int shown[COLUMNS];
	size_t rest = 1 + columns_of(rep, shown) + 1 + any_deadline(rep) + (rep->pdv >= 0);

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
	int shown[COLUMNS];
	size_t n_shown = columns_of(rep, shown), n = 0, i;
	const char *heads[16];
	char pdv[40];

	heads[n++] = rep->n_setups > 1 ? "set-up" : "measured";
	heads[n++] = "frames";
	heads[n++] = "lost";
	for (i = 0; i < n_shown; i++)
		heads[n++] = quant_steps[shown[i]].name;
	heads[n++] = "max";
	if (any_deadline(rep))
		heads[n++] = "deadline missed";
	if (rep->pdv >= 0) {
		snprintf(pdv, sizeof(pdv), "PDV %s", quant_steps[rep->pdv].name);
		heads[n++] = pdv;
	}
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
	doc_para(d, "Latency is the %s of frames; words are explained below. Fastest is whoever has the lowest %s, a lost frame taking for ever, of those that did not miss more frames (lost%s) than another, by more than "
		 "chance and in each repetition. Beneath a figure: its bounds with 95 %% confidence, the next run included; with a ~ only for the runs that are here.%s%s",
		 result_kind_name(rep->kind), rep->rank < 0 ? "quantile" : quant_steps[rep->rank].name, any_deadline(rep) ? ", or later than their deadline" : "",
		 any(rep, is_noise) ? " *: may be the machine's own, which took its CPUs away for longer at once than this, and for more of the time than the quantile leaves out." : "",
		 any(rep, is_floor) ? " The floor, one veth pair with no backend at all, is not ranked: what a latency has beyond it is the backend's and the guest's." : "");
}
