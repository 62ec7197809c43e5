/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * steal: time that the hypervisor took from this kernel's CPUs, by its own account in /proc/stat. Resolution: the kernel's tick for users, 10 ms
 * as a rule. One thread.
 */
#ifndef TAKT_PROBES_STEAL_H
#define TAKT_PROBES_STEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cpu_list.h"
#include "probes/event.h"

struct steal {
	bool known;
	int64_t t_last;				/* CLOCK_MONOTONIC: of the look before */
	uint64_t ticks[CPU_LIST_MAX];
	int64_t stolen_ns[CPU_LIST_MAX];	/* that was told of */
};

/* EV_STEAL for each of these CPUs (NULL: all) that lost time since the last look. */
void steal_look(struct steal *s, const struct cpu_list *cpus, event_fn *fn, void *ctx);

/* A line of /proc/stat, "cpu3 user nice system idle iowait irq softirq steal ...": its CPU and steal. Pure; false: no such line. */
bool steal_line(const char *line, int *cpu, uint64_t *ticks);

#endif
