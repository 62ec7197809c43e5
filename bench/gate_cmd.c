/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/gate_change.h"
#include "bench/gate_date.h"
#include "bench/live.h"

#define EDGE_TC	   7
#define TELL_TURNS 50			/* turns of the rig between two looks at it */
#define STUCK_NS   (10 * NS_PER_SEC)	/* no gated frame for so long */
#define PER_CHANGE 6000		/* frames there is room for, per change */
#define REST	   1000000		/* and beside all that */

struct conf {
	struct live_conf live;
	int64_t frames, changes;
};

#define AT(field) offsetof(struct conf, field)
const struct opt gate_opts[] = {
	{"frames", 'n', OPT_INT, AT(frames), "N", "1000000", 1000, 20000000,
	 "go on until N frames of the gated class 7 have been seen"},
	{"changes", 'c', OPT_INT, AT(changes), "N", "1000", 0, 10000, "then change the schedule N times under load"},
	LIVE_OPTS(AT(live)),
	OPT_END
};
#undef AT

const char gate_examples[] =
	"  takt bench gate                      some 30 seconds; lines of name, value, unit, peer, ratio\n"
	"  takt bench gate -n 10000000 -c 0     ten million frames under one schedule\n"
	"  takt bench gate -n 1000 -c 100       changes above all\n";

struct bench {
	struct conf conf;
	struct live live;
	struct gate_changes changes;
	struct gate_verdict verdict;
	char egress[1024];
};

/* -- a run ------------------------------------------------------------------------------------------------------- */

static int run_frames(struct bench *b, uint64_t want, struct why *why)
{
	struct rig *r = &b->live.rig;
	const _Atomic uint64_t *seen = &r->seen->seen[EDGE_TC];
	int64_t idle_ns = 0;
	uint64_t last = 0;
	int turn, rc = 0;

	for (turn = 0; !rc && atomic_load(seen) < want; turn++) {
		rc = rig_turn(r, 0, why);
		idle_ns = atomic_load(seen) == last ? idle_ns + RIG_TURN_NS : 0;
		last = atomic_load(seen);
		if (idle_ns > STUCK_NS)
			return why_fail(why, EIO, "no frame of class %d has come for 10 s, after %" PRIu64, EDGE_TC,
					last);
		if (rc || turn % TELL_TURNS)
			continue;
		live_progress(&b->live, "gated frames", last, want, false);
	}
	if (!rc)
		live_progress(&b->live, "gated frames", atomic_load(seen), want, true);
	return rc;
}

static int run_changes(struct bench *b, uint64_t want, struct why *why)
{
	uint64_t i;
	int rc = 0;

	for (i = 0; !rc && i < want; i++) {
		if (!(i % TELL_TURNS))
			live_progress(&b->live, "changes", i, want, false);
		rc = gate_change(&b->changes, &b->live.rig, why);
	}
	if (!rc && want)
		live_progress(&b->live, "changes", want, want, true);
	return rc;
}

static int run(struct bench *b, uint64_t frames, uint64_t changes, struct why *why)
{
	struct rig *r = &b->live.rig;
	int rc;

	b->live.at.frames = frames * 3 + changes * PER_CHANGE + REST; /* of three frames more than one is of class 7 */
	rc = rig_start(r, &b->live.at, why) ?: gate_changes_init(&b->changes, changes, r, why);
	if (rc)
		return rc;
	rig_tell(r, JUDGE_SENDS);
	return run_frames(b, frames, why) ?: run_changes(b, changes, why) ?: rig_drain(r, why);
}

/* -- figures ----------------------------------------------------------------------------------------------------- */

static void put_frames(struct bench *b, int64_t error_ns)
{
	const struct gate_verdict *v = &b->verdict;
	const struct live_row rows[] = {
		{"gate_frames", (double)v->frames, "frames", false},
		{"gate_frames_class7", (double)v->class_frames[EDGE_TC], "frames", false},
		{"gate_outside", (double)v->outside, "frames", true},
		{"gate_overruns", (double)v->overruns, "frames", false},
		{"gate_overruns_unmatched", (double)v->unmatched, "frames", true},
		{"gate_overruns_uncounted",
		 (double)(v->flagged > b->live.rig.overruns ? v->flagged - b->live.rig.overruns : 0), "frames", true},
		{"gate_lost", (double)live_lost(&b->live, v), "frames", true},
		{"gate_seen_outside", (double)(v->misplaced + v->early), "frames", true},
		{"gate_seen_overruns", (double)v->late, "frames", false},
		{"gate_seen_blurred", (double)v->blurred, "frames", false},
		{"gate_windows", (double)v->windows, "windows", false},
		{"gate_windows_empty", (double)v->empty, "windows", false},
		{"gate_windows_empty_unmatched", (double)(v->empty - v->empty_gap), "windows", false},
		{"gate_fill", v->fill * 100, "%", false},
		{"gate_look_p50_ns", (double)hist_quantile(&v->look, .5), "ns", false},
		{"gate_look_p999_ns", (double)hist_quantile(&v->look, .999), "ns", false},
		{"gate_transit_p50_ns", (double)hist_quantile(&v->transit, .5), "ns", false},
		{"gate_clock_error_ns", (double)error_ns, "ns", false},
	};

	LIVE_ROWS(&b->live, rows);
}

static void put_edges(struct bench *b)
{
	const struct gate_verdict *v = &b->verdict;
	struct hist floor = b->live.before.notice.late;
	int64_t f50, f999;

	hist_merge(&floor, &b->live.after.notice.late);
	f50 = hist_quantile(&floor, .5);
	f999 = hist_quantile(&floor, .999);
	live_beside(&b->live, "gate_edge_p50_ns", (double)hist_quantile(&v->edge, .5), "ns", (double)f50);
	live_beside(&b->live, "gate_edge_p999_ns", (double)hist_quantile(&v->edge, .999), "ns", (double)f999);
	live_beside(&b->live, "gate_edge_chosen_p50_ns", (double)hist_quantile(&v->edge_chosen, .5), "ns", (double)f50);
	live_beside(&b->live, "gate_edge_seen_p50_ns", (double)hist_quantile(&v->edge_seen, .5), "ns", (double)f50);
	live_beside(&b->live, "gate_edge_seen_p999_ns", (double)hist_quantile(&v->edge_seen, .999), "ns", (double)f999);
}

static void put_changes(struct bench *b, uint64_t wrong)
{
	const struct gate_verdict *v = &b->verdict;
	uint64_t lost = live_lost(&b->live, v), outside = v->outside + v->misplaced + v->early;
	const struct live_row rows[] = {
		{"gate_changes", (double)(b->changes.n - 1), "changes", false},
		{"gate_change_errors", (double)(wrong + v->wrong_plan + outside + v->unmatched + lost), "", true},
		{"gate_change_frames", (double)v->frames, "frames", false},
		{"gate_change_mistimed", (double)wrong, "changes", false},
		{"gate_change_wrong_list", (double)v->wrong_plan, "frames", false},
		{"gate_change_outside", (double)outside, "frames", false},
		{"gate_change_lost", (double)lost, "frames", false},
		{"gate_change_overruns", (double)v->overruns, "frames", false},
		{"gate_change_overruns_unmatched", (double)v->unmatched, "frames", false},
	};

	LIVE_ROWS(&b->live, rows);
}

static int judge(struct bench *b, uint64_t changes, struct why *why)
{
	const struct rig *r = &b->live.rig;
	struct gate_changes *c = &b->changes;
	uint64_t wrong = gate_date(c->plan, c->n, c->t_told, r->rec, r->n_rec, r->gap, r->n_gap);
	struct judge_clock clock = {0};
	int rc;

	rc = live_judge(&b->live, &b->verdict, &clock, &(struct timeline){.plan = c->plan, .n = c->n}, EDGE_TC, why);
	if (!rc && changes) {
		put_changes(b, wrong);
	} else if (!rc) {
		put_frames(b, r->clock_error_ns + clock.error_ns);
		put_edges(b);
		live_gaps(&b->live, "gate");
	}
	judge_clock_fini(&clock);
	return rc;
}

static int measure(struct bench *b, uint64_t frames, uint64_t changes, struct why *why)
{
	int rc = run(b, frames, changes, why);

	rig_stop(&b->live.rig);
	if (!rc && !changes)
		rc = live_floor(&b->live, &b->live.after, gate_lists[0].cycle_ns, why);
	rc = rc ?: judge(b, changes, why);
	fflush(stdout);
	gate_changes_fini(&b->changes);
	rig_fini(&b->live.rig);
	return rc;
}

static int body(void *user, struct why *why)
{
	struct bench *b = user;
	int rc;

	rc = live_floor(&b->live, &b->live.before, gate_lists[0].cycle_ns, why)
		     ?: measure(b, (uint64_t)b->conf.frames, 0, why);
	if (!rc && b->conf.changes)
		rc = measure(b, 1, (uint64_t)b->conf.changes, why);
	return rc;
}

static int perform(void *user, const struct trial *c, struct why *why)
{
	static const struct judge_flow flows[JUDGE_FLOWS] = {
		[0] = {.in_flight = 64, .min_len = 1514, .max_len = 1514},
		[5] = {.in_flight = 128, .min_len = 60, .max_len = 1514},
		[7] = {.in_flight = 256, .min_len = 60, .max_len = 60},
	};
	struct bench *b = user;
	char list[512];

	timeline_write(list, sizeof(list), &gate_lists[0]);
	snprintf(b->egress, sizeof(b->egress), "    gate-parameters: %s\n", list);
	b->live.at.egress = b->egress;
	memcpy(b->live.at.flow, flows, sizeof(flows));
	return live_perform(&b->live, &b->conf.live, c, body, b, why);
}

int gate_bench_run(const struct cmd *self, int argc, char **argv)
{
	static const struct trial_bench bench = {.name = "live", .size = sizeof(struct bench), .perform = perform};

	return trial_run(&bench, self, argc, argv);
}
