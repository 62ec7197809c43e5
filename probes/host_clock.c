/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_clock.h"

#include <sys/timex.h>
#include <time.h>

#include "ptp/now.h"

#define READS 8	/* the tightest of so many: some are interrupted */

struct look {
	int64_t t_mono, t_other, bracket_ns;
};

static struct look look_at(clockid_t id)
{
	struct look best = {0, 0, INT64_MAX};
	int64_t before, other, after;
	int i;

	for (i = 0; i < READS; i++) {
		before = now_mono();
		other = now_of(id);
		after = now_mono();
		if (after - before < best.bracket_ns)
			best = (struct look){before + (after - before) / 2, other, after - before};
	}
	return best;
}

/* Whoever reads this may go by another: taktd's `tai-offset`. A step of it between the two reads is seen as one of TAI by who joins. */
static uint32_t tai_offset_s(void)
{
	struct timex tx = {0};

	return adjtimex(&tx) < 0 || tx.tai < 0 ? 0 : (uint32_t)tx.tai;
}

void host_clock_look(struct host_clock *c, event_fn *fn, void *ctx)
{
	struct look tai = look_at(CLOCK_TAI), real = look_at(CLOCK_REALTIME);
	int64_t diff = real.t_other - real.t_mono, moved = diff - c->real_ns;
	struct event e = {.kind = EV_CLOCK, .t = tai.t_mono, .t_end = tai.t_other, .arg = tai.bracket_ns, .by = tai_offset_s()};

	fn(ctx, &e);
	/* Both clocks run at one rate: their difference changes by steps alone. */
	if (c->known && (moved > real.bracket_ns + c->real_bound_ns || -moved > real.bracket_ns + c->real_bound_ns)) {
		e = (struct event){.kind = EV_STEP, .t = real.t_mono, .t_end = real.t_mono, .arg = (uint64_t)moved};
		fn(ctx, &e);
	}
	c->real_ns = diff;
	c->real_bound_ns = real.bracket_ns;
	c->known = true;
}
