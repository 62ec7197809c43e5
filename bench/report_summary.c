/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report_summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/ns.h"
#include "bench/report_num.h"

/* -- counts: declared once ----------------------------------------------------------------------------------------- */

#define AT(field) offsetof(struct report_group, field)

static const struct count {
	const char *name;
	size_t at;
} counts[] = {
	{ "due", AT(due) }, { "sent", AT(sent) }, { "lost", AT(lost) }, { "duplicate", AT(duplicate) }, { "reordered", AT(reordered) },
	{ "wakeups_late", AT(wakeups_late) }, { "stamps_missing", AT(stamps_missing) }, { "bad_clock", AT(bad_clock) },
};
#define COUNTS (sizeof(counts) / sizeof(counts[0]))

/* -1 of a floor: too few gaps to tell. */
static const struct duration {
	const char *name;
	size_t at;
	bool may_lack;
} durations[] = {
	{ "min", AT(sum.min), false }, { "max", AT(sum.max), false }, { "floor_p50", AT(floor_p50_ns), true }, { "floor_p99", AT(floor_p99_ns), true }, { "floor_max", AT(floor_max_ns), false },
	{ "clock_error_bound", AT(error_bound_ns), false },
};
#define DURATIONS (sizeof(durations) / sizeof(durations[0]))

static uint64_t count_of(const struct report_group *g, size_t at)
{
	return *(const uint64_t *)((const char *)g + at);
}

static int64_t ns_of(const struct report_group *g, size_t at)
{
	return *(const int64_t *)((const char *)g + at);
}

/* -- tsv ----------------------------------------------------------------------------------------------------------- */

static void tsv_ladder(FILE *f, const char *id, const char *what, const struct quant q[QUANT_STEPS])
{
	int s;

	for (s = 0; s < QUANT_STEPS; s++) {
		if (q[s].known)
			fprintf(f, "%s.%s%s\t%" PRId64 "\tns\n", id, what, quant_steps[s].name, q[s].ns);
		if (report_bounded(&q[s]))
			fprintf(f, "%s.%s%s.lower\t%" PRId64 "\tns\n%s.%s%s.upper\t%" PRId64 "\tns\n", id, what, quant_steps[s].name, q[s].lower_ns, id, what, quant_steps[s].name, q[s].upper_ns);
	}
}

static void tsv_ptp(FILE *f, const struct report_group *g)
{
	const struct ptp_stat *s = &g->ptp.stat;

	if (!g->ptp.n_cells)
		return;
	fprintf(f, "%s.ptp_samples\t%" PRIu64 "\tsamples\n%s.ptp_left_out\t%" PRIu64 "\tsamples\n%s.ptp_missing\t%" PRIu64 "\tsamples\n", g->id, s->samples, g->id, s->left_out, g->id, s->missing);
	fprintf(f, "%s.ptp_rms\t%.1f\tns\n%s.ptp_mean\t%.1f\tns\n%s.ptp_max\t%" PRId64 "\tns\n%s.ptp_delay\t%" PRId64 "\tns\n", g->id, s->rms_ns, g->id, s->mean_ns, g->id, s->max_ns, g->id, s->delay_ns);
	tsv_ladder(f, g->id, "ptp_", g->ptp.q);
}

static void tsv_group(FILE *f, const struct report_group *g)
{
	size_t i;

	fprintf(f, "%s.cells\t%zu\tcells\n%s.cells_skipped\t%zu\tcells\n%s.cells_failed\t%zu\tcells\n", g->id, g->n_cells, g->id, g->n_skipped, g->id, g->n_failed);
	if (!g->n_cells)
		return;
	fprintf(f, "%s.n\t%zu\tframes\n", g->id, g->n);
	for (i = 0; i < COUNTS; i++)
		fprintf(f, "%s.%s\t%" PRIu64 "\tframes\n", g->id, counts[i].name, count_of(g, counts[i].at));
	if (g->missed.n)
		fprintf(f, "%s.deadline_missed\t%" PRIu64 "\tframes\n%s.deadline_due\t%" PRIu64 "\tframes\n", g->id, g->missed.k, g->id, g->missed.n);
	tsv_ptp(f, g);
	if (!g->n)
		return;
	for (i = 0; i < DURATIONS; i++)
		if (!durations[i].may_lack || ns_of(g, durations[i].at) >= 0)
			fprintf(f, "%s.%s\t%" PRId64 "\tns\n", g->id, durations[i].name, ns_of(g, durations[i].at));
	tsv_ladder(f, g->id, "", g->q);
	tsv_ladder(f, g->id, "pdv_", g->pdv);
}

void report_tsv(const struct report *rep, FILE *f)
{
	const struct result *r = rep->result;
	size_t i;

	fprintf(f, "campaign.kind\t%s\tlatency\n", result_kind_name(rep->kind));
	fprintf(f, "campaign.planned\t%zu\tcells\ncampaign.cells\t%zu\tcells\ncampaign.measured\t%zu\tcells\ncampaign.skipped\t%zu\tcells\ncampaign.failed\t%zu\tcells\n", r->planned, r->n_cells,
		rep->n_ok, rep->n_skipped, rep->n_failed);
	for (i = 0; i < rep->n_groups; i++)
		tsv_group(f, &rep->group[i]);
}

/* -- text and JSON ------------------------------------------------------------------------------------------------- */

static void json_bounds(struct out *o, const struct quant *q, bool by_frames)
{
	if (report_bounded(q)) {
		out_int(o, "lower_ns", q->lower_ns, NULL);
		out_int(o, "upper_ns", q->upper_ns, NULL);
	} else {
		out_null(o, "lower_ns", NULL);
		out_null(o, "upper_ns", NULL);
	}
	out_str(o, "bounds_of", by_frames ? "frames" : "repetitions", NULL);
}

static void json_ladder(struct out *o, const char *key, const struct quant q[QUANT_STEPS], unsigned int by_frames)
{
	int s;

	out_array(o, key);
	for (s = 0; s < QUANT_STEPS; s++) {
		out_object(o, NULL);
		out_str(o, "quantile", quant_steps[s].name, NULL);
		if (q[s].known) {
			out_int(o, "ns", q[s].ns, NULL);
			json_bounds(o, &q[s], by_frames >> s & 1);
		} else {
			out_null(o, "ns", NULL);
			out_uint(o, "needs", q[s].needs, NULL);
		}
		out_end(o);
	}
	out_end(o);
}

static void json_ptp(struct out *o, const struct report_ptp *p)
{
	out_object(o, "ptp");
	out_uint(o, "samples", p->stat.samples, NULL);
	out_uint(o, "left_out", p->stat.left_out, NULL);
	out_uint(o, "missing", p->stat.missing, NULL);
	out_real(o, "rms_ns", p->stat.rms_ns, NULL);
	out_real(o, "mean_ns", p->stat.mean_ns, NULL);
	out_int(o, "max_ns", p->stat.max_ns, NULL);
	out_int(o, "delay_ns", p->stat.delay_ns, NULL);
	json_ladder(o, "offset", p->q, p->by_frames);
	out_end(o);
}

static void json_figures(struct out *o, const struct report_group *g)
{
	char key[48];
	size_t i;

	for (i = 0; i < COUNTS; i++)
		out_uint(o, counts[i].name, count_of(g, counts[i].at), NULL);
	if (g->missed.n) {
		out_object(o, "deadline");
		out_uint(o, "missed", g->missed.k, NULL);
		out_uint(o, "due", g->missed.n, NULL);
		out_real(o, "share", g->missed.share, NULL);
		out_real(o, "lower", g->missed.lower, NULL);
		out_real(o, "upper", g->missed.upper, NULL);
		out_end(o);
	}
	for (i = 0; g->n && i < DURATIONS; i++) {
		snprintf(key, sizeof(key), "%s_ns", durations[i].name);
		if (durations[i].may_lack && ns_of(g, durations[i].at) < 0)
			out_null(o, key, NULL);
		else
			out_int(o, key, ns_of(g, durations[i].at), NULL);
	}
	json_ladder(o, "latency", g->q, g->by_frames);
	json_ladder(o, "pdv", g->pdv, g->pdv_by_frames);
	if (g->ptp.n_cells)
		json_ptp(o, &g->ptp);
	out_bool(o, "floor", g->floor, NULL);
	out_str(o, "ranked_by", report_ranks(g) && g->told.p > 0 ? quant_steps[g->step].name : "", NULL);
	out_bool(o, "fastest", g->best, NULL);
	out_bool(o, "slowest", g->worst, NULL);
	out_bool(o, "loses_much", g->lossy, NULL);
	out_bool(o, "misses_more", g->careless, NULL);
	out_bool(o, "certain", g->best && g->sure, NULL);
}

static const char *text_of(char buf[static NS_STR_LEN], const struct quant *q)
{
	return q->known ? ns_str(buf, q->ns) : "-";
}

static void print_group(struct out *o, const struct report_group *g)
{
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN], d[NS_STR_LEN];

	out_object(o, NULL);
	out_str(o, "name", g->name, "  %-44.60s", g->name);
	out_str(o, "id", g->id, NULL);
	out_uint(o, "cells", g->n_cells, NULL);
	out_uint(o, "skipped", g->n_skipped, NULL);
	out_uint(o, "failed", g->n_failed, NULL);
	out_uint(o, "n", g->n, NULL);
	if (g->n_cells)
		json_figures(o, g);
	if (g->n)
		out_text(o, "%9zu %7" PRIu64 " %9s %9s %9s %9s  %s\n", g->n, g->lost, text_of(a, &g->q[QUANT_P50]), text_of(b, &g->q[QUANT_P99]), text_of(c, &g->q[QUANT_P999]),
			 ns_str(d, g->sum.max), report_word(g));
	else
		out_text(o, "%9s\n", g->n_cells ? "no frame" : g->n_failed ? "failed" : "skipped");
	out_end(o);
}

static void print_ptp(const struct report *rep, struct out *o)
{
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN], d[NS_STR_LEN], e[NS_STR_LEN];
	size_t i;

	if (!report_has_ptp(rep))
		return;
	out_text(o, "\n  %-44s%9s %9s %9s %9s %9s %10s\n", "offset of the PTP client", "samples", "rms", "p50", "p99", "max", "path delay");
	for (i = 0; i < rep->n_groups; i++) {
		const struct report_ptp *p = &rep->group[i].ptp;

		if (p->n_cells)
			out_text(o, "  %-44.60s%9" PRIu64 " %9s %9s %9s %9s %10s\n", rep->group[i].name, p->stat.samples, ns_str(a, llround(p->stat.rms_ns)), text_of(b, &p->q[QUANT_P50]),
				 text_of(c, &p->q[QUANT_P99]), ns_str(d, p->stat.max_ns), ns_str(e, p->stat.delay_ns));
	}
}

void report_print(const struct report *rep, struct out *o)
{
	const struct result *r = rep->result;
	struct report_answer answer;
	size_t i;

	report_answer(rep, &answer);
	out_object(o, NULL);
	out_str(o, "campaign", r->campaign, NULL);
	out_str(o, "answer", answer.sentence, "%s%s%s\n", out_style(o, OUT_BOLD), answer.sentence, out_style(o, OUT_PLAIN));
	out_array(o, "limits");
	for (i = 0; i < answer.n_limits; i++)
		out_str(o, NULL, answer.limit[i], "  - %s\n", answer.limit[i]);
	out_end(o);
	out_str(o, "kind", result_kind_name(rep->kind), NULL);
	out_uint(o, "planned", r->planned, NULL);
	out_uint(o, "cells", r->n_cells, NULL);
	out_uint(o, "measured", rep->n_ok, NULL);
	out_uint(o, "skipped", rep->n_skipped, NULL);
	out_uint(o, "failed", rep->n_failed, NULL);
	out_str(o, "folder", rep->folder, NULL);
	print_ptp(rep, o);
	if (rep->n_groups)
		out_text(o, "\n  %-44s%9s %7s %9s %9s %9s %9s\n", result_kind_name(rep->kind), "frames", "lost", "p50", "p99", "p99.9", "max");
	out_array(o, "groups");
	for (i = 0; i < rep->n_groups; i++)
		print_group(o, &rep->group[i]);
	out_end(o);
	out_end(o);
}
