/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a PTP client behind the backend took for its offset, where a campaign varies the correction of the residence time: all clocks are one, so the truth is 0.
 */
#include "bench/report_page.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/report_num.h"
#include "bench/report_pvt.h"

/* -- figures ------------------------------------------------------------------------------------------------------- */

static void add_sizes(int64_t *ns, const struct ptp_sample *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		ns[i] = v[i].offset_ns < 0 ? -v[i].offset_ns : v[i].offset_ns;
	quant_sort(ns, n);
}

static void pool(struct report_ptp *p, const struct report_group *g, struct ptp_sample *all, int64_t *ns)
{
	struct between between = {0};
	size_t i, n = 0;
	int s;

	p->rms_least_ns = INFINITY;
	for (i = 0; i < g->n_cells; i++) {
		const struct result_cell *c = g->cell[i];

		if (!c->ptp.known)
			continue;
		add_sizes(ns, c->ptp.sample, c->ptp.n);
		between_add(&between, ns, c->ptp.n, QUANT_CONFIDENCE);
		memcpy(all + n, c->ptp.sample, c->ptp.n * sizeof(*all));
		n += c->ptp.n;
		p->stat.left_out += c->ptp.left_out;
		p->stat.missing += c->ptp.missing;
		p->rms_least_ns = fmin(p->rms_least_ns, c->ptp.rms_ns);
		p->rms_most_ns = fmax(p->rms_most_ns, c->ptp.rms_ns);
	}
	add_sizes(ns, all, n);
	quant_ladder(p->q, ns, n, QUANT_CONFIDENCE);
	for (s = 0; s < QUANT_STEPS; s++)
		p->by_frames |= (unsigned int)!between_widen(&between, &p->q[s], s, QUANT_CONFIDENCE) << s;
}

int report_ptp_fill(struct report_group *g)
{
	struct ptp_sample *all;
	size_t i, n = 0;
	int64_t *ns;
	int rc = -ENOMEM;

	for (i = 0; i < g->n_cells; i++) {
		g->ptp.n_cells += g->cell[i]->ptp.known;
		n += g->cell[i]->ptp.n;
	}
	if (!g->ptp.n_cells)
		return 0;
	all = malloc((n + 1) * sizeof(*all));
	ns = malloc((n + 1) * sizeof(*ns));
	if (all && ns) {
		pool(&g->ptp, g, all, ns);
		rc = ptp_stat_make(&g->ptp.stat, all, n);
	}
	free(all);
	free(ns);
	return rc;
}

bool report_has_ptp(const struct report *rep)
{
	size_t i;

	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].ptp.n_cells)
			return true;
	return false;
}

/* -- the answer ---------------------------------------------------------------------------------------------------- */

struct pair {
	const struct report_group *on, *off;
	double times;			/* that the offset is smaller by with correction; 1: repetitions do not tell them apart */
};

static bool is_with(const struct report_group *g, const char *correction)
{
	return g->ptp.n_cells && !strcmp(g->cell[0]->value[AXIS_CORRECTION], correction);
}

/* But for the correction the same? */
static bool is_partner(const struct report_group *a, const struct report_group *b)
{
	int axis;

	for (axis = 0; axis < AXES; axis++)
		if (axis != AXIS_CORRECTION && strcmp(a->cell[0]->value[axis], b->cell[0]->value[axis]))
			return false;
	return true;
}

static double smaller_by(const struct report_ptp *on, const struct report_ptp *off)
{
	bool apart = on->rms_most_ns < off->rms_least_ns || off->rms_most_ns < on->rms_least_ns;

	return apart ? fmax(off->stat.rms_ns, 1) / fmax(on->stat.rms_ns, 1) : 1;
}

static bool find_pair(const struct report *rep, const struct report_group *on, struct pair *p)
{
	size_t i;

	for (i = 0; is_with(on, "on") && i < rep->n_groups; i++) {
		const struct report_group *off = &rep->group[i];

		if (!is_with(off, "off") || !is_partner(on, off))
			continue;
		*p = (struct pair){.on = on, .off = off, .times = smaller_by(&on->ptp, &off->ptp)};
		return true;
	}
	return false;
}

/* The group's name without the correction, which is its last word. */
static void put_where(const struct report *rep, const struct report_group *g, FILE *f)
{
	const char *end = strstr(g->name, ", correction ");

	if (end && (rep->n_setups > 2 || rep->n_conds > 1))
		fprintf(f, " (%.*s)", (int)(end - g->name), g->name);
}

static void put_pair(const struct report *rep, const struct pair *p, FILE *f)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];

	fprintf(f, "%s with correction, %s without", ns_str(a, llround(p->on->ptp.stat.rms_ns)), ns_str(b, llround(p->off->ptp.stat.rms_ns)));
	put_where(rep, p->on, f);
}

static void put_times(double times, FILE *f)
{
	if (times < 1000)
		fprintf(f, times < 10 ? "%.1f times" : "%.0f times", times);
	else
		fprintf(f, "over 1,000 times");
}

/* Only one side of it was measured. */
static void put_single(const struct report *rep, FILE *f)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];
	double least = INFINITY, most = 0;
	size_t i;

	for (i = 0; i < rep->n_groups; i++) {
		if (!rep->group[i].ptp.n_cells)
			continue;
		least = fmin(least, rep->group[i].ptp.stat.rms_ns);
		most = fmax(most, rep->group[i].ptp.stat.rms_ns);
	}
	fprintf(f, "The PTP client's offset (rms) was %s at least and %s at most; with the correction and without it was not measured. ", ns_str(a, llround(least)), ns_str(b, llround(most)));
}

void report_ptp_answer(const struct report *rep, FILE *f)
{
	struct pair p, best = {.times = 0}, worst = {.times = INFINITY};
	size_t i, n = 0, smaller = 0, larger = 0;

	for (i = 0; i < rep->n_groups; i++) {
		if (!find_pair(rep, &rep->group[i], &p))
			continue;
		n++;
		smaller += p.times > 1;
		larger += p.times < 1;
		best = p.times > best.times ? p : best;
		worst = p.times < worst.times ? p : worst;
	}
	if (!n) {
		if (report_has_ptp(rep))
			put_single(rep, f);
		return;
	}
	if (!smaller && !larger) {
		fprintf(f, "Whether PTP's residence time is corrected makes no difference here: the client's offset (rms) is ");
		put_pair(rep, &best, f);
		fprintf(f, ". ");
		return;
	}
	if (smaller) {
		fprintf(f, "With correction of the residence time the PTP client's offset (rms) is ");
		if (n > 1)
			fprintf(f, "smaller in %zu of %zu comparisons, at best ", smaller, n);
		put_times(best.times, f);
		fprintf(f, "%s: ", n > 1 ? "" : " smaller");
		put_pair(rep, &best, f);
		fprintf(f, ". ");
	}
	if (larger) {
		fprintf(f, "It is larger with correction in %zu of %zu, at worst ", larger, n);
		put_times(1 / worst.times, f);
		fprintf(f, ": ");
		put_pair(rep, &worst, f);
		fprintf(f, ". ");
	}
}

/* -- the table ----------------------------------------------------------------------------------------------------- */

static void duration(struct doc *d, const char *note, double ns)
{
	char text[NS_STR_LEN];

	doc_cell(d, DOC_PLAIN, note, "%s", ns_str(text, llround(ns)));
}

static void quantile(struct doc *d, const struct report_ptp *p, int step)
{
	char beneath[REPORT_NUM_LEN], text[NS_STR_LEN];

	if (p->q[step].known)
		doc_cell(d, DOC_PLAIN, report_beneath(beneath, &p->q[step], p->by_frames >> step & 1), "%s", ns_str(text, p->q[step].ns));
	else
		doc_cell(d, DOC_DIM, NULL, "too few samples");
}

static void row(struct doc *d, const struct report_group *g)
{
	const struct report_ptp *p = &g->ptp;
	char n[REPORT_NUM_LEN], spread[REPORT_NUM_LEN];

	doc_row(d);
	doc_cell(d, DOC_PLAIN, NULL, "%s", g->name);
	duration(d, p->n_cells > 1 ? report_bounds(spread, llround(p->rms_least_ns), llround(p->rms_most_ns)) : NULL, p->stat.rms_ns);
	quantile(d, p, QUANT_P50);
	quantile(d, p, QUANT_P99);
	duration(d, NULL, (double)p->stat.max_ns);
	duration(d, NULL, p->stat.mean_ns);
	duration(d, NULL, (double)p->stat.delay_ns);
	doc_cell(d, DOC_PLAIN, NULL, "%s", report_count(n, p->stat.samples));
	doc_cell(d, DOC_DIM, NULL, "%s", report_count(n, p->stat.left_out));
	doc_cell(d, DOC_DIM, NULL, "%s", report_count(n, p->stat.missing));
}

void report_ptp_table(const struct report *rep, struct doc *d)
{
	size_t i;

	if (!report_has_ptp(rep))
		return;
	doc_heading(d, 2, "Offset of the PTP client");
	doc_table(d, (const char *const[]){ "measured", "offset rms", "median", "p99", "max", "mean", "path delay", "samples", "left out", "missing", NULL });
	for (i = 0; i < rep->n_groups; i++)
		if (rep->group[i].ptp.n_cells)
			row(d, &rep->group[i]);
	doc_table_end(d);
	doc_para(d, "Master and client read one and the same clock, so the true offset is 0: each figure is an error. Median, p99 and max are without the sign; beneath the rms stand the least and the most of a "
		 "repetition. Path delay is what the client took for it (median). Left out are samples from before the client had settled; missing are Syncs that should have come between two samples.");
}
