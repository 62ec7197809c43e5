/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_watch.h"

#include <stdlib.h>

#include "ptp/now.h"

static void look_at_clock(struct guest_watch *w, int64_t t, event_fn *fn, void *ctx)
{
	struct event e = { .t = t, .t_end = t, .kind = EV_STEP };

	w->real.clock = CLOCK_REALTIME;
	if (!guest_time_read(&w->real) || llabs(w->real.step_ns) < GUEST_WATCH_STEP_NS)
		return;
	e.arg = (uint64_t)w->real.step_ns;
	fn(ctx, &e);
}

void guest_watch_look(struct guest_watch *w, event_fn *fn, void *ctx)
{
	look_at_clock(w, now_mono(), fn, ctx);
	steal_look(&w->steal, NULL, fn, ctx);
}
