/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * order: a queue in order of instants: frames with a launch time, frames of an asynchronous shaper.
 *
 * A binary heap over memory that is allocated once. The head has the earliest instant; of equal ones the first to come
 * (802.1Q-2022 8.6.8.5: ascending eligibility times, first in first out among equals). One thread owns it.
 */
#ifndef TAKT_TSN_ORDER_H
#define TAKT_TSN_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct order_item {
	int64_t t;	/* TAI ns: key */
	uint64_t n;	/* order of arrival, given by order_put() */
	void *item;
};

struct order {
	struct order_item *heap;	/* `depth` of them */
	uint32_t depth, n;
	uint64_t next;			/* number of the next to come */
};

int order_init(struct order *o, uint32_t depth);	/* -ENOMEM */
void order_fini(struct order *o);
bool order_put(struct order *o, int64_t t, void *item);	/* false: full */
void *order_take(struct order *o);			/* NULL: empty */
void order_shift(struct order *o, int64_t delta);	/* all instants move: the clock was stepped */

/* Take out those that are not to stay, into cut[] (room for o->n), in no order; the others keep theirs. How many. */
uint32_t order_cut(struct order *o, bool (*stays)(const struct order_item *), void **cut);

static inline const struct order_item *order_head(const struct order *o)
{
	return o->n ? &o->heap[0] : (const struct order_item *)0;
}

#endif
