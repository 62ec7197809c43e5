/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_print.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "probes/evfile.h"
#include "probes/hop_print.h"

#define BAR 40

/* -- words --------------------------------------------------------------------------------------------------------- */

static const char *kind_of(const struct cause_span *s)
{
	return s->source == CAUSE_TAKTD ? "poll gap" : s->kind < EV_COUNT ? event_names[s->kind] : "?";
}

/* Whom, in a few words: a thread that ran, an interrupt, a reason. */
static void who_text(char *buf, size_t size, const char *who, uint16_t kind, uint32_t by)
{
	if (kind == EV_NONE)
		snprintf(buf, size, "%s", rec_where_name(by));
	else if (kind == EV_PREEMPTED || kind == EV_WAKEUP)
		snprintf(buf, size, "%s/%" PRIu32, who[0] ? who : "?", by);
	else if (kind == EV_IRQ || kind == EV_IPI || kind == EV_SOFTIRQ || kind == EV_EXIT)
		snprintf(buf, size, "%s (%" PRIu32 ")", who[0] ? who : "?", by);
	else
		snprintf(buf, size, "%s", who);
}

void blame_evidence(char *buf, size_t size, const struct blame_part *p, int64_t t)
{
	char who[64], at[NS_STR_LEN], ns[NS_STR_LEN];
	const struct cause_span *s = &p->span;

	if (!p->has_span) {
		snprintf(buf, size, "%s", p->cause == CAUSE_UNKNOWN ? "" : "by the record");
		return;
	}
	who_text(who, sizeof(who), s->who, s->kind, s->by);
	snprintf(buf, size, "%s%s%s, at %s for %s%s", kind_of(s), who[0] ? ": " : "", who, ns_str(at, s->t - t), ns_str(ns, s->t_end - s->t),
		 p->spans > 1 ? ", and others" : "");
}

/* -- the table ----------------------------------------------------------------------------------------------------- */

static double percent(int64_t part, int64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

static void print_whos(struct out *o, const struct blame_row *row)
{
	char who[64], ns[NS_STR_LEN];
	uint32_t i;

	out_array(o, "by");
	for (i = 0; i < row->n_who; i++) {
		const struct blame_who *w = &row->who[i];

		who_text(who, sizeof(who), w->who, w->kind, w->by);
		out_object(o, NULL);
		out_str(o, "event", w->kind == EV_NONE ? "poll-gap" : event_names[w->kind < EV_COUNT ? w->kind : EV_NONE], NULL);
		out_str(o, "who", w->who, NULL);
		out_uint(o, "by", w->by, NULL);
		out_uint(o, "frames", w->frames, NULL);
		out_int(o, "ns", w->ns, NULL);
		if (i < 3 && who[0])
			out_text(o, "    %s%-32s %19" PRIu64 " %18s%s\n", out_style(o, OUT_DIM), who, w->frames, ns_str(ns, w->ns), out_style(o, OUT_PLAIN));
		out_end(o);
	}
	out_end(o);
}

static void print_cause(struct out *o, const struct blame_tail *t, enum cause c)
{
	const struct blame_row *row = &t->row[c];
	char total[NS_STR_LEN], longest[NS_STR_LEN];

	out_object(o, NULL);
	out_str(o, "cause", cause_rows[c].name, "  %s%-17s%s", out_style(o, OUT_BOLD), cause_rows[c].name, out_style(o, OUT_PLAIN));
	out_real(o, "share", percent(row->ns, t->excess_ns) / 100, " %6.1f %%", percent(row->ns, t->excess_ns));
	out_uint(o, "frames", row->frames, " %8" PRIu64, row->frames);
	out_uint(o, "first", row->first, " %8" PRIu64, row->first);
	out_int(o, "total_ns", row->ns, " %10s", ns_str(total, row->ns));
	out_int(o, "longest_ns", row->longest_ns, " %10s", ns_str(longest, row->longest_ns));
	out_uint(o, "example", row->example, "  %" PRIu64 "\n", row->example);
	out_str(o, "help", cause_rows[c].help, NULL);
	print_whos(o, row);
	out_end(o);
}

static void print_causes(struct out *o, const struct blame_tail *t, int64_t top)
{
	int i;

	if (t->n_rank)
		out_text(o, "\n  %-17s %8s %8s %8s %10s %10s  %s\n", "cause", "share", "frames", "first", "total", "longest", "worst example");
	out_array(o, "causes");
	for (i = 0; i < t->n_rank && (!top || i < top); i++)
		print_cause(o, t, t->rank[i]);
	out_end(o);
	if (top && t->n_rank > top)
		out_text(o, "  and %d more: --top 0 shows all\n", t->n_rank - (int)top);
}

static void print_drops(struct out *o, const struct blame_store *s)
{
	const char *before = "\nDropped, beside these: ";
	int i;

	out_object(o, "dropped");
	for (i = VERDICT_SENT + 1; i < VERDICT_COUNT; i++) {
		if (!s->dropped[i])
			continue;
		out_uint(o, pkt_verdict_name(i), s->dropped[i], "%s%" PRIu64 " %s", before, s->dropped[i], pkt_verdict_name(i));
		before = ", ";
	}
	out_end(o);
	if (*before == ',')
		out_text(o, "\n");
}

/* The first thing that a cause wants and that is not there; NULL: it is watched. */
static const char *lacks(const struct blame_store *s, enum cause c)
{
	uint32_t missing = cause_rows[c].watch & ~s->watched;

	if (!missing)
		return NULL;
	return s->unwatched[__builtin_ctz(missing)][0] ? s->unwatched[__builtin_ctz(missing)] : "not asked for";
}

static void print_unwatched(struct out *o, const struct blame_store *s)
{
	const char *why, *last = NULL;
	int c;

	out_array(o, "not_watched");
	for (c = 0; c < CAUSE_COUNT; c++) {
		why = lacks(s, c);
		if (!why)
			continue;
		out_object(o, NULL);
		out_str(o, "cause", cause_rows[c].name, NULL);
		out_str(o, "why", why, NULL);
		out_end(o);
	}
	out_end(o);
	if (o->json)
		return;
	for (c = 0; c < CAUSE_COUNT; c++) {
		int k;

		why = lacks(s, c);
		for (k = 0; k < c && why && lacks(s, k) != why; k++)
			;
		if (!why || k < c)
			continue; /* told with the first of them */
		out_text(o, "%sNot watched (%s):", last ? "" : "\n", why);
		for (k = c; k < CAUSE_COUNT; k++)
			if (lacks(s, k) == why)
				out_text(o, " %s", cause_rows[k].name);
		out_text(o, "\n");
		last = why;
	}
}

/* -- frames -------------------------------------------------------------------------------------------------------- */

static void print_part(struct out *o, const struct blame_part *p, int64_t t)
{
	char text[256];

	blame_evidence(text, sizeof(text), p, t);
	out_object(o, NULL);
	out_str(o, "cause", cause_rows[p->cause].name, NULL);
	out_str(o, "hop", way_names[p->hop], NULL);
	out_int(o, "ns", p->ns, NULL);
	out_bool(o, "knock_on", p->knock_on, NULL);
	out_uint(o, "spans", p->spans, NULL);
	if (p->has_span) {
		out_object(o, "longest");
		out_str(o, "event", p->span.source == CAUSE_TAKTD ? "poll-gap" : event_names[p->span.kind < EV_COUNT ? p->span.kind : EV_NONE], NULL);
		out_str(o, "source", p->span.source == CAUSE_TAKTD ? "taktd" : p->span.source == CAUSE_HOST ? "host" : "guest", NULL);
		out_uint(o, p->span.of_cpu ? "cpu" : "tid", p->span.owner, NULL);
		out_str(o, "who", p->span.who, NULL);
		out_uint(o, "by", p->span.by, NULL);
		out_int(o, "t", p->span.t, NULL);
		out_int(o, "t_end", p->span.t_end, NULL);
		out_end(o);
	}
	out_str(o, "evidence", text, NULL);
	out_end(o);
}

static void open_frame(struct out *o, const struct blame_store *s, const struct way *w, const struct blame_result *r)
{
	const struct pkt *p = &w->rec;
	struct way_edge first, last;
	char key[24];
	int i;

	way_span(w, &first, &last);
	out_object(o, NULL);
	out_uint(o, "seq", p->seq, NULL);
	snprintf(key, sizeof(key), "0x%016" PRIx64, w->key);
	out_str(o, "key", key, NULL);
	out_str(o, "in", blame_store_port(s, p->in_port), NULL);
	out_str(o, "out", blame_store_port(s, p->out_port), NULL);
	out_int(o, "class", p->tc, NULL);
	out_int(o, "t_begin", first.t, NULL);
	out_int(o, "t_seen", p->t_seen, NULL);
	out_int(o, "t_out", p->t_out, NULL);
	out_bool(o, "whole", way_is_whole(w), NULL);
	out_int(o, "total_ns", r->total_ns, NULL);
	out_int(o, "excess_ns", r->excess_ns, NULL);
	out_str(o, "first", r->excess_ns ? cause_rows[r->first].name : "", NULL);
	out_object(o, "hops_ns");
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (way_has(w, i))
			out_int(o, way_names[i], way_ns(w, i), NULL);
	out_end(o);
}

static void print_late(struct out *o, const struct blame_tail *t, const struct blame_store *s, int64_t top)
{
	char a[NS_STR_LEN], b[NS_STR_LEN], text[256];
	struct way room;
	const struct way *w;
	uint32_t k;
	size_t i;

	if (t->n)
		out_text(o, "\n  %-12s %-12s %-12s %5s %10s %10s  %s\n", "frame", "in", "out", "class", "took", "too long", "because of");
	out_array(o, "frames");
	for (i = 0; i < t->n && (!top || i < (size_t)top); i++) {
		const struct blame_result *r = t->late[i].result;

		w = blame_store_get(s, t->late[i].frame, &room);
		open_frame(o, s, w, r);
		out_array(o, "causes");
		for (k = 0; k < r->n; k++)
			print_part(o, &r->part[k], w->rec.t_seen);
		out_end(o);
		out_end(o);
		out_text(o, "  %-12" PRIu64 " %-12s %-12s %5d %10s %10s  ", w->rec.seq, blame_store_port(s, w->rec.in_port),
			 blame_store_port(s, w->rec.out_port), w->rec.tc, ns_str(a, t->late[i].ns), ns_str(b, r->excess_ns));
		if (r->n) {
			blame_evidence(text, sizeof(text), &r->part[0], w->rec.t_seen);
			out_text(o, "%s %.0f %% (%s%s%s)", cause_rows[r->first].name, percent(r->cause_ns[r->first], r->excess_ns),
				 way_names[r->part[0].hop], text[0] ? "; " : "", text);
		}
		out_text(o, "\n");
	}
	out_end(o);
	if (top && t->n > (size_t)top)
		out_text(o, "  and %zu more: --top 0 shows all\n", t->n - (size_t)top);
}

void blame_print(struct out *o, const struct blame_tail *t, const struct blame_store *s, int64_t top)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];
	size_t frames = blame_store_frames(s);
	int64_t known = t->excess_ns - t->row[CAUSE_UNKNOWN].ns;

	out_int(o, "duration_ns", s->t_last - s->t_first, NULL);
	out_uint(o, "frames_sent", frames, "%zu frames in %s", frames, ns_str(a, s->t_last - s->t_first));
	out_uint(o, "gaps", s->gaps, ", %" PRIu64 " poll gaps", s->gaps);
	out_int(o, "gap_ns", s->gap_ns, s->gaps ? " (%s)" : "", ns_str(a, s->gap_ns));
	out_uint(o, "tail", t->n, "\ntail: %zu frames", t->n);
	out_int(o, "limit_ns", t->limit_ns, t->conf.threshold_ns ? " that took longer than %s" : " that took %s or longer", ns_str(a, t->limit_ns));
	out_str(o, "hop", t->conf.hop >= 0 ? way_names[t->conf.hop] : "", t->conf.hop >= 0 ? " at %s" : "", t->conf.hop >= 0 ? way_names[t->conf.hop] : "");
	out_int(o, "excess_ns", t->excess_ns, ", %s beyond what is usual", ns_str(b, t->excess_ns));
	out_real(o, "named", t->excess_ns ? (double)known / (double)t->excess_ns : NAN, NULL);
	if (t->excess_ns)
		out_text(o, ", %.1f %% of it named", percent(known, t->excess_ns));
	out_text(o, "\n");
	print_causes(o, t, top);
	print_late(o, t, s, top);
	print_drops(o, s);
	print_unwatched(o, s);
	if (!frames)
		out_text(o, "No frame was sent meanwhile.\n");
}

/* -- one frame ----------------------------------------------------------------------------------------------------- */

static void print_hop(struct out *o, const struct blame_tail *t, const struct way *w, enum way_hop hop, int64_t t_first, const struct blame_result *r)
{
	char a[NS_STR_LEN], b[NS_STR_LEN], text[256];
	int64_t usual = cause_typical_ns(&t->typical, w, hop);
	uint32_t i;

	out_object(o, NULL);
	out_str(o, "hop", way_names[hop], "  %-8s", way_names[hop]);
	hop_print_bar(o, BAR, w->begin[hop].t - t_first, way_ns(w, hop), r->total_ns);
	out_int(o, "ns", way_ns(w, hop), " %10s", ns_str(a, way_ns(w, hop)));
	out_int(o, "bound_ns", way_bound(w, hop), way_bound(w, hop) ? " +- %s" : "", ns_str(b, way_bound(w, hop)));
	out_int(o, "usual_ns", usual, ", %s as a rule\n", ns_str(b, usual));
	out_int(o, "excess_ns", r->hop_excess_ns[hop], NULL);
	out_array(o, "causes");
	for (i = 0; i < r->n; i++) {
		const struct blame_part *p = &r->part[i];

		if (p->hop != hop)
			continue;
		print_part(o, p, t_first);
		blame_evidence(text, sizeof(text), p, t_first);
		out_text(o, "  %8s   %s%-10s %s%s%s%s%s\n", "", out_style(o, OUT_BOLD), ns_str(a, p->ns), cause_rows[p->cause].name, out_style(o, OUT_PLAIN),
			 p->knock_on ? ", to which the frames ahead were held up" : "", text[0] ? ": " : "", text);
	}
	out_end(o);
	out_end(o);
}

void blame_print_frames(struct out *o, const struct blame_tail *t, const struct blame_store *s)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];
	const struct way *w;
	struct way room;
	size_t i;
	int hop;

	out_array(o, "frames");
	for (i = 0; i < t->n; i++) {
		const struct blame_result *r = t->late[i].result;
		struct way_edge first, last;

		w = blame_store_get(s, t->late[i].frame, &room);
		way_span(w, &first, &last);
		open_frame(o, s, w, r);
		out_text(o, "%sframe %" PRIu64 "%s: %s -> %s, class %d, took %s, %s beyond what is usual\n  begins %" PRId64 " ns TAI\n",
			 out_style(o, OUT_BOLD), w->rec.seq, out_style(o, OUT_PLAIN), blame_store_port(s, w->rec.in_port),
			 blame_store_port(s, w->rec.out_port), w->rec.tc, ns_str(a, r->total_ns), ns_str(b, r->excess_ns), first.t);
		out_array(o, "hops");
		for (hop = 0; hop < WAY_HOPS_COUNT; hop++)
			if (way_has(w, hop))
				print_hop(o, t, w, hop, first.t, r);
		out_end(o);
		out_end(o);
	}
	out_end(o);
	print_unwatched(o, s);
}
