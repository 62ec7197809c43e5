/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * differ: does A differ from B? Judged by what repetitions of the same thing differ from each other, for that is what the next run will differ by. Pure.
 *
 * An item is one figure ("queue p50") in several cells; of each cell it has a value for each repetition of A and of B. For an item the question is asked once for all of its cells:
 * is B above A by more than `least` in any of them? (And below?) Two ways to an answer; which, is decided by how many repetitions and items there are, before anything is looked at:
 *
 *   rank	B's values less `least` are ranked with A's within each cell; the sums of ranks are added, and their distribution over all ways of dealing the values out to A and B is exact. Assumes nothing but
 *	that repetitions come from the same pot when nothing differs. Cells may be as different and as heavy-tailed as they like. Taken when the smallest probability that it can reach is ten times
 *	smaller than it must be: from 3 repetitions in 4 cells on, or 7 in one.
 *   t		Where repetitions are too few for that. Cells with the same noise (the load) share one variance, which is that between repetitions; Student's t for the mean of their differences, and
 *	Fisher's method over the noises. Assumes that repetitions are spread like a normal distribution: heavier tails make it more careful, two moods of a machine make it rash.
 *
 * Items are corrected for their number by Holm's method, which includes both directions; items that could not differ by `least` however their values were dealt out do not count.
 * What differs between two campaigns and not between repetitions (the machine has changed its mood for good) no test can know: that is what `least` is for, and what docs/decisions/017 is about.
 */
#ifndef TAKT_BENCH_DIFFER_H
#define TAKT_BENCH_DIFFER_H

#include <stdbool.h>
#include <stddef.h>

enum differ_how {
	DIFFER_ALIKE,	/* all values lie within `least`: no need to ask */
	DIFFER_RANK,
	DIFFER_T,
	DIFFER_UNTOLD,	/* too few repetitions for either */
};
const char *differ_how_name(enum differ_how how);

struct differ_cell {
	const char *name;
	const char *noise;		/* cells with the same word are as noisy as each other: the load */
	const double *a, *b;
	size_t n_a, n_b;		/* at least one each */
	double least;			/* >= 0; what is smaller is no difference */
	/* out */
	double was, is, by;		/* means over repetitions; is - was */
	double lower, upper;		/* bounds of `by`, this cell alone, by t; infinite where nothing tells */
};

struct differ_item {
	struct differ_cell *cell;
	size_t n_cells;
	/* out */
	enum differ_how how;
	double p;			/* of both directions, corrected; 1: nothing speaks for a difference */
	int sign;			/* 0: no difference found; 1: B is above A; -1: below */
	double would_see;		/* had B been above by that much in every cell, it would have been found; infinite: nothing would */
};

/* Judge all items together; out-fields are set. 0 or -ENOMEM. */
int differ_judge(struct differ_item *items, size_t n, double confidence);

/* The repetitions that it takes in each of so many cells for n items, for the rank test at that confidence. */
size_t differ_needs(size_t n_cells, size_t n_items, double confidence);

#endif
