/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * runner: measures the cells of a plan into a folder, one after the other, each in a jail of its own.
 *
 * Whatever ends it, at any moment, leaves no process, namespace, interface, mount, huge page or file but the folder's, in which each finished cell is whole. So
 * whoever comes next goes on from there.
 */
#ifndef TAKT_BENCH_RUNNER_H
#define TAKT_BENCH_RUNNER_H

#include <limits.h>

#include "bench/folder.h"
#include "bench/hosts.h"
#include "bench/plan.h"
#include "bench/proc.h"
#include "bench/run_meta.h"

struct runner_conf {
	const struct campaign *campaign;
	const struct plan *plan;
	struct hosts hosts;
	struct procs *set;
	struct run_asked asked;		/* cpu and seed as they were chosen */
	char takt[PATH_MAX], taktd[PATH_MAX];	/* programs, by their real names */
	const char *file;		/* of the campaign, as messages name it */
	bool keep_going;		/* though cells fail in a row */
	bool json;
};

struct runner_sum {
	size_t ok, skipped, failed, left;	/* left: not measured */
};

/* Cell i of the plan, with the programs and CPUs that were asked for. */
struct cell runner_cell_of(const struct runner_conf *conf, size_t i);

/* How many cells of the plan that folder (NULL: a new one) has not yet. Asks. */
size_t runner_open(const struct runner_conf *conf, const char *dir);

/* The table of cells in their order, which are in the folder `dir` already (NULL: a new one), which would be skipped and why, and how long it takes. Asks, and makes nothing. */
int runner_dry(const struct runner_conf *conf, const char *dir, struct why *why);

/*
 * Measure what the open folder does not have yet; then what failed, `retries` times. `meta` is its document, put again at the end.
 * 0: all cells have been there, whatever became of them. -EINTR: a signal came. -ENOSPC: the disk is full. Other -errno and a sentence.
 */
int runner_run(const struct runner_conf *conf, const struct folder *folder, json_t *meta, struct runner_sum *sum, struct why *why);

#endif
