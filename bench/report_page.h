/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_page: a report to read: the answer and its table, what limits the trust in it, figures, how to repeat it, every cell.
 */
#ifndef TAKT_BENCH_REPORT_PAGE_H
#define TAKT_BENCH_REPORT_PAGE_H

#include "bench/doc.h"
#include "bench/report_draw.h"

/* `drawn` has REPORT_FIGURES places. 0, or -errno and a sentence; errors of the stream stay in d->f. */
int report_page(const struct report *rep, const struct report_drawn *drawn, struct doc *d, struct why *why);

/* Its parts. */
void report_table(const struct report *rep, struct doc *d);	/* the answer's */
void report_ptp_table(const struct report *rep, struct doc *d);	/* nothing where PTP was not measured */
bool report_is_virtual(const json_t *meta);			/* does the CPU say that it is a guest's? */
void report_trust(const struct report *rep, struct doc *d);
void report_words(const struct report *rep, struct doc *d);	/* what is named in it, a line each */
void report_repeat(const struct report *rep, struct doc *d);
void report_cells(const struct report *rep, struct doc *d);	/* each by itself */

#endif
