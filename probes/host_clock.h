/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_clock: where this machine's monotonic clock is on TAI, steps of its wall clock, and time stolen by its hypervisor.
 */
#ifndef TAKT_PROBES_HOST_CLOCK_H
#define TAKT_PROBES_HOST_CLOCK_H

#include "base/cpu_list.h"
#include "probes/host.h"

struct host_clock {
	bool known;
	int64_t real_ns, real_bound_ns;		/* CLOCK_REALTIME - CLOCK_MONOTONIC, and how far the look may be off */
	int64_t t_stat;				/* the last look at /proc/stat */
	uint64_t steal[CPU_LIST_MAX];		/* of each CPU, in the kernel's ticks */
	int64_t stolen_ns[CPU_LIST_MAX];	/* since the first look */
	bool steal_known;
};

/* EV_CLOCK and, after the wall clock was stepped, EV_STEP. */
void host_clock_look(struct host_clock *c, host_event_fn *fn, void *ctx);

/* EV_STEAL for each of these CPUs that lost time since the last call. Resolution: the kernel's tick for users, 10 ms as a rule. */
void host_clock_steal(struct host_clock *c, const struct cpu_list *cpus, host_event_fn *fn, void *ctx);

/* A line of /proc/stat, "cpu3 user nice system idle iowait irq softirq steal ...": its CPU and steal. Pure; false: no such line. */
bool host_clock_stat(const char *line, int *cpu, uint64_t *steal);

#endif
