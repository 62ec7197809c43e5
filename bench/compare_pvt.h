/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compare_pvt: what the first line of a comparison and the rest of it share.
 */
#ifndef TAKT_BENCH_COMPARE_PVT_H
#define TAKT_BENCH_COMPARE_PVT_H

#include "bench/compare.h"

#define COMPARE_VALUE_LEN 40
#define COMPARE_NAME_LEN  80

/* "12.3 us", "0.5 %"; "?": none; a difference has its sign. */
const char *compare_value(char buf[static COMPARE_VALUE_LEN], double v, bool is_share, bool sign);

/* "taktd queue p50" */
const char *compare_name(char buf[static COMPARE_NAME_LEN], const struct compare_item *i);

/* B less A: the mean of all cells. */
double compare_by(const struct differ_item *d);

/* The verdict, with what it is made of: a line. */
void compare_say(struct out *o, const struct compare *c);

#endif
