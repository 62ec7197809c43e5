/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hops: taktd's part of each measured frame's way, as hops.tsv has it (docs/results.md), from what `takt export csv` writes (docs/formats.md).
 */
#ifndef TAKT_BENCH_HOPS_H
#define TAKT_BENCH_HOPS_H

#include <stdbool.h>

#include "base/why.h"

/*
 * Of numbered frames that came in at port `from` and left by port `to`. `back`: and those that came back, as further columns "back.HOP". *tc is the class of the first; -1: there was none.
 * -errno and a sentence: a file cannot be read or written, or is not as expected.
 */
int hops_write(const char *tsv, const char *csv, const char *from, const char *to, bool back, int *tc, struct why *why);

#endif
