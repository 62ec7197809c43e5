/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cell_clock: how far is a guest's CLOCK_TAI from ours, where both read the same TSC (User Mode Linux: a process)?
 *
 * The guest looks at its clock between two reads of the TSC, before and after it talked or listened (`takt bench looks`); so do we. Each of its looks says between which two offsets the
 * truth lies, and nothing is assumed of how long a read takes. Its clock runs as ours does, so one offset has to fit all its looks.
 *
 * It boots with a clock that is up to a millisecond off. A talker's cycle would then be anywhere beside that of a schedule, so it takes over our clock first, by looks of ours that it is given.
 */
#ifndef TAKT_BENCH_CELL_CLOCK_H
#define TAKT_BENCH_CELL_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"
#include "ptp/tsc_look.h"

#define CLOCK_LOOKS 1024
#define CLOCK_LOOKS_EACH 100	/* that `takt bench looks` takes */

struct clock_looks {
	struct tsc_look look[CLOCK_LOOKS];	/* by time */
	size_t n;
};

struct clock_fit {
	int64_t offset_ns, bound_ns;	/* the guest's clock minus ours, within bound_ns */
};

/* One more look at our CLOCK_TAI, the best of some; what has no room is dropped. */
void clock_looks_take(struct clock_looks *l);

/* As many at once as a guest takes. */
void clock_looks_fill(struct clock_looks *l);

/* As lines of "TSC TSC NS"; what clock_looks_read() adds from a file. -EINVAL and a sentence when that has no such line. */
void clock_looks_print(FILE *f, const struct clock_looks *l);
int clock_looks_read(struct clock_looks *l, const char *path, struct why *why);

/* -EINVAL and a sentence: no looks, or no one offset fits them all (a clock was stepped). `ours` has looks from before the guest's first and after its last. */
int clock_fit(struct clock_fit *out, const struct clock_looks *guest, const struct clock_looks *ours, struct why *why);

/* In the guest: step its clock by what `ours` says it is off, as well as clock_fit() knows that: to some us. -errno and a sentence. */
int clock_take_over(const struct clock_looks *ours, struct why *why);

#endif
