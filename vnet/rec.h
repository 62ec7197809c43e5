/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rec: the shared memory in which taktd publishes the record of every frame, and the poll gaps of its worker.
 *
 * The file /dev/shm/takt-NAME.rec is laid out as struct rec_shm, then gap_capacity struct rec_gap, then capacity struct pkt,
 * then capacity keys (base/key.h): key i is that of the frame of record i, as it came in, whatever tags it was given since.
 * One worker writes; any number of readers map it read-only and keep their own position. The writer never waits:
 * a reader that is too slow loses records and knows exactly how many, since positions are numbers that only grow.
 *
 *	writer: fill slots head..head+n, then head += n (release)
 *	reader: copy slot pos, then look at head again: still valid if pos + capacity >= head + REC_AHEAD
 */
#ifndef TAKT_VNET_REC_H
#define TAKT_VNET_REC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vnet/pkt.h"

#define REC_MAGIC   "taktrec"	/* with its NUL: 8 bytes */
#define REC_VERSION 2
#define REC_AHEAD   64		/* slots at and behind head that the writer may be filling */
#define REC_NAME    16

/* An interval in which the worker did not look at its clock: it was preempted, or stuck in a driver. */
struct rec_gap {
	int64_t t_begin, t_end;	/* TAI ns */
	uint32_t where;		/* enum rec_where: between which two clock reads */
	uint32_t reserved;
};

/* See pkt_is_sound(). */
static inline bool rec_gap_is_sound(const struct rec_gap *g)
{
	return g->t_begin >= 0 && g->t_begin <= g->t_end && g->t_end <= INT64_MAX / 4;
}

enum rec_where {
	REC_AT_TURN,	/* between two turns */
	REC_AT_RECEIVE,	/* inside a port's receive */
	REC_AT_SEND,	/* inside a port's send: between the last check of the gate and the hand-over */
};

/* In words; "?" of what is none. */
static inline const char *rec_where_name(uint32_t where)
{
	static const char *const names[] = {[REC_AT_TURN] = "between turns", [REC_AT_RECEIVE] = "in receive", [REC_AT_SEND] = "in send"};

	return where < sizeof(names) / sizeof(names[0]) ? names[where] : "?";
}

struct rec_shm {
	char magic[8];
	uint32_t version;
	uint32_t header_size;	/* sizeof(struct rec_shm): where the gaps begin */
	uint32_t record_size;	/* sizeof(struct pkt) */
	uint32_t capacity;	/* records, a power of two; 0: none are published, only gaps */
	uint32_t gap_capacity;	/* gaps, a power of two */
	uint32_t gap_ns;	/* shortest interval that counts as a poll gap */
	uint64_t instance;	/* differs from start to start: a reader that sees it change starts anew */
	int64_t t_start;	/* TAI ns */
	_Atomic uint32_t n_ports;
	uint32_t closed;	/* set when taktd ends in good order */
	char port_name[PKT_MAX_PORTS][REC_NAME];
	_Alignas(64) _Atomic uint64_t head;	/* records published since the start */
	_Alignas(64) _Atomic uint64_t gap_head;	/* gaps published since the start */
	_Atomic int64_t t_worker;		/* TAI ns of the worker's last turn (updated now and then) */
};

static inline const struct rec_gap *rec_gaps(const struct rec_shm *s)
{
	return (const struct rec_gap *)((const char *)s + s->header_size);
}

static inline const struct pkt *rec_records(const struct rec_shm *s)
{
	return (const struct pkt *)(rec_gaps(s) + s->gap_capacity);
}

static inline const uint64_t *rec_keys(const struct rec_shm *s)
{
	return (const uint64_t *)(rec_records(s) + s->capacity);
}

static inline size_t rec_size(uint32_t capacity, uint32_t gap_capacity)
{
	return sizeof(struct rec_shm) + gap_capacity * sizeof(struct rec_gap) + (size_t)capacity * (sizeof(struct pkt) + sizeof(uint64_t));
}

/*
 * Copy up to n records from *pos on, and their keys unless `keys` is NULL; advances *pos and adds to *lost what was
 * overwritten before it could be read. Returns how many were copied.
 */
static inline uint32_t rec_read_keys(const struct rec_shm *s, uint64_t *pos, struct pkt *out, uint64_t *keys, uint32_t n, uint64_t *lost)
{
	const struct pkt *ring = rec_records(s);
	const uint64_t *key = rec_keys(s);
	uint64_t head = atomic_load_explicit(&s->head, memory_order_acquire);
	uint64_t oldest = head + REC_AHEAD > s->capacity ? head + REC_AHEAD - s->capacity : 0;
	uint32_t i, skip;

	if (*pos < oldest) {
		*lost += oldest - *pos;
		*pos = oldest;
	}
	if (n > head - *pos)
		n = head - *pos;
	for (i = 0; i < n; i++)
		memcpy(&out[i], &ring[(*pos + i) & (s->capacity - 1)], sizeof(out[i]));
	for (i = 0; keys && i < n; i++)
		keys[i] = key[(*pos + i) & (s->capacity - 1)];
	atomic_thread_fence(memory_order_acquire);
	head = atomic_load_explicit(&s->head, memory_order_relaxed);
	oldest = head + REC_AHEAD > s->capacity ? head + REC_AHEAD - s->capacity : 0;
	skip = oldest > *pos ? (oldest - *pos < n ? oldest - *pos : n) : 0;
	if (skip)
		memmove(out, out + skip, (n - skip) * sizeof(*out));
	if (skip && keys)
		memmove(keys, keys + skip, (n - skip) * sizeof(*keys));
	*lost += skip;
	*pos += n;
	return n - skip;
}

static inline uint32_t rec_read(const struct rec_shm *s, uint64_t *pos, struct pkt *out, uint32_t n, uint64_t *lost)
{
	return rec_read_keys(s, pos, out, NULL, n, lost);
}

/* The same for poll gaps: a slot may be overwritten while it is copied, and what head has passed by a whole ring since is thrown away. */
static inline uint32_t rec_read_gaps(const struct rec_shm *s, uint64_t *pos, struct rec_gap *out, uint32_t n, uint64_t *lost)
{
	uint64_t head = atomic_load_explicit(&s->gap_head, memory_order_acquire);
	uint64_t oldest = head + 1 > s->gap_capacity ? head + 1 - s->gap_capacity : 0;
	uint32_t got = 0;

	if (*pos < oldest) {
		*lost += oldest - *pos;
		*pos = oldest;
	}
	for (; got < n && *pos < head; ++*pos) {
		out[got] = rec_gaps(s)[*pos & (s->gap_capacity - 1)];
		atomic_thread_fence(memory_order_acquire);
		if (*pos + s->gap_capacity > atomic_load_explicit(&s->gap_head, memory_order_relaxed))
			got++;
		else
			++*lost;
	}
	return got;
}

#endif
