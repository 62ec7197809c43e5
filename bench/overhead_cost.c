/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/overhead.h"

#include <math.h>

#include "bench/hugepages.h"
#include "bench/lines.h"

enum { BEFORE, WITHOUT, AFTER, MEASURED };

static int measure(struct pvp64_result *out, struct pvp64_conf *conf, enum pvp64_device device, const char *more, struct why *why)
{
	int64_t borrowed;
	int rc;

	conf->more = more;
	rc = hugepages_borrow(&borrowed, PVP64_PAGES, why) ?: pvp64_measure(out, conf, device, why);
	hugepages_return(borrowed);
	return rc;
}

int overhead_cost_round(struct overhead_cost *c, struct pvp64_conf *conf, enum pvp64_device device, struct why *why)
{
	struct pvp64_result r[MEASURED];
	int i, rc = 0;

	for (i = 0; i < MEASURED && !rc; i++)
		rc = measure(&r[i], conf, device, i == WITHOUT ? "records: 0\n" : NULL, why);
	if (rc)
		return rc;
	i = c->n++;
	c->on[i] = (r[BEFORE].pps + r[AFTER].pps) / 2;
	c->off[i] = r[WITHOUT].pps;
	c->cost[i] = 1 - c->on[i] / c->off[i];
	c->floor[i] = fabs(1 - r[AFTER].pps / r[BEFORE].pps);
	c->idle[i] = fmax(r[WITHOUT].idle, fmax(r[BEFORE].idle, r[AFTER].idle));
	c->gap_share[i] = fmax(r[WITHOUT].gap_share, fmax(r[BEFORE].gap_share, r[AFTER].gap_share));
	return 0;
}

void overhead_cost_tell(struct overhead_cost *c, struct out *o)
{
	double cost = lines_median(c->cost, c->n) * 100, floor = lines_median(c->floor, c->n) * 100;
	double on = lines_median(c->on, c->n) / 1e6, off = lines_median(c->off, c->n) / 1e6, ratio = 1 - cost / 100;

	lines_put(o, "record_cost_pct", cost, "%", &floor, NULL);
	lines_value(o, "record_cost_pct_lowest", c->cost[0] * 100, "%");
	lines_value(o, "record_cost_pct_highest", c->cost[c->n - 1] * 100, "%");
	lines_put(o, "record_throughput", on, "Mframes/s", &off, &ratio);
	lines_value(o, "record_poll_gap_share", lines_median(c->gap_share, c->n) * 100, "%");
	lines_value(o, "record_idle_turns", lines_median(c->idle, c->n) * 100, "%");
}

void overhead_cost_tell_null(struct overhead_cost *c, struct out *o)
{
	double ns[OVERHEAD_ROUNDS], on, off, ratio, floor;
	int i;

	for (i = 0; i < c->n; i++)
		ns[i] = 1e9 / c->on[i] - 1e9 / c->off[i];
	on = 1e9 / lines_median(c->on, c->n);
	off = 1e9 / lines_median(c->off, c->n);
	floor = lines_median(c->floor, c->n) * on;
	ratio = on / off;
	lines_put(o, "record_cost_ns", lines_median(ns, c->n), "ns", &floor, NULL);
	lines_put(o, "record_frame_ns", on, "ns", &off, &ratio);
}
