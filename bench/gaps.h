/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gaps: was the worker away at an instant?
 */
#ifndef TAKT_BENCH_GAPS_H
#define TAKT_BENCH_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnet/rec.h"

/* A gap of at least min_ns that overlaps [t0, t1]. Gaps are in order and do not overlap each other, as a worker
 * publishes them. */
bool gaps_in(const struct rec_gap *gap, size_t n, int64_t t0, int64_t t1, int64_t min_ns);

/* Gaps of at least min_ns within [t0, t1]. */
struct gaps_sum {
	uint64_t count;
	int64_t lost_ns, longest_ns;
};
void gaps_add(struct gaps_sum *sum, const struct rec_gap *gap, size_t n, int64_t t0, int64_t t1, int64_t min_ns);

#endif
