/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/daemon.h"
#include "bench/overhead.h"
#include "bench/overhead_probes.h"

#define GOAL 2 /* per cent of the throughput that records may cost */

struct conf {
	const char *taktd, *ring, *probes, *guest;
	int64_t rounds, span_ns, probe_rounds, probe_span_ns, period_ns, cpu;
	bool json;
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
	{"cpu", 0, OPT_INT, AT(cpu), "N", "1", 0, 1023, "CPU of taktd's worker; all else is on the one before it, or on CPU 1"},
	{"taktd", 0, OPT_STR, AT(taktd), "FILE", NULL, 0, 0, "the taktd to run (default: beside this program)"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the result as JSON"},
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
	char taktd[PATH_MAX], takt[PATH_MAX], dir[40];
};

static int choose(struct bench *b, struct why *why)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int rc;

	b->at.packed = !strcmp(b->conf.ring, "packed");
	if (!b->at.packed && strcmp(b->conf.ring, "split"))
		return why_fail(why, EINVAL, "--ring %s: choose split or packed", b->conf.ring);
	b->at.device_cpu = (int)b->conf.cpu;
	b->at.other_cpu = b->conf.cpu ? (int)b->conf.cpu - 1 : 1;
	b->at.span_ns = b->conf.span_ns;
	if (cpus < 2 || b->at.device_cpu >= cpus)
		return why_fail(why, EINVAL, "--cpu %d: this machine has %ld CPUs, and taktd's worker and all else need one each", b->at.device_cpu, cpus);
	rc = overhead_probes_choose(&b->probes, b->conf.probes, why) ?:
	     daemon_find(b->taktd, sizeof(b->taktd), "taktd", b->conf.taktd, "taktd", why) ?:
	     daemon_find(b->takt, sizeof(b->takt), "takt", NULL, "taktd", why);
	if (rc)
		return rc;
	b->at.taktd = b->taktd;
	if (geteuid())
		return why_fail(why, EPERM, "guests' memory is in huge pages, and they are root's to hand out: run this as root");
	snprintf(b->dir, sizeof(b->dir), "/tmp/takt-overhead-XXXXXX");
	if (!mkdtemp(b->dir)) {
		b->dir[0] = '\0';
		return why_fail(why, errno, "cannot make a folder in /tmp: %s", strerror(errno));
	}
	b->at.dir = b->dir;
	b->way_conf = (struct overhead_way_conf){
		.dir = b->dir, .taktd = b->taktd, .takt = b->takt, .guest = b->conf.guest, .worker_cpu = b->at.device_cpu, .other_cpu = b->at.other_cpu,
		.period_ns = b->conf.period_ns, .span_ns = b->conf.probe_span_ns,
	};
	return 0;
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

static int perform(struct bench *b, struct why *why)
{
	int rc, end;

	out_init(&b->out, stdout, b->conf.json);
	out_array(&b->out, NULL);
	rc = measure_cost(b, why) ?: measure_probes(b, why);
	out_end(&b->out);
	end = out_fini(&b->out);
	return rc || !end ? rc : why_fail(why, -end, "cannot print the result: %s", strerror(-end));
}

int overhead_run(const struct cmd *self, int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct procs *set = NULL;
	struct why why = {""};
	int status = CMD_OK, rc;

	if (!b)
		return CMD_FAILED;
	if (cmd_options(self, &b->conf, argc, argv, 0, 0, &status) < 0)
		goto out;
	rc = choose(b, &why) ?: procs_create(&set, &why);
	b->at.set = b->way_conf.set = set;
	rc = rc ?: perform(b, &why);
	if (rc)
		status = rc == -EINTR ? CMD_FAILED : cmd_refuse(rc, &why);
	else if (b->bad)
		status = CMD_FAILED;
	if (set)
		status = procs_exit(set, status);
	procs_destroy(set);
	if (b->dir[0])
		rmdir(b->dir);
out:
	free(b);
	return status;
}
