/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_lib: what the report's parts share.
 */
#ifndef TAKT_BENCH_REPORT_LIB_H
#define TAKT_BENCH_REPORT_LIB_H

#include <stdio.h>

#include "base/ns.h"
#include "bench/report.h"

#define REPORT_QUANTILES 4

struct report_quantile {
	const char *name;
	double q;	/* 1: the maximum */
};

extern const struct report_quantile report_quantiles[REPORT_QUANTILES];

/* A quantile as text, "-" when there are too few values to tell. */
const char *report_value(char buf[static NS_STR_LEN], const struct hist *h, const struct report_quantile *q);

/* Open a file of the folder for writing; NULL and a sentence. */
FILE *report_open(const struct report *r, const char *name, char *path, size_t size, struct why *why);

#endif
