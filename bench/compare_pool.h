/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compare_pool: cells that two results have in common, and the figures of each of their repetitions.
 */
#ifndef TAKT_BENCH_COMPARE_POOL_H
#define TAKT_BENCH_COMPARE_POOL_H

#include "bench/compare.h"

#define POOL_WAYS    33		/* the latency, and up to 32 hops */
#define POOL_FIGURES 3
extern const struct pool_figure { const char *name; double p; } pool_figures[POOL_FIGURES];

/* One repetition. NAN: too few samples tell that figure. n: samples. */
struct pool_rep { double ns[POOL_WAYS][POOL_FIGURES], missed_ppm; size_t n[POOL_WAYS]; };

struct pool_cell {
	char name[160];				/* without the repetition */
	const char *backend, *load;
	size_t n_a, n_b;
	struct pool_rep *rep;			/* A's, then B's */
	double floor_p50_ns, floor_share;	/* the largest of all its repetitions */
	double error_bound_ns;			/* A's largest and B's largest, together */
};

struct compare_pool {
	enum result_kind kind;
	size_t n_cells;
	struct pool_cell *cell;
	size_t n_ways;
	char way[POOL_WAYS][16];		/* way 0 is the latency */
	double *values;				/* of all items */
	struct differ_cell *cells;		/* of all items */
};

/* The cells of `a` and `b` that are ok in both; what is not goes to *apart. 0 or -ENOMEM. */
int pool_make(struct compare_pool **out, const struct result *a, const struct result *b, struct compare_apart **apart, size_t *n_apart);
void pool_free(struct compare_pool *pool);	/* NULL is legal */

#endif
