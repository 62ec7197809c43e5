/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/gate_change.h"
#include "bench/gate_check.h"
#include "bench/gate_date.h"
#include "bench/hugepages.h"
#include "bench/lines.h"
#include "bench/rig.h"
#include "bench/spin.h"

#define EDGE_TC	    7
#define LINK_BPS    INT64_C(1000000000)
#define STALL_NS    (20 * NS_PER_US)	/* a gap of this length is no work of the worker's: it was off its CPU */
#define FLOOR_NS    (2 * NS_PER_SEC)
#define TELL_TURNS  50			/* turns of the rig between two looks at it */
#define STUCK_NS    (10 * NS_PER_SEC)	/* no gated frame for so long */
#define PER_CHANGE  20000		/* frames there is room for, per change: 20 ms at most */

struct conf {
	const char *taktd, *judge;
	int64_t frames, changes, cpu, gap_ns;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt gate_opts[] = {
	{ "frames", 'n', OPT_INT, AT(frames), "N", "1000000", 1000, 20000000, "go on until N frames of the gated class 7 have been seen" },
	{ "changes", 'c', OPT_INT, AT(changes), "N", "1000", 0, 10000, "then change the schedule N times under load" },
	{ "poll-gap", 0, OPT_NS, AT(gap_ns), "TIME", "1us", 1000, NS_PER_MS, "shortest poll gap that taktd publishes" },
	{ "cpu", 0, OPT_INT, AT(cpu), "N", "1", 0, 1023, "CPU of taktd's worker; all else is on the one before it, or on CPU 1" },
	{ "taktd", 0, OPT_STR, AT(taktd), "FILE", NULL, 0, 0, "the taktd to run (default: beside this program)" },
	{ "judge", 0, OPT_STR, AT(judge), "FILE", NULL, 0, 0, "the takt-judge to run (default: beside this program)" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the result as JSON" },
	OPT_END
};
#undef AT

const char gate_examples[] =
	"  takt bench gate                      some 30 seconds; lines of name, value, unit, peer, ratio\n"
	"  takt bench gate -n 10000000 -c 0     ten million frames under one schedule\n"
	"  takt bench gate -n 1000 -c 100       changes above all\n";

struct bench {
	struct conf conf;
	struct rig_conf at;
	struct rig rig;
	struct gate_changes changes;
	struct gate_verdict verdict;
	struct spin before, after;
	struct out out;
	char taktd[PATH_MAX], judge[PATH_MAX], dir[40], egress[1024];
	bool terminal, bad;
};

/* -- what runs where ------------------------------------------------------------------------------------------------------ */

static int choose(struct bench *b, struct why *why)
{
	const struct judge_flow flows[JUDGE_FLOWS] = {
		[0] = {.in_flight = 64, .min_len = 1514, .max_len = 1514},
		[5] = {.in_flight = 128, .min_len = 60, .max_len = 1514},
		[7] = {.in_flight = 256, .min_len = 60, .max_len = 60},
	};
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char list[512];
	int rc;

	b->at.worker_cpu = (int)b->conf.cpu;
	b->at.other_cpu = b->conf.cpu ? (int)b->conf.cpu - 1 : 1;
	if (cpus < 2 || b->at.worker_cpu >= cpus)
		return why_fail(why, EINVAL, "--cpu %d: this machine has %ld CPUs, and taktd's worker and the judge need one each", b->at.worker_cpu, cpus);
	rc = daemon_find(b->taktd, sizeof(b->taktd), "taktd", b->conf.taktd, "taktd", why) ?:
	     daemon_find(b->judge, sizeof(b->judge), "takt-judge", b->conf.judge, "judge", why);
	if (rc)
		return rc;
	if (geteuid())
		return why_fail(why, EPERM, "guests' memory is in huge pages, and they are root's to hand out: run this as root");
	timeline_write(list, sizeof(list), &gate_lists[0]);
	snprintf(b->egress, sizeof(b->egress), "    gate-parameters: %s\n", list);
	b->at.taktd = b->taktd;
	b->at.judge = b->judge;
	b->at.link_bps = LINK_BPS;
	b->at.poll_gap_ns = b->conf.gap_ns;
	b->at.egress = b->egress;
	memcpy(b->at.flow, flows, sizeof(flows));
	return 0;
}

static int make_dir(struct bench *b, struct why *why)
{
	snprintf(b->dir, sizeof(b->dir), "/tmp/takt-gate-XXXXXX");
	if (!mkdtemp(b->dir)) {
		b->dir[0] = '\0';
		return why_fail(why, errno, "cannot make a folder in /tmp: %s", strerror(errno));
	}
	b->at.dir = b->dir;
	return 0;
}

static void progress(const struct bench *b, const char *what, uint64_t n, uint64_t of, bool done)
{
	if (b->terminal)
		fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64 "%s", what, n, of, done ? "\n" : "");
	else if (done)
		fprintf(stderr, "%s: %" PRIu64 "\n", what, n);
}

/* -- a run ---------------------------------------------------------------------------------------------------------------- */

static int run_frames(struct bench *b, uint64_t want, struct why *why)
{
	const _Atomic uint64_t *seen = &b->rig.seen->seen[EDGE_TC];
	int64_t idle_ns = 0;
	uint64_t last = 0;
	int turn, rc = 0;

	for (turn = 0; !rc && atomic_load(seen) < want; turn++) {
		rc = rig_turn(&b->rig, 0, why);
		idle_ns = atomic_load(seen) == last ? idle_ns + RIG_TURN_NS : 0;
		last = atomic_load(seen);
		if (idle_ns > STUCK_NS)
			return why_fail(why, EIO, "no frame of class %d has come for 10 s, after %" PRIu64, EDGE_TC, last);
		if (rc || turn % TELL_TURNS)
			continue;
		progress(b, "gated frames", last, want, false);
		rc = rig_look(&b->rig, why);
	}
	if (!rc)
		progress(b, "gated frames", atomic_load(seen), want, true);
	return rc;
}

static int run_changes(struct bench *b, struct why *why)
{
	uint64_t want = (uint64_t)b->conf.changes, i;
	int rc = 0;

	for (i = 0; !rc && i < want; i++) {
		if (!(i % TELL_TURNS))
			progress(b, "changes", i, want, false);
		rc = gate_change(&b->changes, &b->rig, why);
	}
	if (!rc && want)
		progress(b, "changes", want, want, true);
	return rc;
}

static int perform_run(struct bench *b, uint64_t frames, uint64_t changes, struct why *why)
{
	int rc;

	b->at.frames = frames * 3 + changes * PER_CHANGE + 1000000; /* of class 7 is two frames in three at least */
	rc = rig_start(&b->rig, &b->at, why) ?: gate_changes_init(&b->changes, changes, &b->rig, why);
	if (rc)
		return rc;
	rig_tell(&b->rig, JUDGE_SENDS);
	return run_frames(b, frames, why) ?: (changes ? run_changes(b, why) : 0) ?: rig_drain(&b->rig, why);
}

/* -- judging it ------------------------------------------------------------------------------------------------------------ */

static int judge_run(struct bench *b, uint64_t *wrong, int64_t *error_ns, struct why *why)
{
	struct rig *r = &b->rig;
	struct judge_clock clock;
	struct gate_data d = {
		.link_bps = LINK_BPS, .gap_ns = b->conf.gap_ns, .rec = r->rec, .n_rec = r->n_rec, .gap = r->gap, .n_gap = r->n_gap,
		.seen = judge_seen(r->seen), .n_seen = atomic_load(&r->seen->n_seen), .sent = rig_sent(r), .clock = &clock, .edge_tc = EDGE_TC,
	};
	int rc;

	rc = judge_clock_init(&clock, judge_looks(r->seen), atomic_load(&r->seen->n_looks), why);
	if (rc)
		return rc;
	*wrong = gate_date(b->changes.plan, b->changes.n, b->changes.t_told, r->rec, r->n_rec, r->gap, r->n_gap);
	d.timeline = (struct timeline){.plan = b->changes.plan, .n = b->changes.n};
	d.error_ns = *error_ns = r->clock_error_ns + clock.error_ns;
	rc = gate_check(&b->verdict, &d, why);
	judge_clock_fini(&clock);
	return rc;
}

static uint64_t lost(const struct bench *b)
{
	const struct gate_verdict *v = &b->verdict;
	const struct rig *r = &b->rig;

	return v->dropped + v->unrecorded + v->missing + v->unexpected + v->swapped + v->bad_sums + r->lost + atomic_load(&r->seen->foreign);
}

struct row {
	const char *name;
	double value;
	const char *unit;
	bool bad;	/* anything but 0 is */
};

static void put_rows(struct bench *b, const struct row *row, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		lines_value(&b->out, row[i].name, row[i].value, row[i].unit);
		b->bad |= row[i].bad && row[i].value > 0;
	}
}

#define PUT(b, rows) put_rows(b, rows, sizeof(rows) / sizeof(rows[0]))

static void put_beside(struct bench *b, const char *name, double value, const char *unit, double peer)
{
	double ratio = peer > 0 ? value / peer : 0;

	lines_put(&b->out, name, value, unit, &peer, peer > 0 ? &ratio : NULL);
}

static void put_edges(struct bench *b)
{
	const struct gate_verdict *v = &b->verdict;
	struct hist floor = b->before.edge;

	hist_merge(&floor, &b->after.edge);
	put_beside(b, "gate_edge_p50_ns", (double)hist_quantile(&v->edge, .5), "ns", (double)hist_quantile(&floor, .5));
	put_beside(b, "gate_edge_p999_ns", (double)hist_quantile(&v->edge, .999), "ns", (double)hist_quantile(&floor, .999));
	put_beside(b, "gate_edge_seen_p50_ns", (double)hist_quantile(&v->edge_seen, .5), "ns", (double)hist_quantile(&floor, .5));
	put_beside(b, "gate_edge_seen_p999_ns", (double)hist_quantile(&v->edge_seen, .999), "ns", (double)hist_quantile(&floor, .999));
}

static void put_gaps(struct bench *b)
{
	const struct rig *r = &b->rig;
	int64_t t0 = r->n_rec ? r->rec[0].t_seen : 0, t1 = r->n_rec ? r->rec[r->n_rec - 1].t_out : 1;
	double floor_s = (double)(b->before.span_ns + b->after.span_ns) / 1e9, s = (double)(t1 - t0) / 1e9;
	int64_t longest = b->before.gaps.longest_ns > b->after.gaps.longest_ns ? b->before.gaps.longest_ns : b->after.gaps.longest_ns;
	struct gaps_sum g = {0};

	gaps_add(&g, r->gap, r->n_gap, t0, t1, STALL_NS);
	put_beside(b, "gate_poll_gaps", (double)g.count / s, "1/s", (double)(b->before.gaps.count + b->after.gaps.count) / floor_s);
	put_beside(b, "gate_poll_gap_share", (double)g.lost_ns / s / 1e7, "%",
		   (double)(b->before.gaps.lost_ns + b->after.gaps.lost_ns) / floor_s / 1e7);
	put_beside(b, "gate_poll_gap_longest_us", (double)g.longest_ns / 1e3, "us", (double)longest / 1e3);
}

static void put_frames(struct bench *b, int64_t error_ns)
{
	const struct gate_verdict *v = &b->verdict;
	const struct row rows[] = {
		{"gate_frames", (double)v->frames, "frames", false},
		{"gate_frames_class7", (double)v->class_frames[EDGE_TC], "frames", false},
		{"gate_outside", (double)v->outside, "frames", true},
		{"gate_overruns", (double)v->overruns, "frames", false},
		{"gate_overruns_unmatched", (double)v->unmatched, "frames", true},
		{"gate_lost", (double)lost(b), "frames", true},
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

	PUT(b, rows);
}

static void put_changes(struct bench *b, uint64_t wrong)
{
	const struct gate_verdict *v = &b->verdict;
	const struct row rows[] = {
		{"gate_changes", (double)(b->changes.n - 1), "changes", false},
		{"gate_change_errors", (double)(wrong + v->wrong_plan + v->outside + v->unmatched + v->misplaced + v->early + lost(b)), "", true},
		{"gate_change_frames", (double)v->frames, "frames", false},
		{"gate_change_mistimed", (double)wrong, "changes", false},
		{"gate_change_wrong_list", (double)v->wrong_plan, "frames", false},
		{"gate_change_outside", (double)(v->outside + v->misplaced + v->early), "frames", false},
		{"gate_change_lost", (double)lost(b), "frames", false},
		{"gate_change_overruns", (double)v->overruns, "frames", false},
	};

	PUT(b, rows);
}

static int floor_of(struct bench *b, struct spin *s, struct why *why)
{
	int rc = spin_measure(s, b->at.worker_cpu, gate_lists[0].cycle_ns, FLOOR_NS, STALL_NS, why);

	return rc ?: procs_pause(b->at.set, 1);
}

static int measure(struct bench *b, uint64_t frames, uint64_t changes, struct why *why)
{
	uint64_t wrong = 0;
	int64_t error_ns = 0;
	int rc;

	rc = perform_run(b, frames, changes, why);
	rig_stop(&b->rig);
	if (!rc && !changes)
		rc = floor_of(b, &b->after, why);
	rc = rc ?: judge_run(b, &wrong, &error_ns, why);
	if (!rc && changes)
		put_changes(b, wrong);
	if (!rc && !changes) {
		put_frames(b, error_ns);
		put_edges(b);
		put_gaps(b);
	}
	fflush(stdout);
	gate_changes_fini(&b->changes);
	rig_fini(&b->rig);
	return rc;
}

static int perform(struct bench *b, struct why *why)
{
	int64_t borrowed;
	int rc, end;

	rc = hugepages_borrow(&borrowed, RIG_PAGES, why);
	if (rc)
		return rc;
	out_init(&b->out, stdout, b->conf.json);
	out_array(&b->out, NULL);
	rc = floor_of(b, &b->before, why) ?: measure(b, (uint64_t)b->conf.frames, 0, why);
	if (!rc && b->conf.changes)
		rc = measure(b, 1, (uint64_t)b->conf.changes, why);
	out_end(&b->out);
	end = out_fini(&b->out);
	hugepages_return(borrowed);
	return rc || !end ? rc : why_fail(why, -end, "cannot print the result: %s", strerror(-end));
}

int gate_bench_run(const struct cmd *self, int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct procs *set = NULL;
	struct why why = {""};
	int status = CMD_OK;
	int rc;

	if (!b)
		return CMD_FAILED;
	if (cmd_options(self, &b->conf, argc, argv, 0, 0, &status) < 0)
		goto out;
	b->terminal = isatty(STDERR_FILENO);
	rc = choose(b, &why) ?: procs_create(&set, &why);
	b->at.set = set;
	if (!rc)
		rc = make_dir(b, &why) ?: perform(b, &why);
	if (rc)
		status = rc == -EINTR ? CMD_FAILED : cmd_refuse(rc, &why);
	else
		status = b->bad ? CMD_FAILED : CMD_OK;
	if (b->dir[0])
		rmdir(b->dir);
	if (set)
		status = procs_exit(set, status);
	procs_destroy(set);
out:
	free(b);
	return status;
}
