/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ranks: Wilcoxon's rank sum over several strata, exactly. Values of two sides are ranked together within each stratum (ties share their mean rank); of all ways to deal the ranks of each stratum out to the two sides,
 * in how many is the sum of B's over all strata as large as it is? Strata with more than RANKS_EXACT values make it normal, with the variance that ties leave.
 */
#ifndef TAKT_BENCH_RANKS_H
#define TAKT_BENCH_RANKS_H

#include <stdbool.h>
#include <stddef.h>

#define RANKS_EXACT 40

struct ranks {
	double *chance;		/* of each sum of doubled ranks, from 0 */
	size_t n;		/* sums */
	size_t sum;		/* what it is: doubled ranks of B */
	double mean, variance;	/* of the sum */
	bool normal;
};

void ranks_init(struct ranks *r);
void ranks_fini(struct ranks *r);

/* A stratum: A's values against sign * (B's + shift), A's times sign as well. 0 or -ENOMEM. */
int ranks_add(struct ranks *r, const double *a, size_t n_a, const double *b, size_t n_b, int sign, double shift);

/* How probable a sum of at least that size is, if nothing differs. 1 without strata. */
double ranks_above(const struct ranks *r);

/* In how many ways n_a + n_b values can be dealt out. */
double ranks_ways(size_t n_a, size_t n_b);

#endif
