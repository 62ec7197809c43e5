/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * noise_run: measure what base/noise.h describes, on chosen CPUs.
 *
 * A thread for each CPU, bound to it, all at once. The loop and the timer run as urgently as taktd's worker would (nice -20): what other
 * programs take counts. With `fifo` they run as SCHED_FIFO, and what is taken then is taken by interrupts, the kernel, the host, and who
 * is more urgent still; the kernel lets nobody run so all the time, so they pause 100 ms after 400. Waking up is measured with SCHED_FIFO
 * where that is allowed, else with a timer slack of 1 ns. Memory is locked meanwhile where that is allowed.
 */
#ifndef TAKT_PTP_NOISE_RUN_H
#define TAKT_PTP_NOISE_RUN_H

#include <stdbool.h>

#include "base/noise.h"
#include "base/why.h"

enum noise_what { NOISE_POLL = 1, NOISE_WAKE = 2, NOISE_TIMER = 4, NOISE_ALL = 7 };

struct noise_conf {
	enum noise_what what;	/* one after the other */
	int64_t span_ns;	/* of each */
	int64_t period_ns;	/* between two instants */
	int64_t gap_ns;		/* from here on an absence counts */
	bool fifo;		/* all of it as SCHED_FIFO; -EPERM when that is not allowed */
};

/*
 * Measure on the CPUs that cpus[0..n-1].cpu name, and add to them. It ends sooner when stopped() says so (NULL: never), which each of
 * the threads asks once a period. -EINVAL and a sentence when a CPU is not ours to use, -errno when the system refuses.
 */
int noise_run(struct noise_cpu *cpus, unsigned int n, const struct noise_conf *conf, bool (*stopped)(void), struct why *why);

/*
 * The floor beside a measurement: wake-ups on `cpus` for span_ns, which costs each of them some percent of that time and keeps
 * none of them busy. Call it before the measurement with a result of zeros, and after it with the same. CPUs that we may not use
 * are left out; at most NOISE_QUICK_CPUS are taken. -errno and a sentence.
 */
#define NOISE_QUICK_NS	 INT64_C(100000000)
#define NOISE_QUICK_CPUS 8
int noise_quick(const struct cpu_list *cpus, int64_t span_ns, struct noise_result *result, struct why *why);

/* CPUs that this process may use, without `but` (a worker's; -1: with all). */
struct cpu_list noise_cpus(int but);

#endif
