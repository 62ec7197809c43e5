/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/pvp64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/bench.h"
#include "bench/trial.h"
#include "bench/hugepages.h"
#include "bench/lines.h"

#define MAX_PAIRS 100

struct conf {
	struct trial_conf all;
	const char *ring;
	int64_t pairs, span_ns;
};

#define AT(field) offsetof(struct conf, field)
const struct opt pvp64_opts[] = {
	{ "pairs", 'n', OPT_INT, AT(pairs), "N", "5", 1, MAX_PAIRS, "measure taktd and testpmd N times, in turns" },
	{ "span", 's', OPT_NS, AT(span_ns), "TIME", "2s", 100 * NS_PER_MS, 600 * NS_PER_SEC, "count frames for TIME each" },
	{ "ring", 'r', OPT_STR, AT(ring), "KIND", "both", 0, 0, "split, packed or both" },
	TRIAL_OPTS(AT(all)),
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
	bool rings[2];		/* split, packed */
};

static int choose(void *bench, struct why *why)
{
	struct bench *b = bench;
	const char *ring = b->conf.ring;

	b->rings[0] = !strcmp(ring, "split") || !strcmp(ring, "both");
	b->rings[1] = !strcmp(ring, "packed") || !strcmp(ring, "both");
	return b->rings[0] || b->rings[1] ? 0 : why_fail(why, EINVAL, "--ring %s: choose split, packed or both", ring);
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

static int perform(void *bench, const struct trial *c, struct why *why)
{
	struct bench *b = bench;
	int ring, rc = 0;

	b->at = (struct pvp64_conf){.set = c->set, .dir = c->dir, .taktd = c->taktd, .device_cpu = c->worker_cpu, .other_cpu = c->other_cpu,
				    .span_ns = b->conf.span_ns};
	lines_begin(&b->out, b->conf.all.json);
	for (ring = 0; ring < 2 && !rc; ring++)
		if (b->rings[ring])
			rc = run_ring(b, ring, why);
	return lines_end(&b->out, rc, why);
}

int pvp64_run(const struct cmd *self, int argc, char **argv)
{
	static const struct trial_bench bench = {.name = "pvp64", .size = sizeof(struct bench), .choose = choose, .perform = perform};

	return trial_run(&bench, self, argc, argv);
}
