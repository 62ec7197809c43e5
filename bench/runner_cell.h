/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * runner_cell: one cell of a campaign: jailed, timed, kept.
 */
#ifndef TAKT_BENCH_RUNNER_CELL_H
#define TAKT_BENCH_RUNNER_CELL_H

#include "bench/cell.h"
#include "bench/folder.h"
#include "bench/hosts.h"
#include "bench/proc.h"
#include "bench/result.h"

struct runner_cell {
	const struct folder *folder;
	const char *takt, *taktd, *kernel_dir;	/* real names; kernel_dir NULL: beside takt */
	int64_t timeout_ns;
	const struct hosts *hosts;
	int keeper;				/* its pipe */
	void (*each_second)(void *arg, int64_t since_ns);
	void *arg;
};

/*
 * Measure it and keep what came out. 0: *status and reason, also when it failed. -EINTR: nothing is kept. -ENOSPC: the disk is full, and nothing is kept. Other
 * -errno and a sentence: the folder cannot be written, or namespaces cannot be had.
 */
int runner_cell_measure(const struct runner_cell *r, const struct cell *c, struct procs *set, enum result_status *status, struct why *reason, struct why *why);

/* One that cannot be measured here. */
int runner_cell_skip(const struct runner_cell *r, const struct cell *c, const char *reason, struct why *why);

#endif
