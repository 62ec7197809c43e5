/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt_kept: what is kept of a taktd that a cell measures: its file, the hops of each measured frame, causes of the slowest, the worker's poll gaps, when gates were open.
 */
#ifndef TAKT_BENCH_TAKT_KEPT_H
#define TAKT_BENCH_TAKT_KEPT_H

#include "bench/cell_run.h"
#include "bench/daemon.h"

struct takt_kept {
	struct cell_run *run;
	char ctl[DAEMON_PATH_LEN];
	int egress;				/* end */
	const struct rec_shm *shm;
	uint64_t gap_pos, gaps_lost;
	struct rec_gap *gap;			/* all of them */
	size_t n_gaps, gap_room;
	struct proc *record;
};

int takt_kept_begin(struct takt_kept *k, struct cell_run *r, const char *ctl, int egress, struct why *why);
void takt_kept_watch(struct takt_kept *k);	/* several times a second, or poll gaps are lost */
/* Frames have gone and are counted; taktd still runs. */
int takt_kept_end(struct takt_kept *k, struct why *why);
void takt_kept_fini(struct takt_kept *k);

#endif
