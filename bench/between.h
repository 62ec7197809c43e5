/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * between: bounds of a quantile that hold for the next run too. quant.h's bounds are made of the samples of one run and speak of that run; where a cell was measured several times, what its repetitions differ by says
 * how far the next one may lie. Repetitions are taken as independent, each has its own quantile, and the bounds are Student's t for the mean of their logarithms (a run is slower by a factor rather than by a time).
 *
 *   one repetition		nothing is known of the next run: quant.h's bounds stay, and hold for that run alone
 *   two or more		both kinds of bounds are taken together. Two give wide ones (t of one degree is 12.7): that is what two are worth
 *   a quantile that only all repetitions together can tell, or that is not above 0: as with one
 *
 * A bootstrap over repetitions would look better with few of them and be worse: three repetitions can be drawn in ten ways, and its bounds hold in 75 of 100 cases, not in 95.
 */
#ifndef TAKT_BENCH_BETWEEN_H
#define TAKT_BENCH_BETWEEN_H

#include "bench/quant.h"

struct between {	/* zeroed: no repetition yet */
	size_t reps;
	struct { size_t known; double mean, squares; } step[QUANT_STEPS];	/* of logarithms */
};

/* A repetition's samples, sorted. */
void between_add(struct between *b, const int64_t *sorted, size_t n, double confidence);

/* Widen the bounds of a ladder of all samples together, where repetitions tell how far. Returns whether they did for this step. */
bool between_widen(const struct between *b, struct quant *q, int step, double confidence);

#endif
