/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chance: probabilities that bounds and tests are made of, exact to about 1e-10, for up to 1e9 trials. Pure; libm alone.
 */
#ifndef TAKT_BENCH_CHANCE_H
#define TAKT_BENCH_CHANCE_H

#include <stdint.h>

/* The regularised incomplete beta function I_x(a, b), a and b > 0 (DLMF 8.17). */
double chance_beta(double a, double b, double x);

/* Of n trials that each succeed with p: at most k do; at least k do. */
double chance_at_most(uint64_t k, uint64_t n, double p);
double chance_at_least(uint64_t k, uint64_t n, double p);

/* Student's t with df > 0 degrees of freedom (need not be whole): is above t; the t that it is above with this probability (0 < above < 1). */
double chance_t_above(double t, double df);
double chance_t_point(double above, double df);

/* A generator of our own, so that what was drawn once is drawn again: any seed is a good one (splitmix64). Below n: n > 0, without bias that matters for n < 2^32. */
struct chance_draw { uint64_t state; };
uint64_t chance_draw(struct chance_draw *d);
uint64_t chance_draw_below(struct chance_draw *d, uint64_t n);
double chance_draw_unit(struct chance_draw *d);	/* in (0, 1), neither end */

#endif
