/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/pvp64.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/bench.h"
#include "bench/daemon.h"
#include "bench/hugepages.h"
#include "bench/lines.h"

#define MAX_PAIRS 100

struct conf {
	const char *taktd, *ring;
	int64_t pairs, span_ns, cpu;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt pvp64_opts[] = {
	{ "pairs", 'n', OPT_INT, AT(pairs), "N", "5", 1, MAX_PAIRS, "measure taktd and testpmd N times, in turns" },
	{ "span", 's', OPT_NS, AT(span_ns), "TIME", "2s", 100 * NS_PER_MS, 600 * NS_PER_SEC, "count frames for TIME each" },
	{ "ring", 'r', OPT_STR, AT(ring), "KIND", "both", 0, 0, "split, packed or both" },
	{ "cpu", 0, OPT_INT, AT(cpu), "N", "1", 0, 1023, "CPU of the device; the generator is on the one before it, or on CPU 1" },
	{ "taktd", 0, OPT_STR, AT(taktd), "FILE", NULL, 0, 0, "the taktd to run (default: beside this program)" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the result as JSON" },
	OPT_END
};
#undef AT

const char pvp64_examples[] =
	"  takt bench pvp64                     about three minutes; lines of name, value, unit, peer, ratio\n"
	"  takt bench pvp64 --ring packed -n 11\n";

struct bench {
	struct conf conf;
	struct pvp64_conf at;
	struct out out;
	char taktd[PATH_MAX], dir[40];
	bool rings[2];		/* split, packed */
};

static int choose(struct bench *b, struct why *why)
{
	const char *ring = b->conf.ring;
	int rc;

	b->rings[0] = !strcmp(ring, "split") || !strcmp(ring, "both");
	b->rings[1] = !strcmp(ring, "packed") || !strcmp(ring, "both");
	if (!b->rings[0] && !b->rings[1])
		return why_fail(why, EINVAL, "--ring %s: choose split, packed or both", ring);
	b->at.device_cpu = (int)b->conf.cpu;
	b->at.other_cpu = b->conf.cpu ? (int)b->conf.cpu - 1 : 1;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || b->at.device_cpu >= sysconf(_SC_NPROCESSORS_ONLN))
		return why_fail(why, EINVAL, "--cpu %d: this machine has %ld CPUs, and device and generator need one each",
				b->at.device_cpu, sysconf(_SC_NPROCESSORS_ONLN));
	rc = daemon_find(b->taktd, sizeof(b->taktd), "taktd", b->conf.taktd, "taktd", why);
	if (rc)
		return rc;
	b->at.taktd = b->taktd;
	if (geteuid())
		return why_fail(why, EPERM, "guests' memory is in huge pages, and they are root's to hand out: run this as root");
	return 0;
}

static int make_dir(struct bench *b, struct why *why)
{
	snprintf(b->dir, sizeof(b->dir), "/tmp/takt-pvp64-XXXXXX");
	if (!mkdtemp(b->dir)) {
		b->dir[0] = '\0';
		return why_fail(why, errno, "cannot make a folder in /tmp: %s", strerror(errno));
	}
	b->at.dir = b->dir;
	return 0;
}

static void tell(struct out *o, const char *ring, const struct pvp64_result (*r)[PVP64_DEVICES], int n)
{
	double takt[MAX_PAIRS], peer[MAX_PAIRS], ratio[MAX_PAIRS], gaps[MAX_PAIRS], share[MAX_PAIRS];
	double mid_peer, mid_ratio;
	char name[64];
	int i;

	for (i = 0; i < n; i++) {
		takt[i] = r[i][PVP64_TAKT].pps / 1e6;
		peer[i] = r[i][PVP64_PEER].pps / 1e6;
		ratio[i] = takt[i] / peer[i];
		gaps[i] = r[i][PVP64_TAKT].gaps;
		share[i] = r[i][PVP64_TAKT].gap_share * 100;
	}
	mid_peer = lines_median(peer, n);
	mid_ratio = lines_median(ratio, n);
	snprintf(name, sizeof(name), "pvp64.%s", ring);
	lines_put(o, name, lines_median(takt, n), "Mframes/s", &mid_peer, &mid_ratio);
	snprintf(name, sizeof(name), "pvp64.%s.lowest", ring);
	lines_put(o, name, takt[0], "Mframes/s", &peer[0], &ratio[0]);
	snprintf(name, sizeof(name), "pvp64.%s.highest", ring);
	lines_put(o, name, takt[n - 1], "Mframes/s", &peer[n - 1], &ratio[n - 1]);
	snprintf(name, sizeof(name), "pvp64.%s.poll-gaps", ring);
	lines_value(o, name, lines_median(gaps, n), "1/s");
	snprintf(name, sizeof(name), "pvp64.%s.poll-gap-share", ring);
	lines_value(o, name, lines_median(share, n), "%");
}

/* Huge pages for the time of one measurement: whoever sets their number meanwhile disturbs one, not all. */
static int measure(struct bench *b, struct pvp64_result *out, int device, struct why *why)
{
	int64_t borrowed;
	int rc;

	rc = hugepages_borrow(&borrowed, PVP64_PAGES, why) ?: pvp64_measure(out, &b->at, (enum pvp64_device)device, why);
	hugepages_return(borrowed);
	return rc;
}

static int run_ring(struct bench *b, bool packed, struct why *why)
{
	const char *ring = packed ? "packed" : "split";
	struct pvp64_result r[MAX_PAIRS][PVP64_DEVICES];
	int n = (int)b->conf.pairs, i, rc = 0;
	int d;

	b->at.packed = packed;
	for (i = 0; i < n && !rc; i++) {
		for (d = 0; d < PVP64_DEVICES && !rc; d++)
			rc = measure(b, &r[i][d], d, why);
		if (!rc)
			fprintf(stderr, "%s ring, pair %d of %d: taktd %.2f, testpmd %.2f Mframes/s; taktd lost %.1f %% in %.0f poll gaps a second\n",
				ring, i + 1, n, r[i][PVP64_TAKT].pps / 1e6, r[i][PVP64_PEER].pps / 1e6,
				r[i][PVP64_TAKT].gap_share * 100, r[i][PVP64_TAKT].gaps);
	}
	if (rc == -EINTR)
		return rc;
	if (rc) {
		why_at(why, "%s ring, pair %d", ring, i);
		return rc;
	}
	tell(&b->out, ring, (const struct pvp64_result(*)[PVP64_DEVICES])r, n);
	fflush(stdout);
	return 0;
}

static int perform(struct bench *b, struct why *why)
{
	int ring, rc = 0;

	out_init(&b->out, stdout, b->conf.json);
	out_array(&b->out, NULL);
	for (ring = 0; ring < 2 && !rc; ring++)
		if (b->rings[ring])
			rc = run_ring(b, ring, why);
	out_end(&b->out);
	ring = out_fini(&b->out);
	return rc || !ring ? rc : why_fail(why, -ring, "cannot print the result: %s", strerror(-ring));
}

int pvp64_run(const struct cmd *self, int argc, char **argv)
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
	b->at.span_ns = b->conf.span_ns;
	rc = choose(b, &why) ?: procs_create(&set, &why);
	b->at.set = set;
	if (!rc)
		rc = make_dir(b, &why) ?: perform(b, &why);
	if (rc)
		status = rc == -EINTR ? CMD_FAILED : cmd_refuse(rc, &why);
	if (b->dir[0])
		rmdir(b->dir);
	if (set)
		status = procs_exit(set, status);
	procs_destroy(set);
out:
	free(b);
	return status;
}
