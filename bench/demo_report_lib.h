/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * demo_report_lib: what the report's parts share.
 */
#ifndef TAKT_BENCH_DEMO_REPORT_LIB_H
#define TAKT_BENCH_DEMO_REPORT_LIB_H

#include <stdio.h>

#include "base/ns.h"
#include "bench/demo_report.h"

#define DEMO_QUANTILES 4

struct demo_report_quantile {
	const char *name;
	double q;	/* 1: the maximum */
};

extern const struct demo_report_quantile demo_report_quantiles[DEMO_QUANTILES];

/* A quantile as text, "-" when there are too few values to tell. */
const char *demo_report_value(char buf[static NS_STR_LEN], const struct hist *h, const struct demo_report_quantile *q);

/* Open a file of the folder for writing; NULL and a sentence. */
FILE *demo_report_open(const struct demo_report *r, const char *name, char *path, size_t size, struct why *why);

#endif
