/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan: the cells of a campaign, named, in the order in which they are measured. Pure.
 *
 * All of repetition 1 come before all of repetition 2: what is interrupted has whole repetitions, and what drifts with the hours drifts through all cells
 * alike. Within a repetition the order is drawn anew (order: shuffled), by the seed alone: the same campaign and seed give the same order on any machine.
 * A cell's own seed depends on the campaign's and its name, not on what else is measured.
 */
#ifndef TAKT_BENCH_PLAN_H
#define TAKT_BENCH_PLAN_H

#include "bench/campaign.h"

#define PLAN_CELLS 4096	/* as many as a result may have (bench/result.h) */

struct plan {
	struct cell *cell;	/* in order: position is index + 1. Its strings are the campaign's and the plan's */
	size_t *kind;		/* cells of one kind differ in their repetition alone; 0.. */
	size_t n, n_kinds;
};

/* -EINVAL and a sentence: no cell is left, too many, two of one name. */
int plan_create(struct plan **out, const struct campaign *c, uint64_t seed, struct why *why);
void plan_destroy(struct plan *p);	/* NULL is legal */

#endif
