/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lines: how a bench tells its figures: name, value, unit, peer, ratio, tab-separated; or the same as JSON objects.
 */
#ifndef TAKT_BENCH_LINES_H
#define TAKT_BENCH_LINES_H

#include "base/out.h"

/* One figure. peer and ratio may be NULL: none. */
void lines_put(struct out *o, const char *name, double value, const char *unit, const double *peer,
	       const double *ratio);

/* A figure without a peer. */
static inline void lines_value(struct out *o, const char *name, double value, const char *unit)
{
	lines_put(o, name, value, unit, NULL, NULL);
}

/* Sorts v; n >= 1. */
double lines_median(double *v, int n);

#endif
