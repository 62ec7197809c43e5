/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spsc: a ring of pointers between exactly one producer and one consumer thread. No lock, no wait.
 */
#ifndef TAKT_BASE_SPSC_H
#define TAKT_BASE_SPSC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPSC_SIZE 64	/* slots, a power of two */

struct spsc {
	_Atomic uint32_t head;	/* written by the producer */
	_Alignas(64) _Atomic uint32_t tail;	/* written by the consumer */
	_Alignas(64) void *slot[SPSC_SIZE];
};

/* False when full. */
static inline bool spsc_push(struct spsc *q, void *p)
{
	uint32_t head = atomic_load_explicit(&q->head, memory_order_relaxed);

	if (head - atomic_load_explicit(&q->tail, memory_order_acquire) == SPSC_SIZE)
		return false;
	q->slot[head % SPSC_SIZE] = p;
	atomic_store_explicit(&q->head, head + 1, memory_order_release);
	return true;
}

/* NULL when empty. */
static inline void *spsc_pop(struct spsc *q)
{
	uint32_t tail = atomic_load_explicit(&q->tail, memory_order_relaxed);
	void *p;

	if (tail == atomic_load_explicit(&q->head, memory_order_acquire))
		return NULL;
	p = q->slot[tail % SPSC_SIZE];
	atomic_store_explicit(&q->tail, tail + 1, memory_order_release);
	return p;
}

#endif
