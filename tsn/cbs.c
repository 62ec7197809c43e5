/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/cbs.h"

#include <errno.h>
#include <inttypes.h>

#define BITS(bytes) ((__int128)(bytes) * 8)

/* a / b rounded away from zero, b > 0. */
static int64_t div_away(__int128 a, __int128 b)
{
	return (int64_t)(a < 0 ? (a - b + 1) / b : (a + b - 1) / b);
}

static int check_slopes(const struct cbs_conf *conf, int64_t rate_bps, struct why *why)
{
	int64_t sum = 0;
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		if (conf->idle_bps[tc] && (conf->idle_bps[tc] < CBS_MIN_BPS || conf->idle_bps[tc] > rate_bps))
			return why_fail(why, EINVAL, "idle slope %" PRId64 " bit/s of class %d is out of range: give 0 (not shaped), or %" PRId64
					" to the link's %" PRId64 " bit/s", conf->idle_bps[tc], tc, CBS_MIN_BPS, rate_bps);
		sum += conf->idle_bps[tc];
	}
	if (sum > rate_bps)
		return why_fail(why, EINVAL, "the idle slopes add up to %" PRId64 " bit/s, over the link's %" PRId64
				" bit/s: give the classes less", sum, rate_bps);
	return 0;
}

/* The longest frame, in bits on the wire, that may be in class i's way though it is not shaped above it. */
static __int128 longest_below(const struct cbs_conf *conf, const uint32_t *max_len, int i)
{
	__int128 bits = 0;
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		if (tc == i || !max_len[tc] || (tc > i && conf->idle_bps[tc]))
			continue;
		if (BITS(wire_bytes(max_len[tc])) > bits)
			bits = BITS(wire_bytes(max_len[tc]));
	}
	return bits;
}

int cbs_limits(struct cbs_limits out[TSN_CLASSES], const struct cbs_conf *conf, const uint32_t max_len[TSN_CLASSES],
	       const struct wire *wire, struct why *why)
{
	int64_t rate = wire->rate_bps, idle_above = 0;
	__int128 lo_above = 0;	/* times rate, so that it is whole; negative */
	int tc, err;

	err = check_slopes(conf, rate, why);
	if (err)
		return err;
	for (tc = TSN_CLASSES - 1; tc >= 0; tc--) {
		int64_t idle = conf->idle_bps[tc], send = idle - rate;
		__int128 lo = max_len[tc] ? send * BITS(wire_bytes(max_len[tc])) : 0;

		out[tc] = (struct cbs_limits){0};
		if (!idle)
			continue;
		out[tc].idle_bps = idle;
		out[tc].send_bps = send;
		out[tc].lo_bits = div_away(lo, rate);
		out[tc].hi_bits = div_away(idle * (longest_below(conf, max_len, tc) * rate - lo_above),
					   (__int128)rate * (rate - idle_above));
		lo_above += lo;
		idle_above += idle;
	}
	return 0;
}

static int32_t to_s32(int64_t v)
{
	return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

void cbs_kernel(struct cbs_kernel *out, const struct cbs_limits *limits, const struct wire *wire)
{
	out->hicredit = to_s32(div_away(limits->hi_bits, 8));
	out->locredit = to_s32(div_away(limits->lo_bits, 8));
	out->idleslope = to_s32(div_away(limits->idle_bps, 1000));
	out->sendslope = to_s32(out->idleslope - wire->rate_bps / 1000);
}

int64_t cbs_stream_bps(uint32_t len, int64_t interval_ns)
{
	__int128 bps = (BITS(wire_bytes(len)) * CBS_BIT + interval_ns - 1) / interval_ns;

	return bps > INT64_MAX ? INT64_MAX : (int64_t)bps;
}

static int64_t saturate(__int128 credit)
{
	return credit > CBS_MAX_CREDIT ? CBS_MAX_CREDIT : credit < -CBS_MAX_CREDIT ? -CBS_MAX_CREDIT : (int64_t)credit;
}

void cbs_init(struct cbs *c, int64_t idle_bps, int64_t hi_bits, int64_t open)
{
	*c = (struct cbs){.admin_bps = idle_bps, .admin_hi = saturate((__int128)hi_bits * CBS_BIT), .open = open, .busy = open};
	cbs_scale(c, 1, 1);
}

void cbs_scale(struct cbs *c, int64_t cycle_ns, int64_t open_ns)
{
	__int128 idle = ((__int128)c->admin_bps * cycle_ns + open_ns / 2) / open_ns;

	c->idle_bps = idle > WIRE_MAX_BPS ? WIRE_MAX_BPS : (int64_t)idle;
	c->hi = saturate(((__int128)c->admin_hi * cycle_ns + open_ns - 1) / open_ns);
	recip_init(&c->recip, c->idle_bps);
}

void cbs_advance(struct cbs *c, int64_t open, bool waiting)
{
	if (open < c->open)
		return;
	c->credit = saturate((__int128)c->idle_bps * (open - c->open) + c->credit);
	c->open = open;
	if (!waiting && open >= c->busy && c->credit > 0)
		c->credit = 0;
}

int64_t cbs_wait_ns(const struct cbs *c)
{
	return c->credit >= 0 ? 0 : recip_div(&c->recip, -c->credit + c->idle_bps - 1);
}

void cbs_spend(struct cbs *c, uint32_t len, int64_t busy_ns)
{
	if (c->credit > c->hi)
		c->over_hi++;
	c->credit = saturate(c->credit - BITS(wire_bytes(len)) * CBS_BIT);
	c->busy = c->open + busy_ns;
}
