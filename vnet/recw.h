/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recw: the writer's side of rec.h.
 *
 * With a capacity of 0 slots are there all the same, but nobody's: what is published is gone, and `on` says so to whoever can save the work.
 *
 * The worker fills slots ahead of head in place (recw_slot, recw_key), then publishes them together (recw_publish).
 */
#ifndef TAKT_VNET_RECW_H
#define TAKT_VNET_RECW_H

#include "base/why.h"
#include "vnet/rec.h"

#define RECW_GAPS 32768 /* poll gaps kept: with a threshold of 1 us, a third of a second's on a busy machine */

struct recw {
	struct rec_shm *shm;
	struct pkt *ring;
	uint64_t *key;
	struct rec_gap *gaps;
	bool on;	/* records are published */
	uint32_t mask, gap_mask;
	uint64_t head, gap_head;
	size_t size;
	int fd;		/* keeps the file locked; -1: none */
	char path[128]; /* "": private memory */
	struct pkt scratch[REC_AHEAD]; /* slots when nothing is published */
	uint64_t scratch_key[REC_AHEAD];
};

/*
 * Make the file (mode 0600, prefaulted), or private memory when path is NULL. -EADDRINUSE when a living taktd has it. capacity is a power of two >= 2 * REC_AHEAD, or 0.
 * t_start: TAI ns, gap_ns: threshold, both for readers' eyes.
 */
int recw_open(struct recw *r, const char *path, uint32_t capacity, int64_t t_start, int64_t gap_ns, struct why *why);
void recw_close(struct recw *r); /* marks it closed, unmaps, removes the file */
void recw_name_port(struct recw *r, uint32_t index, const char *name);

/* The i-th slot not yet published, i < REC_AHEAD. */
static inline struct pkt *recw_slot(struct recw *r, uint32_t i)
{
	return &r->ring[(r->head + i) & r->mask];
}

/* And the key that belongs to it. */
static inline uint64_t *recw_key(struct recw *r, uint32_t i)
{
	return &r->key[(r->head + i) & r->mask];
}

/*
 * A line that will be written soon. The ring is longer than any cache, so each slot is a miss; asked for a turn ahead, nobody waits for it.
 * Not __builtin_prefetch(): it asks for a line to be shared, where a reader has had it.
 */
static inline void recw_want(const void *line)
{
#ifdef __x86_64__
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
#else
	__builtin_prefetch(line, 1);
#endif
}

static inline void recw_publish(struct recw *r, uint32_t n)
{
	uint32_t i;

	if (!r->on)
		return;
	r->head += n;
	atomic_store_explicit(&r->shm->head, r->head, memory_order_release);
	atomic_thread_fence(memory_order_release); /* the slots written next are not seen before this head */
	for (i = 0; i < n; i++)
		recw_want(recw_slot(r, i));
	for (i = 0; i < n; i += 64 / sizeof(uint64_t))
		recw_want(recw_key(r, i));
}

static inline void recw_gap(struct recw *r, int64_t t_begin, int64_t t_end, enum rec_where where)
{
	r->gaps[r->gap_head++ & r->gap_mask] = (struct rec_gap){.t_begin = t_begin, .t_end = t_end, .where = where};
	atomic_store_explicit(&r->shm->gap_head, r->gap_head, memory_order_release);
	atomic_thread_fence(memory_order_release);
}

#endif
