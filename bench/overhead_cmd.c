/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/trial.h"
#include "bench/lines.h"
#include "bench/overhead.h"
#include "bench/overhead_probes.h"

#define GOAL 2 /* per cent of the throughput that records may cost */

struct conf {
	struct trial_conf all;
	const char *ring, *probes, *guest;
	int64_t rounds, span_ns, probe_rounds, probe_span_ns, period_ns;
};

#define AT(field) offsetof(struct conf, field)
const struct opt overhead_opts[] = {
	{"rounds", 'n', OPT_INT, AT(rounds), "N", "5", 0, OVERHEAD_ROUNDS, "measure what records cost N times: with, without, with; 0: not at all"},
	{"span", 's', OPT_NS, AT(span_ns), "TIME", "2s", 100 * NS_PER_MS, 600 * NS_PER_SEC, "count frames for TIME each"},
	{"ring", 'r', OPT_STR, AT(ring), "KIND", "split", 0, 0, "split or packed"},
	{"probes", 0, OPT_STR, AT(probes), "LIST", "path,host,guest", 0, 0, "which sets of probes are to be measured, commas between"},
	{"probe-rounds", 0, OPT_INT, AT(probe_rounds), "N", "3", 0, OVERHEAD_PROBE_ROUNDS, "measure them N times, in turns with none; 0: not at all"},
	{"probe-span", 0, OPT_NS, AT(probe_span_ns), "TIME", "3s", 100 * NS_PER_MS, 600 * NS_PER_SEC, "ping for TIME each"},
	{"period", 0, OPT_NS, AT(period_ns), "TIME", "2ms", 100 * NS_PER_US, NS_PER_SEC, "a ping each TIME"},
	{"guest", 'g', OPT_STR, AT(guest), "KIND", "uml", 0, 0, "uml, qemu, or a kernel for QEMU as `takt vm run` has them, such as 6.12"},
	TRIAL_OPTS(AT(all)),
	OPT_END
};
#undef AT

const char overhead_examples[] =
	"  takt bench overhead                  lines of name, value, unit, peer, ratio\n"
	"  takt bench overhead -n 11 --probe-rounds 0     surer of what records cost, and nothing else\n"
	"  takt bench overhead -n 0 --guest 6.12 --probes guest     probes in a guest of QEMU\n";

struct bench {
	struct conf conf;
	struct pvp64_conf at;
	struct overhead_cost cost, null; /* guest to null, null to null */
	struct overhead_way_conf way_conf;
	struct overhead_way way;
	struct overhead_probes probes;
	bool bad;	/* a figure that has to be 0 was not */
	struct out out;
};

static int choose(void *bench, struct why *why)
{
	struct bench *b = bench;

	b->at.packed = !strcmp(b->conf.ring, "packed");
	if (!b->at.packed && strcmp(b->conf.ring, "split"))
		return why_fail(why, EINVAL, "--ring %s: choose split or packed", b->conf.ring);
	return overhead_probes_choose(&b->probes, b->conf.probes, why);
}

static int run_rounds(struct bench *b, struct overhead_cost *c, enum pvp64_device device, const char *what, struct why *why)
{
	int rc = 0;

	while (!rc && c->n < b->conf.rounds) {
		rc = overhead_cost_round(c, &b->at, device, why);
		if (!rc)
			fprintf(stderr, "records, %s, round %d of %d: with %.3f, without %.3f Mframes/s: %.1f %%, floor %.1f %%; %.1f %% in poll gaps, %.1f %% of turns idle\n",
				what, c->n, (int)b->conf.rounds, c->on[c->n - 1] / 1e6, c->off[c->n - 1] / 1e6, c->cost[c->n - 1] * 100,
				c->floor[c->n - 1] * 100, c->gap_share[c->n - 1] * 100, c->idle[c->n - 1] * 100);
	}
	return rc;
}

static int measure_cost(struct bench *b, struct why *why)
{
	struct overhead_cost *c = &b->cost;
	int rc = run_rounds(b, c, PVP64_TAKT, "from a guest", why) ?: run_rounds(b, &b->null, PVP64_NULL, "from nowhere", why);

	if (rc || !c->n)
		return rc;
	overhead_cost_tell(c, &b->out);
	overhead_cost_tell_null(&b->null, &b->out);
	if (c->cost[c->n / 2] > GOAL / 100.)
		fprintf(stderr, "goal missed: records cost more than %d %% of the throughput\n", GOAL);
	fflush(stdout);
	return 0;
}

static int measure_probes(struct bench *b, struct why *why)
{
	int rc, i;

	if (!b->conf.probe_rounds)
		return 0;
	rc = overhead_way_open(&b->way, &b->way_conf, why);
	for (i = 0; !rc && i < b->conf.probe_rounds; i++)
		rc = overhead_probes_round(&b->probes, &b->way, why);
	overhead_way_close(&b->way);
	if (!rc)
		b->bad = overhead_probes_tell(&b->probes, &b->out);
	return rc;
}

static int perform(void *bench, const struct trial *c, struct why *why)
{
	struct bench *b = bench;
	int rc;

	b->at.set = c->set;
	b->at.dir = c->dir;
	b->at.taktd = c->taktd;
	b->at.device_cpu = c->worker_cpu;
	b->at.other_cpu = c->other_cpu;
	b->at.span_ns = b->conf.span_ns;
	b->way_conf = (struct overhead_way_conf){
		.set = c->set, .dir = c->dir, .taktd = c->taktd, .takt = c->takt, .guest = b->conf.guest, .worker_cpu = c->worker_cpu,
		.other_cpu = c->other_cpu, .period_ns = b->conf.period_ns, .span_ns = b->conf.probe_span_ns,
	};
	lines_begin(&b->out, b->conf.all.json);
	rc = lines_end(&b->out, measure_cost(b, why) ?: measure_probes(b, why), why);
	return rc ?: b->bad ? CMD_FAILED : CMD_OK;
}

int overhead_run(const struct cmd *self, int argc, char **argv)
{
	static const struct trial_bench bench = {.name = "overhead", .size = sizeof(struct bench), .choose = choose, .perform = perform};

	return trial_run(&bench, self, argc, argv);
}
