/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_pvt: what report_make() is made of.
 */
#ifndef TAKT_BENCH_REPORT_PVT_H
#define TAKT_BENCH_REPORT_PVT_H

#include <stdio.h>

#include "bench/report.h"

/* Names of a cell's group, for people: values of the axes that vary. Of its set-up, its condition, or both. NULL: out of memory; else the caller's. */
enum report_part { REPORT_SETUP, REPORT_COND, REPORT_BOTH };
char *report_name(const struct result *r, const struct result_cell *c, enum report_part part);

/* The same for programs: the cell's name without its repetition. */
char *report_id(const char *cell);

/* Groups are filled: rep->rank, and of each group told, lossy, best, worst, sure, careless. */
void report_rank(struct report *rep);

/* What ranks a group, the lower the better: who misses more stands behind all who do not; where the quantile never comes: the more are lost, the longer. */
double report_rank_of(const struct report_group *g);

/* g->ptp, of its cells. 0 or -ENOMEM. */
int report_ptp_fill(struct report_group *g);

/* What PTP's correction did, in a sentence with a blank behind it; nothing where PTP was not measured. */
void report_ptp_answer(const struct report *rep, FILE *f);

#endif
