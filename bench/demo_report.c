/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/demo_report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "bench/demo_report_lib.h"

const struct demo_report_quantile demo_report_quantiles[DEMO_QUANTILES] = {
	{ "p50", .5 }, { "p99", .99 }, { "p99.9", .999 }, { "max", 1 },
};

const char *demo_report_value(char buf[static NS_STR_LEN], const struct hist *h, const struct demo_report_quantile *q)
{
	if (!h->count || (q->q < 1 && !hist_knows(h, q->q)))
		return "-";
	return ns_str(buf, q->q < 1 ? hist_quantile(h, q->q) : h->max);
}

void demo_report_answer(const struct demo_report *r, char *buf, size_t size)
{
	const struct demo_window *w = &r->verdict->window[DEMO_GATES];
	char window[NS_STR_LEN];

	ns_exact(window, DEMO_WINDOW_NS);
	if (!r->runs[DEMO_GATES].done)
		snprintf(buf, size, "There was no run with gates: nothing is said about them.");
	else if (!r->verdict->held)
		snprintf(buf, size, "Gates did not hold: %s.", r->verdict->because);
	else if (w->overruns)
		snprintf(buf, size, "Gates held: of %" PRIu64 " frames of class 7, %" PRIu64 " left inside their %s window; %" PRIu64
			 " overran while the worker was off its CPU, each matched to a poll gap.", w->frames, w->inside, window, w->overruns);
	else
		snprintf(buf, size, "Gates held: all %" PRIu64 " frames of class 7 left inside their %s window, under a flood of best effort.",
			 w->frames, window);
}

static void print_hist(struct out *o, const char *key, const struct hist *h)
{
	out_object(o, key);
	out_uint(o, "count", h->count, NULL);
	out_int(o, "min_ns", h->min, NULL);
	if (hist_knows(h, .5))
		out_int(o, "p50_ns", hist_quantile(h, .5), NULL);
	if (hist_knows(h, .99))
		out_int(o, "p99_ns", hist_quantile(h, .99), NULL);
	if (hist_knows(h, .999))
		out_int(o, "p999_ns", hist_quantile(h, .999), NULL);
	out_int(o, "max_ns", h->max, NULL);
	out_end(o);
}

static void print_stream(struct out *o, const struct demo_run *run, enum demo_stream stream)
{
	const struct demo_stats *s = &run->stats[stream];
	char text[NS_STR_LEN];
	size_t q;
	int h;

	out_object(o, stream == DEMO_PLC ? "plc" : "noise");
	out_uint(o, "sent", s->sent, NULL);
	out_object(o, "dropped");
	for (h = VERDICT_SENT + 1; h < VERDICT_COUNT; h++)
		if (s->dropped[h])
			out_uint(o, pkt_verdict_name(h), s->dropped[h], NULL);
	out_end(o);
	out_uint(o, "bad_sums", s->bad_sums, NULL);
	out_uint(o, "overruns", s->overruns, NULL);
	for (h = 0; h < HOP_COUNT; h++)
		print_hist(o, pkt_hop_name(h), &s->hop[h]);
	print_hist(o, "total", &s->total);
	out_end(o);
	if (!s->sent)
		return;
	out_text(o, "%-8s %s\n", demo_names[run->kind], stream == DEMO_PLC ? "plc, priority 7" : "noise, best effort");
	for (q = 0; q < DEMO_QUANTILES; q++) {
		out_text(o, "  %-8s", demo_report_quantiles[q].name);
		for (h = 0; h < HOP_COUNT; h++)
			out_text(o, "%10s", demo_report_value(text, &s->hop[h], &demo_report_quantiles[q]));
		out_text(o, "%11s\n", demo_report_value(text, &s->total, &demo_report_quantiles[q]));
	}
}

static void print_window(struct out *o, const struct demo_window *w, const struct demo_stats *s)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];
	uint64_t dropped = 0;
	int i;

	for (i = VERDICT_SENT + 1; i < VERDICT_COUNT; i++)
		dropped += s->dropped[i];
	out_object(o, "window");
	out_uint(o, "frames", w->frames, "%9" PRIu64, w->frames);
	out_uint(o, "dropped", dropped, "%9" PRIu64, dropped);
	out_uint(o, "inside", w->inside, "%9" PRIu64, w->inside);
	out_uint(o, "overruns", w->overruns, "%9" PRIu64, w->overruns);
	out_uint(o, "overruns_unmatched", w->unmatched, "%10" PRIu64, w->unmatched);
	out_uint(o, "outside", w->outside, "%9" PRIu64, w->outside);
	out_int(o, "first_ns", w->first_ns, NULL);
	out_int(o, "last_ns", w->last_ns, NULL);
	out_text(o, "%12s%12s\n", demo_report_value(a, &s->total, &demo_report_quantiles[0]), demo_report_value(b, &s->total, &demo_report_quantiles[2]));
	out_end(o);
}

static void print_witness(struct out *o, const char *name, const struct demo_witness *w, uint64_t drops)
{
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN], d[NS_STR_LEN], e[NS_STR_LEN];

	out_object(o, "capture");
	out_uint(o, "pairs", w->pairs, "  %-8s%8" PRIu64 " pairs", name, w->pairs);
	out_uint(o, "missing", w->missing, ", %" PRIu64 " not captured", w->missing);
	out_uint(o, "kernel_drops", drops, " (kernel dropped %" PRIu64 ")", drops);
	out_uint(o, "unexpected", w->unexpected, ", %" PRIu64 " not in the records", w->unexpected);
	out_uint(o, "swapped", w->swapped, ", %" PRIu64 " out of order;", w->swapped);
	out_int(o, "error_min_ns", w->error.min, " stamp - t_out: min %s", ns_str(a, w->error.min));
	out_int(o, "error_p01_ns", w->error.p01, ", 0.1%% %s", ns_str(b, w->error.p01));
	out_int(o, "error_p50_ns", w->error.p50, ", p50 %s", ns_str(c, w->error.p50));
	out_int(o, "error_p999_ns", w->error.p999, ", 99.9%% %s", ns_str(d, w->error.p999));
	out_int(o, "error_max_ns", w->error.max, ", max %s", ns_str(e, w->error.max));
	out_uint(o, "within_hand_over", w->within, "; %" PRIu64 " stamps within the hand-over,", w->within);
	out_int(o, "early_ns", w->early_ns, " the others at most %s early", ns_str(a, w->early_ns));
	out_int(o, "late_ns", w->late_ns, ", %s late\n", ns_str(b, w->late_ns));
	out_int(o, "bound_ns", w->bound_ns, NULL);
	out_uint(o, "outside", w->outside, NULL);
	out_uint(o, "outside_in_gap", w->outside_gap, NULL);
	out_end(o);
}

static void print_gaps(struct out *o, const struct demo_run *run, const struct demo_gaps *g)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];

	out_object(o, "poll_gaps");
	out_uint(o, "count", g->count, "  %-8s%8" PRIu64 " poll gaps", demo_names[run->kind], g->count);
	out_uint(o, "at_turn", g->where[0], " (%" PRIu64 " between turns", g->where[0]);
	out_uint(o, "at_receive", g->where[1], ", %" PRIu64 " in receive", g->where[1]);
	out_uint(o, "at_send", g->where[2], ", %" PRIu64 " in send)", g->where[2]);
	out_int(o, "lost_ns", g->lost_ns, ", %s in all", ns_str(a, g->lost_ns));
	out_int(o, "longest_ns", g->longest_ns, ", longest %s", ns_str(b, g->longest_ns));
	out_uint(o, "plc_frames_stalled", g->touched, "; %" PRIu64 " frames of the plc met a stall of 50 us or more;", g->touched);
	out_uint(o, "records_lost", run->lost, " records lost %" PRIu64 "\n", run->lost);
	out_uint(o, "gaps_lost", run->gaps_lost, NULL);
	out_end(o);
}

static void print_floor(struct out *o, const struct demo_report *r)
{
	const struct demo_floor *f;
	char a[NS_STR_LEN];
	int64_t shift_ns;
	int h, k;

	out_text(o, "\nWhat the noise moved, gate and port left out (plc, against the quiet run; the floor is the spread over ten slices of it)\n  %-8s%10s%10s%12s", "hop",
		 "quiet p50", "floor", "");
	out_text(o, "%10s%10s\n", "p99", "floor");
	out_array(o, "noise_floor");
	for (h = 0; h < HOP_COUNT; h++) {
		if (h == HOP_GATE || h == HOP_PORT)	/* moving these is what a schedule is for */
			continue;
		f = &r->verdict->floor[h];
		out_object(o, NULL);
		out_str(o, "hop", pkt_hop_name(h), "  %-8s", pkt_hop_name(h));
		out_int(o, "quiet_p50_ns", f->p50[DEMO_QUIET], "%10s", ns_str(a, f->p50[DEMO_QUIET]));
		out_int(o, "floor_p50_ns", f->floor50, "%10s%12s", ns_str(a, f->floor50), "");
		out_int(o, "quiet_p99_ns", f->p99[DEMO_QUIET], "%10s", ns_str(a, f->p99[DEMO_QUIET]));
		out_int(o, "floor_p99_ns", f->floor99, "%10s", ns_str(a, f->floor99));
		for (k = DEMO_STRICT; k <= DEMO_GATES; k++) {
			out_object(o, demo_names[k]);
			shift_ns = f->p50[k] - f->p50[DEMO_QUIET];
			out_int(o, "p50_shift_ns", shift_ns, "   %s p50 %s%s", demo_names[k], shift_ns < 0 ? "" : "+", ns_str(a, shift_ns));
			out_bool(o, "p50_explained", f->explained50[k], "%s", f->explained50[k] ? "" : " (not explained)");
			shift_ns = f->p99[k] - f->p99[DEMO_QUIET];
			out_int(o, "p99_shift_ns", shift_ns, ", p99 %s%s", shift_ns < 0 ? "" : "+", ns_str(a, shift_ns));
			if (f->calm99[k] < INT64_MAX && f->calm99[DEMO_QUIET] < INT64_MAX)
				out_int(o, "p99_shift_without_stalls_ns", f->calm99[k] - f->calm99[DEMO_QUIET], NULL);
			out_bool(o, "p99_explained", f->explained99[k], "%s", f->explained99[k] ? "" : " (not explained)");
			out_end(o);
		}
		out_text(o, "\n");
		out_end(o);
	}
	out_end(o);
}

static void print_overruns(struct out *o, const struct demo_window *w)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];
	const struct demo_overrun *x;
	uint32_t i;

	out_array(o, "first_overruns");
	for (i = 0; i < w->n_list; i++) {
		x = &w->list[i];
		out_object(o, NULL);
		out_uint(o, "number", x->number, "  overrun: frame %u", x->number);
		out_int(o, "late_ns", x->late_ns, " was handed over %s after the close", ns_str(a, x->late_ns));
		out_int(o, "send_ns", x->send_ns, ": the hand-over took %s", ns_str(b, x->send_ns));
		out_bool(o, "gap", x->gap, ", %s\n", x->gap ? "with a poll gap in it" : "and no poll gap is in it");
		out_end(o);
	}
	out_end(o);
}

static void print_run(struct out *o, const struct demo_report *r, int k)
{
	const struct demo_run *run = &r->runs[k];

	if (!run->done)
		return;
	out_object(o, NULL);
	out_str(o, "run", demo_names[k], "%-10s", demo_names[k]);
	print_window(o, &r->verdict->window[k], &run->stats[DEMO_PLC]);
	if (k == DEMO_GATES)
		print_overruns(o, &r->verdict->window[k]);
	out_str(o, "plc_says", run->plc_says, NULL);
	out_str(o, "capture_says", run->capture_says, NULL);
	out_end(o);
}

static bool any_noise(const struct demo_report *r)
{
	int k;

	for (k = 0; k < DEMO_KINDS; k++)
		if (r->runs[k].stats[DEMO_NOISE].sent)
			return true;
	return false;
}

void demo_report_print(const struct demo_report *r, struct out *o)
{
	char answer[320], a[NS_STR_LEN];
	const struct demo_witness *w = &r->verdict->witness[DEMO_GATES];
	int k, h;

	demo_report_answer(r, answer, sizeof(answer));
	out_object(o, NULL);
	out_bool(o, "held", r->verdict->held, NULL);
	out_str(o, "answer", answer, "\n%s%s%s\n\n", out_style(o, r->verdict->held ? OUT_GREEN : OUT_RED), answer, out_style(o, OUT_PLAIN));
	out_text(o, "%-10s%9s%9s%9s%9s%10s%9s%12s%12s   (window: %s of each ms; outside counts for gates only)\n", "run", "frames", "dropped", "inside", "overrun",
		 "unmatched", "outside", "stay p50", "p99.9", ns_exact(a, DEMO_WINDOW_NS));
	out_array(o, "runs");
	for (k = 0; k < DEMO_KINDS; k++)
		print_run(o, r, k);
	out_end(o);
	out_text(o, "\nHops, seen by the worker until handed to the wire\n  %-8s", "");
	for (h = 0; h < HOP_COUNT; h++)
		out_text(o, "%10s", pkt_hop_name(h));
	out_text(o, "%11s\n", "total");
	out_array(o, "hops");
	for (k = 0; k < DEMO_KINDS; k++) {
		if (!r->runs[k].done)
			continue;
		out_object(o, NULL);
		out_str(o, "run", demo_names[k], NULL);
		print_stream(o, &r->runs[k], DEMO_PLC);
		if (any_noise(r))
			print_stream(o, &r->runs[k], DEMO_NOISE);
		out_end(o);
	}
	out_end(o);
	if (r->runs[DEMO_QUIET].done)
		print_floor(o, r);
	out_text(o, "\nThe capture against the records\n");
	out_array(o, "trust");
	for (k = 0; k < DEMO_KINDS; k++) {
		if (!r->runs[k].done)
			continue;
		out_object(o, NULL);
		out_str(o, "run", demo_names[k], NULL);
		print_witness(o, demo_names[k], &r->verdict->witness[k], r->runs[k].capture_drops);
		print_gaps(o, &r->runs[k], &r->verdict->gaps[k]);
		out_end(o);
	}
	out_end(o);
	if (r->runs[DEMO_GATES].done)
		out_text(o, "  gates: captured stamps outside the window by more than the error of the other runs (%s): %" PRIu64 ", of those in a poll gap: %"
			 PRIu64 "\n", ns_str(a, w->bound_ns), w->outside, w->outside_gap);
	out_text(o, "\nReport: %s/report.html\n", r->dir);
	out_end(o);
}

static void tsv_hist(FILE *f, const char *run, const char *stream, const char *hop, const struct hist *h)
{
	size_t q;

	for (q = 0; q < DEMO_QUANTILES; q++)
		if (h->count && (demo_report_quantiles[q].q >= 1 || hist_knows(h, demo_report_quantiles[q].q)))
			fprintf(f, "%s.%s.%s.%s\t%" PRId64 "\tns\n", run, stream, hop, demo_report_quantiles[q].name,
				demo_report_quantiles[q].q < 1 ? hist_quantile(h, demo_report_quantiles[q].q) : h->max);
}

static void tsv_run(FILE *f, const struct demo_run *run, const struct demo_verdict *v)
{
	const char *names[DEMO_STREAMS] = { "plc", "noise" }, *k = demo_names[run->kind];
	const struct demo_window *w = &v->window[run->kind];
	const struct demo_witness *c = &v->witness[run->kind];
	int s, h;

	fprintf(f, "%s.window.frames\t%" PRIu64 "\tframes\n%s.window.inside\t%" PRIu64 "\tframes\n%s.window.overruns\t%" PRIu64 "\tframes\n"
		   "%s.window.unmatched\t%" PRIu64 "\tframes\n%s.window.outside\t%" PRIu64 "\tframes\n",
		k, w->frames, k, w->inside, k, w->overruns, k, w->unmatched, k, w->outside);
	fprintf(f, "%s.capture.pairs\t%" PRIu64 "\tframes\n%s.capture.error.p50\t%" PRId64 "\tns\n%s.capture.error.abs999\t%" PRId64 "\tns\n",
		k, c->pairs, k, c->error.p50, k, c->error.abs999);
	fprintf(f, "%s.records.lost\t%" PRIu64 "\trecords\n%s.gaps.count\t%" PRIu64 "\tgaps\n%s.gaps.longest\t%" PRId64 "\tns\n",
		k, run->lost, k, v->gaps[run->kind].count, k, v->gaps[run->kind].longest_ns);
	for (s = 0; s < DEMO_STREAMS; s++) {
		fprintf(f, "%s.%s.sent\t%" PRIu64 "\tframes\n", k, names[s], run->stats[s].sent);
		for (h = 0; h < HOP_COUNT; h++)
			tsv_hist(f, k, names[s], pkt_hop_name(h), &run->stats[s].hop[h]);
		tsv_hist(f, k, names[s], "total", &run->stats[s].total);
	}
}

int demo_report_summary(const struct demo_report *r, struct why *why)
{
	char path[512];
	struct out o;
	FILE *f;
	int k, rc;

	f = demo_report_open(r, "summary.tsv", path, sizeof(path), why);
	if (!f)
		return -EIO;
	for (k = 0; k < DEMO_KINDS; k++)
		if (r->runs[k].done)
			tsv_run(f, &r->runs[k], r->verdict);
	if (fclose(f))
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	f = demo_report_open(r, "summary.json", path, sizeof(path), why);
	if (!f)
		return -EIO;
	out_init(&o, f, true);
	demo_report_print(r, &o);
	rc = out_fini(&o);
	if (fclose(f) || rc)
		return why_fail(why, EIO, "cannot write %s", path);
	return 0;
}

FILE *demo_report_open(const struct demo_report *r, const char *name, char *path, size_t size, struct why *why)
{
	FILE *f;

	snprintf(path, size, "%s/%s", r->dir, name);
	f = fopen(path, "we");
	if (!f)
		why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	return f;
}
