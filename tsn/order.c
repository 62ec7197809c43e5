/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/order.h"

#include <errno.h>
#include <stdlib.h>

int order_init(struct order *o, uint32_t depth)
{
	*o = (struct order){.depth = depth};
	o->heap = calloc(depth ? depth : 1, sizeof(*o->heap));
	return o->heap ? 0 : -ENOMEM;
}

void order_fini(struct order *o)
{
	if (!o)
		return;
	free(o->heap);
	*o = (struct order){0};
}

static bool before(const struct order_item *a, const struct order_item *b)
{
	return a->t < b->t || (a->t == b->t && a->n < b->n);
}

/* Into the heap, which has room. */
static void insert(struct order *o, struct order_item new)
{
	uint32_t at = o->n++;

	while (at && before(&new, &o->heap[(at - 1) / 2])) {
		o->heap[at] = o->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	o->heap[at] = new;
}

bool order_put(struct order *o, int64_t t, void *item)
{
	if (o->n == o->depth)
		return false;
	insert(o, (struct order_item){t, o->next++, item});
	return true;
}

void *order_take(struct order *o)
{
	struct order_item last;
	uint64_t at = 0, child;	/* 64 bits: a child's index is twice its parent's */
	void *item;

	if (!o->n)
		return NULL;
	item = o->heap[0].item;
	last = o->heap[--o->n];
	while ((child = 2 * at + 1) < o->n) {
		if (child + 1 < o->n && before(&o->heap[child + 1], &o->heap[child]))
			child++;
		if (before(&last, &o->heap[child]))
			break;
		o->heap[at] = o->heap[child];
		at = child;
	}
	o->heap[at] = last;
	return item;
}

void order_shift(struct order *o, int64_t delta)
{
	uint32_t i;

	for (i = 0; i < o->n; i++)
		o->heap[i].t += delta;
}

uint32_t order_cut(struct order *o, bool (*stays)(const struct order_item *), void **cut)
{
	uint32_t n = o->n, n_cut = 0, i;

	o->n = 0;
	for (i = 0; i < n; i++) {
		if (stays(&o->heap[i]))
			insert(o, o->heap[i]); /* it fills at most the place that was just read */
		else
			cut[n_cut++] = o->heap[i].item;
	}
	return n_cut;
}
