/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/cbs_check.h"
#include "bench/live.h"

#define CLASSES	   2		/* that are shaped: the upper, the lower */
#define LONGEST	   1514		/* bytes in memory of the longest frame of any class */
#define ON_WIRE	   24		/* preamble and SFD 8, FCS 4, gap 12 */
#define AHEAD_NS   (2 * NS_PER_US) /* taktd hands a frame over up to so long before the link is free (decision 009) */
#define TELL_TURNS 50
#define PER_SEC	   200000	/* frames at most: twice what these lengths give */
#define REST	   200000
#define PERIOD_NS  (500 * NS_PER_US)

struct conf {
	struct live_conf live;
	int64_t span_ns;
};

#define AT(field) offsetof(struct conf, field)
const struct opt cbs_opts[] = {
	{ "span", 's', OPT_NS, AT(span_ns), "TIME", "12s", NS_PER_SEC, 300 * NS_PER_SEC, "shape for TIME" },
	LIVE_OPTS(AT(live)),
	OPT_END
};
#undef AT

const char cbs_examples[] =
	"  takt bench cbs                       some 20 seconds; lines of name, value, unit, peer, ratio\n"
	"  takt bench cbs --span 60s\n";

static const struct {
	uint8_t tc;
	int64_t idle_bps;
	const char *name;	/* in figures: cbs_rate_ppm, cbs_b_rate_ppm */
} shaped[CLASSES] = {
	{6, 100000000, "cbs"},
	{5, 50000000, "cbs_b"},
};

struct bench {
	struct conf conf;
	struct live live;
	struct gate_verdict verdict;
	char egress[256];
};

/* -- a run ------------------------------------------------------------------------------------------------------- */

static int run(struct bench *b, struct why *why)
{
	struct rig *r = &b->live.rig;
	uint64_t s, want = (uint64_t)(b->conf.span_ns / NS_PER_SEC);
	int64_t span_ns = 0;
	int turn, rc;

	b->live.at.frames = PER_SEC * (want + 1) + REST;
	rc = rig_start(r, &b->live.at, why);
	if (rc)
		return rc;
	rig_tell(r, JUDGE_SENDS);
	for (turn = 0; !rc && span_ns < b->conf.span_ns; turn++) {
		rc = rig_turn(r, 0, why);
		span_ns = r->n_rec ? r->rec[r->n_rec - 1].t_out - r->rec[0].t_out : 0;
		s = (uint64_t)(span_ns / NS_PER_SEC);
		if (rc || turn % TELL_TURNS)
			continue;
		live_progress(&b->live, "seconds", s, want, false);
		if (turn * RIG_TURN_NS > 10 * b->conf.span_ns)
			return why_fail(why, EIO, "frames do not flow: %zu so far", r->n_rec);
	}
	if (!rc)
		live_progress(&b->live, "seconds", want, want, true);
	return rc ?: rig_drain(r, why);
}

/* -- judging ----------------------------------------------------------------------------------------------------- */

static uint32_t on_wire(uint16_t len)
{
	return (len < 60u ? 60u : len) + ON_WIRE;
}

/* Starts on the link, modelled from hand-overs and lengths alone, all classes together; of class tc they are kept. */
static size_t starts_sent(struct cbs_start *out, const struct rig *r, uint8_t tc)
{
	int64_t t_free = 0, t_low = 0;
	size_t i, n = 0;

	for (i = 0; i < r->n_rec; i++) {
		const struct pkt *p = &r->rec[i];

		if (p->verdict != VERDICT_SENT)
			continue;
		t_free = t_free > pkt_t_hand(p) ? t_free : pkt_t_hand(p);
		if (p->tc == tc)
			out[n++] =
				(struct cbs_start){.t_from = t_free,
						   .t_to = t_free,
						   .bytes = on_wire(p->len),
						   .t_low = t_low,
						   .t_queued = p->t_seen + p->hop_ns[HOP_COPY] + p->hop_ns[HOP_CLASS]};
		t_low = p->tc < tc ? t_free : p->tc == tc ? 0 : t_low;
		t_free += (int64_t)on_wire(p->len) * 8 * NS_PER_SEC / LIVE_LINK_BPS;
	}
	return n;
}

/* The same frames as the receiver saw them; when each was queued is known from the records, which are in the same
 * order. */
static size_t starts_seen(struct cbs_start *out, const struct rig *r, const struct judge_clock *clock, uint8_t tc,
			  const struct cbs_start *sent, size_t n_sent)
{
	const struct judge_seen *s = judge_seen(r->seen);
	uint64_t i, seen = atomic_load(&r->seen->n_seen);
	int64_t t_low = 0;
	size_t n = 0;

	for (i = 0; i < seen && n < n_sent; i++) {
		if (s[i].pcp < tc)
			t_low = judge_clock_tai(clock, s[i].tsc_before);
		if (s[i].pcp != tc)
			continue;
		out[n] = (struct cbs_start){.t_from = judge_clock_tai(clock, s[i].tsc_before),
					    .t_to = judge_clock_tai(clock, s[i].tsc),
					    .bytes = on_wire(s[i].len),
					    .t_queued = sent[n].t_queued,
					    .t_low = t_low};
		t_low = 0;
		n++;
	}
	return n;
}

static void put(struct bench *b, const char *name, const char *what, double value, const char *unit, bool bad)
{
	char text[64];

	snprintf(text, sizeof(text), "%s_%s", name, what);
	live_rows(&b->live, &(struct live_row){text, value, unit, bad}, 1);
}

static void put_class(struct bench *b, int k, const struct cbs_verdict *sent, const struct cbs_verdict *seen,
		      double bound)
{
	const char *name = shaped[k].name;
	char text[64];

	put(b, name, "rate_ppm", seen->ppm, "ppm", false);
	put(b, name, "rate_sent_ppm", sent->ppm, "ppm", false);
	put(b, name, "rate_mbps", seen->rate_bps / 1e6, "Mb/s", false);
	put(b, name, "span_s", (double)seen->span_ns / 1e9, "s", false);
	snprintf(text, sizeof(text), "%s_burst_bytes", name);
	live_beside(&b->live, text, sent->burst, "bytes", bound);
	snprintf(text, sizeof(text), "%s_burst_seen_bytes", name);
	live_beside(&b->live, text, seen->burst, "bytes", bound);
	put(b, name, "burst_errors", (double)sent->errors, "frames", true);
	put(b, name, "burst_seen_errors", (double)seen->errors, "frames", true);
	put(b, name, "burst_gap_frames", (double)sent->gap_frames, "frames", false);
	put(b, name, "burst_gap_bytes", sent->lent, "bytes", false);
	put(b, name, "frames", (double)sent->frames, "frames", false);
	put(b, name, "dry", (double)sent->dry, "times", false);
}

/* What two classes are judged with, the upper one first: the lower one's gaps come from it. */
struct work {
	struct cbs_start *sent, *seen;
	struct rec_gap *away;
	bool *over;
	struct cbs_data data;
};

static void judge_class(struct bench *b, int k, struct work *w, const struct judge_clock *clock)
{
	const struct rig *r = &b->live.rig;
	uint32_t longest = on_wire(LONGEST);
	struct cbs_data *d = &w->data;
	struct cbs_verdict sent, seen;

	d->frame = w->sent;
	d->n = starts_sent(w->sent, r, shaped[k].tc);
	d->idle_bps = shaped[k].idle_bps;
	d->hi_bytes =
		cbs_hi_credit(LIVE_LINK_BPS, shaped[k].idle_bps, longest, k ? shaped[0].idle_bps : 0, k ? longest : 0);
	d->slack_ns = AHEAD_NS + b->conf.live.gap_ns;
	cbs_check(&sent, d, w->over);
	d->frame = w->seen;
	d->n = starts_seen(w->seen, r, clock, shaped[k].tc, w->sent, d->n);
	d->slack_ns += r->clock_error_ns + clock->error_ns;
	cbs_check(&seen, d, NULL);
	put_class(b, k, &sent, &seen, d->hi_bytes + longest);
	d->frame = w->sent;
	d->n_gap = cbs_away(w->away, d, w->over, LIVE_LINK_BPS);
	d->gap = w->away;
}

static int judge_classes(struct bench *b, const struct judge_clock *clock, struct why *why)
{
	const struct rig *r = &b->live.rig;
	size_t n = r->n_rec + 1;
	struct work w = {.sent = calloc(n, sizeof(*w.sent)),
			 .seen = calloc(n, sizeof(*w.seen)),
			 .over = calloc(n, sizeof(*w.over)),
			 .away = calloc(n + r->n_gap, sizeof(*w.away)),
			 .data = {.gap = r->gap, .n_gap = r->n_gap}};
	int k, rc = 0;

	if (w.sent && w.seen && w.over && w.away)
		for (k = 0; k < CLASSES; k++)
			judge_class(b, k, &w, clock);
	else
		rc = why_fail(why, ENOMEM, "no memory to judge %zu records", r->n_rec);
	free(w.sent);
	free(w.seen);
	free(w.over);
	free(w.away);
	return rc;
}

static int judge(struct bench *b, struct why *why)
{
	static const struct timeline_plan open = {
		.list = {.cycle_ns = NS_PER_MS, .n = 1, .entry = {{0xff, NS_PER_MS}}}};
	struct judge_clock clock = {0};
	int rc;

	rc = live_judge(&b->live, &b->verdict, &clock, &(struct timeline){.plan = &open, .n = 1}, 7, why)
		     ?: judge_classes(b, &clock, why);
	if (!rc) {
		const struct live_row rows[] = {
			{"cbs_frames_all", (double)b->verdict.frames, "frames", false},
			{"cbs_lost", (double)live_lost(&b->live, &b->verdict), "frames", true},
			{"cbs_clock_error_ns", (double)(b->live.rig.clock_error_ns + clock.error_ns), "ns", false},
		};

		LIVE_ROWS(&b->live, rows);
		live_gaps(&b->live, "cbs");
	}
	judge_clock_fini(&clock);
	return rc;
}

static int body(void *user, struct why *why)
{
	struct bench *b = user;
	int rc = live_floor(&b->live, &b->live.before, PERIOD_NS, why);

	if (rc)
		return rc;
	rc = run(b, why);
	rig_stop(&b->live.rig);
	rc = rc ?: live_floor(&b->live, &b->live.after, PERIOD_NS, why) ?: judge(b, why);
	rig_fini(&b->live.rig);
	return rc;
}

static int perform(void *user, const struct trial *c, struct why *why)
{
	static const struct judge_flow flows[JUDGE_FLOWS] = {
		[0] = {.in_flight = 64, .min_len = LONGEST, .max_len = LONGEST},
		[5] = {.in_flight = 1500, .min_len = 60, .max_len = LONGEST},
		[6] = {.in_flight = 1500, .min_len = 60, .max_len = LONGEST},
	};
	struct bench *b = user;

	snprintf(b->egress, sizeof(b->egress), "    credit-based-shaper: {%u: %" PRId64 ", %u: %" PRId64 "}\n",
		 shaped[0].tc, shaped[0].idle_bps, shaped[1].tc, shaped[1].idle_bps);
	b->live.at.egress = b->egress;
	memcpy(b->live.at.flow, flows, sizeof(flows));
	return live_perform(&b->live, &b->conf.live, c, body, b, why);
}

int cbs_run(const struct cmd *self, int argc, char **argv)
{
	static const struct trial_bench bench = {.name = "live", .size = sizeof(struct bench), .perform = perform};

	return trial_run(&bench, self, argc, argv);
}
