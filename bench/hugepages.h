/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hugepages: 2 MiB pages borrowed from the kernel for a run, and given back.
 *
 * What is borrowed is added to the pool and later taken away from it, so that others may change the pool meanwhile. Root only. In a jail a keeper is told, which
 * gives them back for those who are killed (bench/keeper.h).
 */
#ifndef TAKT_BENCH_HUGEPAGES_H
#define TAKT_BENCH_HUGEPAGES_H

#include <stdint.h>

#include "base/why.h"

/* See to it that `want` pages are free; *borrowed is what was added to the pool. -errno and a sentence, nothing borrowed. */
int hugepages_borrow(int64_t *borrowed, int64_t want, struct why *why);

void hugepages_return(int64_t borrowed);	/* 0 is legal */

/* Pages in the pool; those of them that nobody has. -errno */
int64_t hugepages_pool(void);
int64_t hugepages_idle(void);

#endif
