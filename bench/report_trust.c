/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What limits the trust: what was not measured and why, clocks, the machine, how far repetitions agree.
 */
#include "bench/report_page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/report_num.h"

/* -- cells that are not there -------------------------------------------------------------------------------------- */

/* Those with a reason stand once each, with the names of all that have it. */
static void reasons(const struct result *r, struct doc *d, enum result_status status, const char *term)
{
	size_t i, k, n, len;
	char *names;
	FILE *f;

	for (i = 0; i < r->n_cells; i++) {
		if (r->cell[i].status != status)
			continue;
		for (k = 0; k < i && (r->cell[k].status != status || strcmp(r->cell[k].reason, r->cell[i].reason)); k++)
			;
		f = k < i ? NULL : open_memstream(&names, &len);
		if (!f)
			continue;	/* told with the first of them */
		for (k = i, n = 0; k < r->n_cells; k++) {
			if (r->cell[k].status != status || strcmp(r->cell[k].reason, r->cell[i].reason))
				continue;
			if (n++ < 6)
				fprintf(f, "%s%s", n > 1 ? ", " : "", r->cell[k].name);
		}
		if (n > 6)
			fprintf(f, ", and %zu more", n - 6);
		fclose(f);
		doc_item(d, term, "%s (%zu cell%s: %s)", *r->cell[i].reason ? r->cell[i].reason : "no reason was given", n, n == 1 ? "" : "s", names);
		free(names);
	}
}

/* -- clocks, stamps ------------------------------------------------------------------------------------------------ */

static void clocks(const struct report *rep, struct doc *d)
{
	const struct result *r = rep->result;
	size_t same = 0, joined = 0, i, bad = 0, due = 0;
	int64_t bound_ns = 0;
	char a[NS_STR_LEN], n[REPORT_NUM_LEN];

	for (i = 0; i < r->n_cells; i++) {
		const struct result_cell *c = &r->cell[i];
		const char *between = json_string_value(json_object_get(json_object_get(c->doc, "clock"), "between"));

		if (c->status != RESULT_OK)
			continue;
		same += between && !strcmp(between, "same");
		joined += !between || strcmp(between, "same");
		bound_ns = c->error_bound_ns > bound_ns ? c->error_bound_ns : bound_ns;
		bad += c->bad_clock;
		due += c->n_frames;
	}
	if (same)
		doc_item(d, "Clock", "in %zu cell%s talker and listener read one and the same clock: no error between the two.", same, same == 1 ? "" : "s");
	if (joined)
		doc_item(d, "Clock", "in %zu cell%s talker and listener have clocks of their own, that were joined: each latency is good to ±%s, which no bound in the tables knows of.", joined, joined == 1 ? "" : "s",
			 ns_str(a, bound_ns));
	if (bad)
		doc_item(d, "Bad clock", "%s of %zu frame%s were due while the clock was not good. They are counted apart, here, and are in no figure.", report_count(n, bad), due, due == 1 ? "" : "s");
	else if (same + joined)
		doc_item(d, "Bad clock", "no frame was due while a clock was not good.");
}

static void stamps(const struct report *rep, struct doc *d)
{
	uint64_t missing = 0, due = 0, late = 0, duplicate = 0, reordered = 0;
	char a[REPORT_NUM_LEN], b[REPORT_NUM_LEN];
	size_t i;

	for (i = 0; i < rep->n_groups; i++) {
		missing += rep->group[i].stamps_missing;
		due += rep->group[i].due;
		late += rep->group[i].wakeups_late;
		duplicate += rep->group[i].duplicate;
		reordered += rep->group[i].reordered;
	}
	if (rep->kind == RESULT_PATH_DELAY)
		doc_item(d, "What is measured", "path delay: from the talker's driver, which had the frame, to the listener's kernel, which has it. What the talker is late by is not in it.");
	else if (rep->kind == RESULT_END_TO_END)
		doc_item(d, "What is measured", "end to end: from the instant at which a frame was due until the listener's program has it. It includes how late both programs are woken.");
	doc_item(d, "Stamps missing", "%s of %s.", report_count(a, missing), report_frames(b, due));
	doc_item(d, "The talker", "woke up late for %s of %s. A late frame is sent all the same, and none is left out of the figures.", report_count(a, late),
		 report_frames(b, due));
	if (duplicate || reordered)
		doc_item(d, "Order", "%s came twice, %s out of order.", report_frames(a, duplicate), report_count(b, reordered));
}

/* -- the machine --------------------------------------------------------------------------------------------------- */

static void floor_item(const struct report *rep, struct doc *d)
{
	const struct result *r = rep->result;
	const struct result_cell *worst = NULL;
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN];
	size_t i;

	for (i = 0; i < r->n_cells; i++)
		if (r->cell[i].status == RESULT_OK && (!worst || r->cell[i].floor.max_ns > worst->floor.max_ns))
			worst = &r->cell[i];
	if (!worst)
		return;
	snprintf(b, sizeof(b), "%s", worst->floor.p99_ns < 0 ? "" : ns_str(c, worst->floor.p99_ns));
	doc_item(d, "Noise floor", "a bare loop on the measuring CPUs did not run for %.3g %% of the time, in gaps of %s (median)%s%s%s and %s at most; that is the worst cell, %s. "
		 "A frame that meets such a gap is late by it, whatever the set-up.", 100 * worst->floor.share, worst->floor.p50_ns < 0 ? "an unknown length" : ns_str(a, worst->floor.p50_ns),
		 *b ? ", " : "", b, *b ? " (p99)" : "", ns_str(c, worst->floor.max_ns), worst->name);
}

bool report_is_virtual(const json_t *meta)
{
	const json_t *flags = json_object_get(meta, "cpu_flags"), *flag;
	size_t i;

	json_array_foreach(flags, i, flag)
		if (json_is_string(flag) && !strcmp(json_string_value(flag), "hypervisor"))
			return true;
	return json_is_true(json_object_get(flags, "hypervisor"));
}

static void machine(const struct report *rep, struct doc *d)
{
	const json_t *m = rep->result->meta;
	int64_t cpus = json_integer_value(json_object_get(m, "cpus"));

	if (cpus > 0)
		doc_item(d, "Machine", "%" PRId64 " CPU%s (%s)%s%s Figures of another machine do not compare with these.", cpus, cpus == 1 ? "" : "s",
			 json_string_value(json_object_get(m, "cpu")) ?: "of unknown make", report_is_virtual(m) ? ", itself virtual" : "",
			 cpus <= 2 ? ": talker, listener, guest and load share what the backend leaves over." : ".");
}

/* -- repetitions --------------------------------------------------------------------------------------------------- */

struct spread { int64_t least, most; bool known; };

static void spread_of(struct spread *s, const struct report *rep, const struct report_group *g, int step)
{
	struct quant q;
	int64_t *ns;
	size_t i, n;

	*s = (struct spread){ .least = INT64_MAX, .known = true };
	for (i = 0; i < g->n_cells; i++) {
		if (result_latency(g->cell[i], rep->kind, &ns, NULL, &n)) {
			s->known = false;
			return;
		}
		quant_sort(ns, n);
		if (quant_find(&q, ns, n, quant_steps[step].p, QUANT_CONFIDENCE, NULL))
			s->known = false;
		free(ns);
		s->least = q.ns < s->least ? q.ns : s->least;
		s->most = q.ns > s->most ? q.ns : s->most;
	}
}

static void repetitions(const struct report *rep, struct doc *d)
{
	static const int steps[] = { QUANT_P50, QUANT_P99 };
	size_t i, k, most = 0;
	char text[REPORT_NUM_LEN], ns[NS_STR_LEN];
	struct spread s;

	for (i = 0; i < rep->n_groups; i++)
		most = rep->group[i].n_cells > most ? rep->group[i].n_cells : most;
	if (most < 2) {
		if (rep->n_measured)
			doc_item(d, "Repetitions", "each was measured once: by how much the next run would differ is not known, and bounds (all with a ~) do not say it.");
		return;
	}
	doc_item(d, "Repetitions", "how far they lie apart is what the next run may differ by. Bounds without a ~ are made of it (Student's t of the logarithms), those with a ~ are not: there repetitions "
		 "are too short to tell the quantile each. Two or three repetitions tell little, so their bounds are wide: give more where it matters.");
	doc_table(d, (const char *const[]){ "measured", "repetitions", "p50 of each", "p99 of each", "noise floor, at most", "of the time", NULL });
	for (i = 0; i < rep->n_groups; i++) {
		if (!rep->group[i].n)
			continue;
		doc_row(d);
		doc_cell(d, DOC_PLAIN, NULL, "%s", rep->group[i].name);
		doc_cell(d, DOC_PLAIN, NULL, "%zu", rep->group[i].n_cells);
		for (k = 0; k < 2; k++) {
			spread_of(&s, rep, &rep->group[i], steps[k]);
			doc_cell(d, s.known ? DOC_PLAIN : DOC_DIM, NULL, "%s", s.known ? report_bounds(text, s.least, s.most) : "too few frames");
		}
		doc_cell(d, DOC_DIM, NULL, "%s", ns_str(ns, rep->group[i].floor_max_ns));
		doc_cell(d, DOC_DIM, NULL, "%.2g %%", 100 * rep->group[i].floor_share);
	}
	doc_table_end(d);
}

void report_trust(const struct report *rep, struct doc *d)
{
	const struct result *r = rep->result;

	doc_heading(d, 2, "What limits trust");
	if (r->planned > r->n_cells)
		doc_item(d, "Unfinished", "%zu of %zu cells are done: what is here may be the easier part. takt bench run --resume %s goes on, and measures nothing twice.", r->n_cells, r->planned, rep->folder);
	floor_item(rep, d);
	reasons(r, d, RESULT_SKIPPED, "Skipped");
	reasons(r, d, RESULT_FAILED, "Failed");
	if (rep->n_ok) {
		clocks(rep, d);
		stamps(rep, d);
	}
	machine(rep, d);
	repetitions(rep, d);
}
