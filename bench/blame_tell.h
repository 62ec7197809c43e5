/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_tell: the figures of takt bench blame, printed and kept.
 */
#ifndef TAKT_BENCH_BLAME_TELL_H
#define TAKT_BENCH_BLAME_TELL_H

#include "base/out.h"
#include "base/why.h"
#include "bench/blame_judge.h"

struct blame_told {
	const struct blame_judge *judge, *quiet;	/* while things were done; while nothing was */
	uint64_t seed;
	int64_t episodes;
};

/*
 * Print the figures, and keep them in a folder of DIR: summary.tsv, confusion.tsv, meta.json. *good: nine and ninety of a hundred were named, and nothing
 * was invented. -errno and a sentence.
 */
int blame_tell(const struct blame_told *told, const char *dir, struct out *o, bool *good, struct why *why);

#endif
