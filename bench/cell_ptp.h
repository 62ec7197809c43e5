/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cell_ptp: a ptp4l at the far end, and one that follows it at the guest's, through the backend while frames go (AXIS_CORRECTION). All clocks are this machine's one clock and none is set, so the truth
 * is an offset of 0, and what the client finds is its error.
 */
#ifndef TAKT_BENCH_CELL_PTP_H
#define TAKT_BENCH_CELL_PTP_H

#include "bench/cell_run.h"

struct cell_ptp;

int cell_ptp_can(const struct cell *c, struct why *why);

/* Is there PTP in this cell? */
bool cell_ptp_wanted(const struct cell *c);

/* Both, until the client can be asked. Nothing to do where there is none: *out is NULL. */
int cell_ptp_start(struct cell_ptp **out, struct cell_run *r, struct why *why);

/* Several times an interval of Syncs (CELL_PTP_TURN_NS). -EIO and a sentence: one of the two has ended. NULL is legal. */
#define CELL_PTP_TURN_NS INT64_C(25000000)
int cell_ptp_watch(struct cell_ptp *p, struct why *why);

/* ptp.tsv and cell.json's ptp: of the offsets since the client had settled (ptp_stat.h). -EIO and a sentence: there is none. NULL is legal. */
int cell_ptp_end(struct cell_ptp *p, struct why *why);
void cell_ptp_stop(struct cell_ptp *p);	/* NULL is legal */

#endif
