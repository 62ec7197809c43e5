/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/meter.h"

#include <errno.h>
#include <inttypes.h>

#include "base/ns.h"
#include "tsn/wire.h"

#define TOKENS_PER_BYTE (8 * (uint64_t)NS_PER_SEC)	/* of 10^-9 bit */
#define SHORTEST	(WIRE_MIN_FRAME + WIRE_FCS)

typedef unsigned __int128 wide;	/* a rate times any time */

static int check_bucket(const char *rate, int64_t bps, const char *burst, int64_t bytes, struct why *why)
{
	if (bps < 0 || bps > METER_MAX_BPS)
		return why_fail(why, EINVAL, "%s %" PRId64 " bit/s is out of range: give 0 to %" PRId64, rate, bps,
				METER_MAX_BPS);
	if (bytes < 0 || bytes > METER_MAX_BURST)
		return why_fail(why, EINVAL, "%s %" PRId64 " bytes is out of range: give 0 to %d", burst, bytes,
				METER_MAX_BURST);
	if (bps && bytes < SHORTEST)
		return why_fail(why, EINVAL,
				"%s %" PRId64 " bytes is less than the shortest frame, so none would ever pass at this rate: give at "
				"least the longest frame of the stream with its FCS, or a rate of 0", burst, bytes);
	return 0;
}

int meter_init(struct meter *m, const struct meter_conf *conf, int64_t now, struct why *why)
{
	int err = check_bucket("committed-information-rate", conf->cir_bps, "committed-burst-size", conf->cbs_bytes,
			       why);

	if (!err)
		err = check_bucket("excess-information-rate", conf->eir_bps, "excess-burst-size", conf->ebs_bytes, why);
	if (err)
		return err;
	*m = (struct meter){.conf = *conf, .t_last = now};
	m->committed = m->committed_max = (uint64_t)conf->cbs_bytes * TOKENS_PER_BYTE;
	m->excess = m->excess_max = (uint64_t)conf->ebs_bytes * TOKENS_PER_BYTE;
	return 0;
}

static void fill(struct meter *m, int64_t now)
{
	uint64_t ns = (uint64_t)(now - m->t_last);
	wide committed = m->committed + (wide)m->conf.cir_bps * ns;
	wide excess = m->excess + (wide)m->conf.eir_bps * ns;

	if (committed > m->committed_max) {
		if (m->conf.coupling)
			excess += committed - m->committed_max;
		committed = m->committed_max;
	}
	m->committed = (uint64_t)committed;
	m->excess = excess > m->excess_max ? m->excess_max : (uint64_t)excess;
	m->t_last = now;
}

static enum meter_colour colour(struct meter *m, uint64_t need, bool yellow)
{
	if (!yellow && need <= m->committed) {
		m->committed -= need;
		return METER_GREEN;
	}
	if (need > m->excess)
		return METER_RED;
	m->excess -= need;
	return m->conf.drop_yellow ? METER_RED : METER_YELLOW;
}

enum meter_colour meter_frame(struct meter *m, uint32_t len, bool dei, int64_t now)
{
	enum meter_colour c;

	if (m->all_red)
		return METER_RED;
	fill(m, now);
	c = colour(m, len * TOKENS_PER_BYTE, dei && m->conf.colour_aware);
	m->all_red = c == METER_RED && m->conf.mark_all_red;
	return c;
}

void meter_shift(struct meter *m, int64_t delta)
{
	m->t_last += delta;
}
