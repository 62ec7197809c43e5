/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * quant: figures of samples, each with how well it is known. Pure: all samples, no histogram.
 *
 * The quantile p of n samples is the nearest rank: the sample at rank ceil(n p), counted from 1, of the sorted ones. Its bounds are two of the samples as well, so they assume no distribution: the number of
 * samples that are not above the true quantile is binomial (n, p), and the two ranks leave no more than (1 - confidence) / 2 on each side, exactly, ties included. Where one of the ranks would lie outside
 * of the samples the quantile is refused with a sentence: a maximum is no p99.999.
 *
 * These bounds are honest for samples that do not depend on each other, and they speak of that one run. Latencies of one run depend on each other, and the next run is another one: for a figure that is to hold
 * for the next run too see bench/between.h, which is made of repetitions.
 */
#ifndef TAKT_BENCH_QUANT_H
#define TAKT_BENCH_QUANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

#define QUANT_CONFIDENCE 0.95

struct quant {
	double p;
	bool known;			/* else ns and the bounds are 0 */
	int64_t ns, lower_ns, upper_ns;
	uint64_t needs;			/* samples that it takes */
};

/* The fixed ladder: p50 p90 p99 p99.9 p99.99 p99.999. */
enum { QUANT_P50, QUANT_P90, QUANT_P99, QUANT_P999, QUANT_P9999, QUANT_P99999, QUANT_STEPS };
extern const struct quant_step { const char *name; double p; } quant_steps[QUANT_STEPS];

void quant_sort(int64_t *v, size_t n);

/* 1..n; 0 when there are no samples. p is taken to nine digits, so 0.999 of 1000 is 999. */
size_t quant_rank(size_t n, double p);

/* Ranks of the bounds, from 1. False, and 0, when one of them lies outside of the samples. */
bool quant_ranks(size_t n, double p, double confidence, size_t *lower, size_t *upper);

/* The smallest number of samples that has both ranks: 6 for p50, 368,887 for p99.999 at 95 %. */
uint64_t quant_needs(double p, double confidence);

/* One quantile. 0, or -ENODATA and "p99.99 takes 36,888 samples, there are 4,000"; q is set either way. */
int quant_find(struct quant *q, const int64_t *sorted, size_t n, double p, double confidence, struct why *why);

/* The ladder, steps that cannot be told included. */
void quant_ladder(struct quant q[QUANT_STEPS], const int64_t *sorted, size_t n, double confidence);

/* "p99.9" */
const char *quant_name(char buf[static 24], double p);

struct quant_sum {
	size_t n;
	int64_t min, max;	/* 0 for no samples */
	double mean, sd;	/* sd of the samples (n - 1); 0 for fewer than two */
	int64_t peak_to_peak;	/* max - min: PDV's and, of delays' IPDV, the range of RFC 5481 section 4 */
};
void quant_sum(struct quant_sum *s, const int64_t *v, size_t n);	/* in any order */

/* RFC 5481 4.2, packet delay variation: each delay less the least one. n values into `out`, which may be `v`; a ladder of those is a ladder of PDV. */
void quant_pdv(int64_t *out, const int64_t *v, size_t n);

/*
 * RFC 5481 4.1, inter-packet delay variation: each delay less that of the frame sent before it. `v` in sending order; with `seqid` only neighbours whose numbers follow each other count, as the clause asks.
 * Values have a sign. Up to n - 1 values into `out`; returns how many.
 */
size_t quant_ipdv(int64_t *out, const int64_t *v, const uint32_t *seqid, size_t n);

/* k of n did: the share, and Clopper and Pearson's exact bounds. Of nothing: 0, and 0 to 1. As above they take the trials to be independent. */
struct quant_share { uint64_t k, n; double share, lower, upper; };
void quant_share(struct quant_share *s, uint64_t k, uint64_t n, double confidence);

#endif
