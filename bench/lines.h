/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lines: how a bench tells its figures: name, value, unit, peer, ratio, tab-separated; or the same as JSON objects.
 */
#ifndef TAKT_BENCH_LINES_H
#define TAKT_BENCH_LINES_H

#include "base/out.h"
#include "base/why.h"

/* Figures go to standard output, between the two. The end returns rc, or -errno and a sentence when they could not be printed. */
void lines_begin(struct out *o, bool json);
int lines_end(struct out *o, int rc, struct why *why);

/* One figure. peer and ratio may be NULL: none. */
void lines_put(struct out *o, const char *name, double value, const char *unit, const double *peer,
	       const double *ratio);

/* A figure without a peer. */
static inline void lines_value(struct out *o, const char *name, double value, const char *unit)
{
	lines_put(o, name, value, unit, NULL, NULL);
}

/* They sort v; n >= 1. */
double lines_median(double *v, int n);
double lines_quantile(double *v, int n, double q);	/* one of them */

#endif
