/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * match: which effect goes with which cause, among frames of the same key.
 *
 * Causes and effects each have an instant; a cause is no later than its effect, and no more than MATCH_AGE_NS earlier. A queue keeps order, so of one
 * key they are matched in order. Where causes are left over (their frames were lost), those are passed over that can have no effect any more:
 * an effect takes the first cause such that there are enough for all later effects. What was matched while more than one cause was open is ambiguous.
 *
 * Pure. O(n log n).
 */
#ifndef TAKT_PROBES_MATCH_H
#define TAKT_PROBES_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATCH_AGE_NS INT64_C(10000000000)	/* 10 s: more than a frame may stay in taktd and in a ring of a guest that lives */
#define MATCH_NONE   UINT32_MAX

struct match_item {
	uint64_t key;
	int64_t t;		/* on a common axis; of a cause the earliest, of an effect the latest that it can have been */
	uint32_t id;		/* the caller's */
	uint32_t with;		/* id of the other; MATCH_NONE */
	bool ambiguous;
	int64_t spare;		/* match()'s own */
};

/* Sorts both arrays by key and t; `with` and `ambiguous` of all are written. Key 0 matches nothing. */
void match(struct match_item *cause, size_t n_causes, struct match_item *effect, size_t n_effects);

#endif
