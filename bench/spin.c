/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/spin.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/ns.h"
#include "ptp/tscmap.h"

#define CALIBRATE_NS (20 * NS_PER_MS)

static int64_t now_mono(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

static double ticks_per_ns(void)
{
	int64_t t0 = now_mono(), t1 = t0;
	uint64_t tsc = tscmap_tsc();

	while (t1 - t0 < CALIBRATE_NS)
		t1 = now_mono();
	return (double)(tscmap_tsc() - tsc) / (double)(t1 - t0);
}

static void spin(struct spin *s, int64_t period_ns, int64_t span_ns, int64_t gap_ns)
{
	double rate = ticks_per_ns();
	uint64_t period = (uint64_t)((double)period_ns * rate), gap = (uint64_t)((double)gap_ns * rate);
	uint64_t begin = tscmap_tsc(), end = begin + (uint64_t)((double)span_ns * rate), next = begin + period,
		 last = begin, tsc = begin;

	while (tsc < end) {
		tsc = tscmap_tsc();
		if (tsc - last >= gap) {
			int64_t ns = (int64_t)((double)(tsc - last) / rate);

			s->gaps.count++;
			s->gaps.lost_ns += ns;
			s->gaps.longest_ns = ns > s->gaps.longest_ns ? ns : s->gaps.longest_ns;
		}
		last = tsc;
		if (tsc < next)
			continue;
		hist_add(&s->edge, (int64_t)((double)(tsc - next) / rate));
		while (next <= tsc)
			next += period;
		last = tscmap_tsc(); /* the noting is ours */
	}
	s->span_ns += (int64_t)((double)(tsc - begin) / rate);
}

int spin_measure(struct spin *s, int cpu, int64_t period_ns, int64_t span_ns, int64_t gap_ns, struct why *why)
{
	cpu_set_t had, set;
	int nice = getpriority(PRIO_PROCESS, 0);

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_getaffinity(0, sizeof(had), &had) || sched_setaffinity(0, sizeof(set), &set))
		return why_fail(why, errno, "cannot move to CPU %d: %s", cpu, strerror(errno));
	setpriority(PRIO_PROCESS, 0, -19); /* as urgent as the worker will be */
	spin(s, period_ns, span_ns, gap_ns);
	setpriority(PRIO_PROCESS, 0, nice);
	sched_setaffinity(0, sizeof(had), &had);
	return 0;
}
