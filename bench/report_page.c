/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report_page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ns.h"
#include "bench/report_num.h"

/* -- figures ------------------------------------------------------------------------------------------------------- */

static int figures(const struct report_drawn *drawn, struct doc *d, struct why *why)
{
	char how[2048];
	bool all = true;
	int i, rc = 0;

	for (i = 0; i < REPORT_FIGURES && !rc; i++) {
		all = all && drawn[i].done;
		if (!drawn[i].done)
			continue;
		snprintf(how, sizeof(how), "%s%s%s", report_figure_how(i), *drawn[i].note ? " " : "", drawn[i].note);
		rc = doc_figure(d, report_figure_name(i), report_figure_title(i), how, why);
	}
	if (rc || all)
		return rc;
	doc_heading(d, 2, "Figures left out");
	for (i = 0; i < REPORT_FIGURES; i++)
		if (!drawn[i].done)
			doc_item(d, report_figure_title(i), "%s.", drawn[i].note);
	return 0;
}

/* -- each cell ----------------------------------------------------------------------------------------------------- */

static void cell_figures(const struct report *rep, const struct result_cell *c, struct doc *d)
{
	static const int steps[] = { QUANT_P50, QUANT_P99, QUANT_P999 };
	char text[NS_STR_LEN], beneath[REPORT_NUM_LEN];
	int64_t *ns = NULL;
	struct quant q;
	size_t n = 0, i;

	if (c->status != RESULT_OK || result_latency(c, rep->kind, &ns, NULL, &n)) {
		for (i = 0; i < 6; i++)
			doc_cell(d, DOC_DIM, NULL, "-");
		return;
	}
	quant_sort(ns, n);
	doc_cell(d, DOC_PLAIN, NULL, "%s", report_count(beneath, n));
	doc_cell(d, DOC_PLAIN, NULL, "%s", report_count(beneath, c->count.lost));
	for (i = 0; i < 3; i++) {
		quant_find(&q, ns, n, quant_steps[steps[i]].p, QUANT_CONFIDENCE, NULL);
		doc_cell(d, q.known ? DOC_PLAIN : DOC_DIM, NULL, "%s", q.known ? ns_str(text, q.ns) : "-");
	}
	doc_cell(d, DOC_PLAIN, NULL, "%s", n ? ns_str(text, ns[n - 1]) : "-");
	free(ns);
}

static void cell_row(const struct report *rep, const struct result_cell *c, struct doc *d)
{
	static const char *const words[] = { [RESULT_OK] = "ok", [RESULT_SKIPPED] = "skipped", [RESULT_FAILED] = "failed" };
	char a[NS_STR_LEN], when[32];
	time_t t = (time_t)(c->t_begin / NS_PER_SEC);
	struct tm tm;

	doc_row(d);
	doc_cell(d, DOC_PLAIN, NULL, "%s", c->name);
	doc_cell(d, DOC_PLAIN, NULL, "%d", c->position);
	doc_cell(d, c->status == RESULT_OK ? DOC_PLAIN : DOC_BAD, NULL, "%s", words[c->status]);
	if (c->t_begin > 0 && gmtime_r(&t, &tm) && strftime(when, sizeof(when), "%H:%M:%S", &tm))
		doc_cell(d, DOC_PLAIN, NULL, "%s", when);
	else
		doc_cell(d, DOC_DIM, NULL, "-");
	cell_figures(rep, c, d);
	doc_cell(d, DOC_DIM, NULL, "%s", c->status == RESULT_OK ? ns_str(a, c->floor.max_ns) : "-");
	if (c->poll_gaps.known && c->status == RESULT_OK)
		doc_cell(d, DOC_DIM, NULL, "%s", ns_str(a, c->poll_gaps.max_ns));
	else
		doc_cell(d, DOC_DIM, NULL, "-");
}

/* What one cell of each group ran: the others differ in their repetition. */
static void commands(const struct report *rep, struct doc *d)
{
	const json_t *line;
	size_t i, k, len;
	char *text;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return;
	for (i = 0; i < rep->n_groups; i++) {
		if (!rep->group[i].n_cells)
			continue;
		fprintf(f, "%s# %s\n", i ? "\n" : "", rep->group[i].cell[0]->name);
		json_array_foreach(json_object_get(rep->group[i].cell[0]->doc, "commands"), k, line)
			if (json_is_string(line))
				fprintf(f, "%s\n", json_string_value(line));
	}
	fclose(f);
	doc_fold(d, "What was run in them");
	doc_pre(d, text);
	doc_fold_end(d);
	free(text);
}

void report_cells(const struct report *rep, struct doc *d)
{
	size_t i;

	doc_heading(d, 2, "Each cell");
	doc_para(d, "In the order in which they were measured; times of day are TAI. Files of each are in cells/, beside this folder.");
	doc_table(d, (const char *const[]){ "cell", "order", "status", "begun", "frames", "lost", "p50", "p99", "p99.9", "max", "noise floor", "longest poll gap", NULL });
	for (i = 0; i < rep->result->n_cells; i++)
		cell_row(rep, &rep->result->cell[i], d);
	doc_table_end(d);
	commands(rep, d);
}

/* -- the first screen ---------------------------------------------------------------------------------------------- */

/* What was asked, and of which machine. */
static void head(const struct report *rep, struct doc *d)
{
	const json_t *m = rep->result->meta;
	const char *note = json_string_value(json_object_get(m, "note")), *when = json_string_value(json_object_get(m, "time"));
	int64_t cpus = json_integer_value(json_object_get(m, "cpus"));

	if (note && *note)
		doc_para(d, "%s", note);
	doc_para(d, "Campaign %s, %zu of %zu cells measured%s%.10s. %s: %" PRId64 " CPU%s (%s). takt %s.", rep->result->campaign, rep->n_ok, rep->result->planned, when ? ", begun " : "", when ? when : "",
		 report_is_virtual(m) ? "The machine, itself virtual" : "The machine", cpus, cpus == 1 ? "" : "s", json_string_value(json_object_get(m, "cpu")) ?: "of unknown make",
		 json_string_value(json_object_get(m, "rev")) ?: "of unknown revision");
}

static void answer(const struct report *rep, struct doc *d)
{
	const char *lines[REPORT_LIMITS + 1] = { NULL };
	struct report_answer a;
	size_t i;

	report_answer(rep, &a);
	for (i = 0; i < a.n_limits; i++)
		lines[i] = a.limit[i];
	doc_answer(d, a.sentence, lines);
}

int report_page(const struct report *rep, const struct report_drawn *drawn, struct doc *d, struct why *why)
{
	int rc;

	head(rep, d);
	answer(rep, d);
	report_ptp_table(rep, d);
	if (report_has_ptp(rep))
		doc_heading(d, 2, "Latency of frames meanwhile");
	if (rep->n_groups)
		report_table(rep, d);
	report_trust(rep, d);
	rc = figures(drawn, d, why);
	report_words(rep, d);
	report_repeat(rep, d);
	if (rep->result->n_cells)
		report_cells(rep, d);
	return rc;
}
