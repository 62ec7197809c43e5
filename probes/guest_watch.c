/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "ptp/now.h"

static void look_at_clock(struct guest_watch *w, int64_t t, void (*fn)(void *ctx, struct event *e), void *ctx)
{
	struct event e = { .t = t, .t_end = t, .kind = EV_STEP };

	w->real.clock = CLOCK_REALTIME;
	if (!guest_time_read(&w->real) || llabs(w->real.step_ns) < GUEST_WATCH_STEP_NS)
		return;
	e.arg = (uint64_t)w->real.step_ns;
	fn(ctx, &e);
}

static void look_at_steal(struct guest_watch *w, int64_t t, void (*fn)(void *ctx, struct event *e), void *ctx)
{
	long hz = sysconf(_SC_CLK_TCK);
	FILE *f = fopen("/proc/stat", "re");
	char line[400];

	while (f && fgets(line, sizeof(line), f)) {
		uint64_t steal;
		unsigned int cpu;

		if (sscanf(line, "cpu%u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &cpu, &steal) != 2 || cpu >= GUEST_WATCH_CPUS)
			continue;
		if (w->begun && steal > w->steal[cpu] && hz > 0) {
			struct event e = { .t = w->t_last, .t_end = t, .kind = EV_STEAL, .cpu = (uint16_t)cpu,
					   .arg = (steal - w->steal[cpu]) * (uint64_t)(NS_PER_SEC / hz) };

			fn(ctx, &e);
		}
		w->steal[cpu] = steal;
	}
	if (f)
		fclose(f);
}

void guest_watch_look(struct guest_watch *w, void (*fn)(void *ctx, struct event *e), void *ctx)
{
	int64_t t = now_of(CLOCK_MONOTONIC);

	look_at_clock(w, t, fn, ctx);
	look_at_steal(w, t, fn, ctx);
	w->t_last = t;
	w->begun = 1;
}
