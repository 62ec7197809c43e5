/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hist: a log-linear histogram of durations.
 *
 * Values below 128 ns have a bucket each; above, every power of two is cut into 64 buckets, so a bucket is never
 * wider than 1/64 (1.6 %) of its value. Count, minimum, maximum and sum are exact. Negative values are counted
 * in `negative` and kept out of the buckets: a hop that comes out negative is a clock's fault, to be shown, not averaged.
 * Memory is fixed; adding is O(1) and never fails.
 */
#ifndef TAKT_BASE_HIST_H
#define TAKT_BASE_HIST_H

#include <stdint.h>

#define HIST_SUB_BITS 6
#define HIST_BUCKETS  ((64 - HIST_SUB_BITS) << HIST_SUB_BITS)

struct hist {
	uint64_t count;		/* values in buckets */
	uint64_t negative;	/* values below zero, in no bucket */
	int64_t min, max;	/* exact; 0 while count is 0 */
	double sum;		/* ns */
	uint64_t bucket[HIST_BUCKETS];
};

void hist_init(struct hist *h);
void hist_add(struct hist *h, int64_t value);
void hist_merge(struct hist *into, const struct hist *from);

/*
 * The smallest value v such that at least `quantile` (0..1) of all values are <= v, at bucket resolution: the
 * upper edge of its bucket, never above max. 0 for an empty histogram.
 */
int64_t hist_quantile(const struct hist *h, double quantile);

/*
 * Can a quantile be told from this many samples? True when at least 10 values lie above it;
 * a p99.9 wants 10,000 samples. Callers print "-" and not a number when it is false.
 */
int hist_knows(const struct hist *h, double quantile);

/* Bucket of a value >= 0, and a bucket's lowest and highest value. */
unsigned int hist_index(int64_t value);
int64_t hist_lower(unsigned int index);
int64_t hist_upper(unsigned int index);

#endif
