/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/trial.h"
#include "bench/lines.h"
#include "bench/ptp_sum.h"

#define AWAY	   20	/* percent of the time without its CPU: a worker that says nothing of taktd any more */
#define GOAL	   300	/* times nearer to the truth than without correction */

struct conf {
	struct trial_conf all;
	const char *arms;
	int64_t rounds, span_ns, log_interval, cycle_ns, open_ns, flood, flood_len;
	bool udp4;
};

#define AT(field) offsetof(struct conf, field)
const struct opt ptp_opts[] = {
	{ "rounds", 'n', OPT_INT, AT(rounds), "N", "3", 1, PTP_SUM_ROUNDS, "measure each way N times, in turns" },
	{ "span", 's', OPT_NS, AT(span_ns), "TIME", "20s", NS_PER_SEC, 3600 * NS_PER_SEC, "measure for TIME each, once the client has settled" },
	{ "ways", 'w', OPT_STR, AT(arms), "LIST", "tc,uncorrected,linuxptp,direct", 0, 0, "which ways, separated by commas" },
	{ "open", 0, OPT_NS, AT(open_ns), "TIME", "1ms", 10 * NS_PER_US, NS_PER_SEC, "how long the gate of PTP's class is open in each cycle" },
	{ "cycle", 0, OPT_NS, AT(cycle_ns), "TIME", "10ms", 100 * NS_PER_US, NS_PER_SEC, "cycle of the gates" },
	{ "flood", 'f', OPT_INT, AT(flood), "PPS", "20000", 0, 1000000, "frames per second of class 0 in each direction; 0: none" },
	{ "flood-size", 0, OPT_INT, AT(flood_len), "BYTES", "1500", 64, 1518, "length of these, with their tag, without their FCS" },
	{ "log-interval", 0, OPT_INT, AT(log_interval), "N", "-4", -6, 0, "a Sync, and on average a Delay_Req, each 2^N s" },
	{ "udp4", 0, OPT_FLAG, AT(udp4), NULL, NULL, 0, 0, "PTP over UDP and IPv4; else over Ethernet" },
	TRIAL_OPTS(AT(all)),
	OPT_END
};
#undef AT

const char ptp_examples[] =
	"  takt bench ptp                       some six minutes; lines of name, value, unit, peer, ratio\n"
	"  takt bench ptp --udp4 -n 1           one round, over UDP and IPv4\n"
	"  takt bench ptp -w tc,uncorrected -n 1 -s 5s\n"
	"  takt bench ptp && echo sound         status 1: a line outside, bad_sums or lost is not 0; 77: no ptp4l. A missed goal is told only\n";

static const struct {
	const char *option, *figure, *title;
} ways[PTP_ARMS] = {
	[PTP_TC] = {"tc", "ptp_tc", "taktd, corrected"},
	[PTP_UNCORRECTED] = {"uncorrected", "ptp_uncorrected", "taktd, not corrected"},
	[PTP_LINUXPTP] = {"linuxptp", "ptp_linuxptp_tc", "linuxptp's clock, no gates"},
	[PTP_DIRECT] = {"direct", "ptp_direct", "nothing in between"},
};

struct bench {
	struct conf conf;
	struct ptp_arm_conf at;
	struct ptp_net net;
	bool wanted[PTP_ARMS];
	struct ptp_sum sum[PTP_ARMS];
	bool bad;		/* a figure that has to be 0 was not */
};

/* -- what is asked for ------------------------------------------------------------------------------------------- */

static int choose(void *bench, struct why *why)
{
	struct bench *b = bench;

	if (b->conf.open_ns >= b->conf.cycle_ns)
		return why_fail(why, EINVAL, "--open has to be less than --cycle");
	return trial_pick(b->wanted, "ways", b->conf.arms, ways, sizeof(ways[0]), PTP_ARMS, why);
}

/* -- rounds ------------------------------------------------------------------------------------------------------ */

static void tell_run(const struct bench *b, int round, int arm, const struct ptp_arm_result *r,
		     const struct ptp_stat *s)
{
	const struct ptp_check *c = &r->check;

	fprintf(stderr, "round %d of %d, %s: rms %.0f ns of %" PRIu64 " offsets", round + 1, (int)b->conf.rounds,
		ways[arm].title, s->rms_ns, s->samples);
	if (c->sent)
		fprintf(stderr, "; PTP stayed for %.3f to %.3f ms, median %.3f", (double)c->stay_ns[0] / 1e6,
			(double)c->stay_ns[c->sent - 1] / 1e6, (double)c->stay_ns[c->sent / 2] / 1e6);
	if (r->trouble)
		fprintf(stderr, "; %" PRIu64 " complaints of ptp4l, the first: %s", r->trouble, r->trouble_says);
	fputc('\n', stderr);
}

static int run_one(struct bench *b, int round, int arm, struct why *why)
{
	struct ptp_arm_result r;
	struct ptp_stat s = {0};
	int rc = ptp_arm_run(&r, &b->at, &b->net, (enum ptp_arm)arm, why);

	if (!rc) {
		s = r.settled;
		if (ptp_stat_make(&s, r.sample, r.n_sample) || ptp_sum_add(&b->sum[arm], &r, &s))
			rc = why_fail(why, ENOMEM, "out of memory");
		else
			tell_run(b, round, arm, &r, &s);
	} else if (rc != -EINTR) {
		why_at(why, "round %d, %s", round + 1, ways[arm].title);
	}
	ptp_arm_fini(&r);
	return rc;
}

/* Forth and back: what drifts meets all ways alike. */
static int run_rounds(struct bench *b, struct why *why)
{
	int round, i, arm, rc = 0;

	for (round = 0; round < b->conf.rounds; round++)
		for (i = 0; i < PTP_ARMS && !rc; i++) {
			arm = round % 2 ? PTP_ARMS - 1 - i : i;
			if (b->wanted[arm])
				rc = run_one(b, round, arm, why);
		}
	return rc;
}

/* -- figures ----------------------------------------------------------------------------------------------------- */

static void put_goals(struct bench *b, struct out *o)
{
	double tc = b->sum[PTP_TC].all.rms_ns, none = b->sum[PTP_UNCORRECTED].all.rms_ns,
	       peer = b->sum[PTP_LINUXPTP].all.rms_ns, goal = GOAL, times = tc > 0 ? none / tc : 0, met = times / goal;

	if (b->wanted[PTP_TC] && b->wanted[PTP_UNCORRECTED]) {
		lines_put(o, "ptp_better", times, "times", &goal, &met);
		fprintf(stderr, "goal: %d times nearer to the truth than without correction: %.0f times, %s\n", GOAL, times,
			times >= GOAL ? "met" : "missed");
	}
	if (b->wanted[PTP_TC] && b->wanted[PTP_LINUXPTP])
		fprintf(stderr, "goal: no further from it than behind linuxptp's clock without gates: %.0f ns and %.0f ns, %s\n",
			tc, peer, tc <= peer ? "met" : "missed");
}

/* A worker that shares its CPU measures who else is on it. */
static void tell_away(const struct bench *b)
{
	double percent;
	int i;

	for (i = 0; i < PTP_ARMS; i++) {
		percent = ptp_sum_away(&b->sum[i]);
		if (percent > AWAY)
			fprintf(stderr, "%s: the worker was off its CPU for %.0f %% of the time: do not judge by this run\n", ways[i].title,
				percent);
	}
}

static int tell(struct bench *b, struct why *why)
{
	static const int peer[PTP_ARMS] = {PTP_LINUXPTP, PTP_TC, PTP_DIRECT, PTP_DIRECT};
	const struct ptp_sum *beside;
	struct out o;
	int i;

	for (i = 0; i < PTP_ARMS; i++)
		if (ptp_sum_make(&b->sum[i]))
			return why_fail(why, ENOMEM, "out of memory");
	lines_begin(&o, b->conf.all.json);
	for (i = 0; i < PTP_ARMS; i++) {
		beside = peer[i] != i && b->wanted[peer[i]] ? &b->sum[peer[i]] : NULL;
		if (b->wanted[i])
			ptp_sum_offsets(&o, ways[i].figure, &b->sum[i], beside);
	}
	for (i = 0; i < PTP_ARMS; i++)
		if (b->sum[i].sent)
			b->bad |= !ptp_sum_records(&o, ways[i].figure, &b->sum[i]);
	put_goals(b, &o);
	tell_away(b);
	return lines_end(&o, 0, why);
}

/* -- all of it --------------------------------------------------------------------------------------------------- */

/* Off the worker's CPU, and as urgent as those who are asked. */
static void move_over(const struct bench *b)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(b->at.other_cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	setpriority(PRIO_PROCESS, 0, -19);
}

static bool have_ptp4l(struct procs *set)
{
	const char *argv[] = {"ptp4l", "-v", NULL};
	struct why why = {""};

	return !proc_run(set, &(struct proc_conf){.name = "ptp4l", .argv = argv}, 10 * NS_PER_SEC, &why);
}

static int perform(void *bench, const struct trial *c, struct why *why)
{
	struct bench *b = bench;
	const struct conf *o = &b->conf;
	int rc;

	if (!have_ptp4l(c->set)) {
		fprintf(stderr, "takt: ptp4l cannot be run: install linuxptp (make deps)\n");
		return CMD_UNABLE;
	}
	b->at = (struct ptp_arm_conf){.set = c->set, .takt = c->takt, .taktd = c->taktd, .dir = c->dir, .worker_cpu = c->worker_cpu,
				      .other_cpu = c->other_cpu, .udp4 = o->udp4, .log_interval = (int)o->log_interval, .cycle_ns = o->cycle_ns,
				      .open_ns = o->open_ns, .flood = o->flood, .flood_len = o->flood_len, .span_ns = o->span_ns};
	rc = ptp_net_create(&b->net, &b->at, why);
	if (!rc) {
		move_over(b);
		rc = run_rounds(b, why) ?: tell(b, why);
	}
	ptp_net_destroy(&b->net);
	return rc ?: b->bad ? CMD_FAILED : CMD_OK;
}

static void fini(void *bench)
{
	struct bench *b = bench;
	int i;

	for (i = 0; i < PTP_ARMS; i++)
		ptp_sum_fini(&b->sum[i]);
}

int ptp_bench_run(const struct cmd *self, int argc, char **argv)
{
	static const struct trial_bench bench = {.name = "ptp", .size = sizeof(struct bench), .choose = choose, .perform = perform, .fini = fini};

	return trial_run(&bench, self, argc, argv);
}
