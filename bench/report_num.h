/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_num: figures as a report writes them.
 */
#ifndef TAKT_BENCH_REPORT_NUM_H
#define TAKT_BENCH_REPORT_NUM_H

#include <stdint.h>

#include "bench/quant.h"

#define REPORT_NUM_LEN 80

/* "4,000" */
const char *report_count(char buf[static REPORT_NUM_LEN], uint64_t n);

/* "4,000 frames", "1 frame" */
const char *report_frames(char buf[static REPORT_NUM_LEN], uint64_t n);

/* "40.9 to 41.6 us": the unit once where both have it. */
const char *report_bounds(char buf[static REPORT_NUM_LEN], int64_t lower_ns, int64_t upper_ns);

/* "0.031 %", "none", and "all"; three digits, never 0 or 100 of what is not. */
const char *report_share(char buf[static REPORT_NUM_LEN], uint64_t k, uint64_t n);

/* Do a quantile's bounds say anything? Far apart they do not: two runs that differ much leave such. */
bool report_bounded(const struct quant *q);

/* What stands beneath a quantile: its bounds, or what it takes. Those made of frames alone, that say nothing of the next run, have a "~" before them. */
const char *report_beneath(char buf[static REPORT_NUM_LEN], const struct quant *q, bool by_frames);

#endif
