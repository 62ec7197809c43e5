/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"

#define READINGS 3

static int64_t now_of(int clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

int64_t guest_watch_offset(int clock)
{
	int64_t best_ns = INT64_MAX, offset_ns = 0;

	for (int i = 0; i < READINGS; i++) {
		int64_t a = now_of(CLOCK_MONOTONIC), t = now_of(clock), b = now_of(CLOCK_MONOTONIC);

		if (b - a < best_ns) {
			best_ns = b - a;
			offset_ns = t - (a + (b - a) / 2);
		}
	}
	return offset_ns;
}

static void look_at_clock(struct guest_watch *w, int64_t t, void (*fn)(void *ctx, struct event *e), void *ctx)
{
	int64_t offset_ns = guest_watch_offset(CLOCK_REALTIME), step_ns = offset_ns - w->real_ns;
	struct event e = { .t = t, .t_end = t, .kind = EV_STEP, .arg = (uint64_t)step_ns };

	if (w->begun && (step_ns > GUEST_WATCH_STEP_NS || step_ns < -GUEST_WATCH_STEP_NS))
		fn(ctx, &e);
	w->real_ns = offset_ns;
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
