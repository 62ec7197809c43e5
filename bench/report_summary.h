/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_summary: a report for programs.
 */
#ifndef TAKT_BENCH_REPORT_SUMMARY_H
#define TAKT_BENCH_REPORT_SUMMARY_H

#include <stdio.h>

#include "base/out.h"
#include "bench/report.h"

/* Lines of name, value, unit, between tabs. Names: campaign.X, GROUP.X, where GROUP is report_group.id. What cannot be told has no line. */
void report_tsv(const struct report *rep, FILE *f);

/* The same, and how well each is known, as one object; as text, the answer and its table for a terminal. */
void report_print(const struct report *rep, struct out *o);

#endif
