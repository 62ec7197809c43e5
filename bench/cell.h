/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cell: one measurement of a campaign, from an empty folder to cell.json (docs/results.md).
 *
 * It is performed inside namespaces of its own (PIDs, network, mounts: the runner's business), so that names of interfaces, namespaces and files in /run, /tmp and /dev/shm are its alone, and
 * nothing is left of it when its first process dies, whoever killed that.
 */
#ifndef TAKT_BENCH_CELL_H
#define TAKT_BENCH_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "bench/axis.h"
#include "bench/proc.h"

struct cell_traffic {
	int64_t size;			/* bytes without FCS, tag included; AXIS_SIZE overrules it where that is not its default */
	int64_t priority, vlan;
	int64_t cycle_ns, duration_ns, warm_up_ns;
	int64_t deadline_ns;		/* 0: none */
};

struct cell {
	const char *name;		/* "taktd-to-guest-flood-r2" */
	const char *value[AXES];	/* checked */
	int repetition, position;	/* both from 1 */
	uint64_t seed;			/* of this cell and repetition */
	struct cell_traffic traffic;
	const char *schedule_yaml;	/* of value[AXIS_SCHEDULE]: keys of taktd's port that frames leave by, "{gate-parameters: {...}}" in one line; NULL: none */
	const char *taktd;		/* program; NULL: beside ours */
	const char *kernel_dir;		/* guests; NULL: beside ours */
	int worker_cpu, other_cpu;
};

/*
 * Can this cell be measured here at all? 0, or -ENOTSUP and a sentence ("vhost-net: /dev/vhost-net is not there"). Asks, starts nothing that stays.
 * The runner asks before the first cell, once for each combination; what cannot be is "skipped" with that sentence.
 */
int cell_can(const struct cell *c, struct why *why);

/*
 * Does the program that it is for understand what the campaign says of it: the schedule? It is asked, and makes nothing. 0, also where there is nothing to ask;
 * -EINVAL and a sentence about keys of its port; another -errno when it cannot be asked.
 */
int cell_check(const struct cell *c, struct procs *set, struct why *why);

/*
 * Measure it; all files go to `dir`, which exists and is empty. 0: cell.json says status ok. -ENOTSUP: what was found out on the way, "skipped". -EINTR. Any other -errno and a sentence: "failed".
 * cell.json is written in each case but -EINTR and a full disk (-ENOSPC, which the runner must tell from the others).
 */
int cell_perform(const struct cell *c, const char *dir, struct procs *set, struct why *why);

#endif
