/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/ats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "base/ns.h"

/* bits / cir as a duration. bits * 10^9 < RECIP_MAX_N. */
static struct ats_time duration(const struct ats *a, int64_t bits)
{
	int64_t n = bits * NS_PER_SEC, ns = recip_div(&a->recip, n);

	return (struct ats_time){ns, n - ns * a->cir_bps};
}

static struct ats_time sum(const struct ats *a, struct ats_time x, struct ats_time y)
{
	struct ats_time z = {x.ns + y.ns, x.rest + y.rest};

	if (z.rest >= a->cir_bps) {
		z.rest -= a->cir_bps;
		z.ns++;
	}
	return z;
}

static struct ats_time difference(const struct ats *a, struct ats_time x, struct ats_time y)
{
	struct ats_time z = {x.ns - y.ns, x.rest - y.rest};

	if (z.rest < 0) {
		z.rest += a->cir_bps;
		z.ns--;
	}
	return z;
}

static bool before(struct ats_time x, struct ats_time y)
{
	return x.ns < y.ns || (x.ns == y.ns && x.rest < y.rest);
}

int ats_init(struct ats *a, const struct ats_conf *conf, int64_t now, struct why *why)
{
	if (conf->cir_bps < ATS_MIN_BPS || conf->cir_bps > ATS_MAX_BPS)
		return why_fail(why, EINVAL, "committed-information-rate %" PRId64 " bit/s is out of range: give %" PRId64 " to %" PRId64,
				conf->cir_bps, ATS_MIN_BPS, ATS_MAX_BPS);
	if (conf->cbs_bits < 1 || conf->cbs_bits > ATS_MAX_BURST)
		return why_fail(why, EINVAL, "committed-burst-size %" PRId64 " bit is out of range: give 1 to %" PRId64
				", at least the stream's longest frame", conf->cbs_bits, ATS_MAX_BURST);
	*a = (struct ats){.cir_bps = conf->cir_bps};
	recip_init(&a->recip, a->cir_bps);
	a->full = duration(a, conf->cbs_bits);
	a->empty = difference(a, (struct ats_time){now, 0}, a->full);
	return 0;
}

int ats_assign(struct ats *a, struct ats_group *g, uint32_t len, int64_t t_arrival, int64_t *t_eligible)
{
	struct ats_time eligible = {t_arrival > g->t_eligible ? t_arrival : g->t_eligible, 0};
	struct ats_time by_bucket, full;
	int64_t t;

	if (len > ATS_MAX_LEN)
		return -ETIME;
	by_bucket = sum(a, a->empty, duration(a, (int64_t)len * 8));
	full = sum(a, a->empty, a->full);
	if (before(eligible, by_bucket))
		eligible = by_bucket;
	t = eligible.ns + (eligible.rest > 0);
	if (t - t_arrival > g->max_residence_ns)
		return -ETIME;
	g->t_eligible = t;
	a->empty = before(eligible, full) ? by_bucket : sum(a, by_bucket, difference(a, eligible, full));
	*t_eligible = t;
	return 0;
}

void ats_shift(struct ats *a, int64_t delta)
{
	a->empty.ns += delta;
}
