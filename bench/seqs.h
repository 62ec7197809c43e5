/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * seqs: what became of numbered frames: lost, doubled, out of order.
 *
 * Numbers grow by one from frame to frame. A number that is skipped counts as lost until it comes late, and then as
 * reordered, as long as it is no older than SEQS_WINDOW; what is older is a duplicate, except 1, with which a sender starts anew.
 */
#ifndef TAKT_BENCH_SEQS_H
#define TAKT_BENCH_SEQS_H

#include <stdint.h>

#define SEQS_WINDOW 8192	/* a power of two */

struct seqs {
	uint64_t received, lost, duplicate, reordered, restarts;
	uint32_t first, last;		/* of the present start: first seen, highest seen; 0: none yet */
	uint64_t seen[SEQS_WINDOW / 64];	/* bit n % SEQS_WINDOW: number n of the window came */
};

/* A zeroed struct is ready. seq >= 1. */
void seqs_add(struct seqs *s, uint32_t seq);

#endif
