/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * judge: the independent receiver of the live benches, and the talker that keeps taktd's class queues full.
 *
 * build/takt-judge is a process of its own, on a CPU of its own. It sends through virtio-user into a guest port of
 * taktd, polls the memif that is taktd's wire, and stamps what it finds with the TSC, without a look at taktd's clock,
 * schedule or records. Every frame carries a number, so that what was sent and what was seen can be compared.
 *
 * Who starts it hands over a shared memory file as standard input (0<>FILE) with the header filled in, and reads it
 * when the judge has ended: looks at CLOCK_TAI beside the TSC, the judge's own poll gaps, an entry per frame seen.
 *
 *	JUDGE_COMES -> JUDGE_READY (both links up) -> by `want`: JUDGE_SENDS -> JUDGE_DRAINS -> JUDGE_ENDED
 *
 * A flow keeps at most `in_flight` frames of its priority on their way: sent and not seen yet. That is what waits in
 * taktd's class queue, so with in_flight below its queue-depth the queue is never empty for long and never overflows.
 */
#ifndef TAKT_BENCH_JUDGE_H
#define TAKT_BENCH_JUDGE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define JUDGE_MAGIC   "taktjdg"	/* with its NUL: 8 bytes */
#define JUDGE_VERSION 1
#define JUDGE_FLOWS   8		/* one per priority */
#define JUDGE_VLAN    10	/* frames are tagged with it, and their flow's priority */
#define JUDGE_MIN_LEN 60	/* bytes in memory, tag included */
#define JUDGE_MAX_LEN 1518

enum judge_state { JUDGE_COMES, JUDGE_READY, JUDGE_SENDS, JUDGE_DRAINS, JUDGE_ENDED };

struct judge_flow {		/* index: priority */
	uint32_t in_flight;	/* frames; 0: no such flow */
	uint16_t min_len, max_len;	/* bytes in memory; drawn evenly from min..max */
};

struct judge_seen {
	uint64_t tsc_before;	/* the wire was polled then, and held nothing more: the frame came later */
	uint64_t tsc;		/* it was here */
	uint32_t number;	/* as sent: 1 for the first frame, all flows together */
	uint16_t len;		/* bytes in memory */
	uint8_t pcp;
	uint8_t reserved;
};

struct judge_gap {		/* the judge did not poll */
	uint64_t tsc_begin, tsc_end;
};

struct judge_look {		/* CLOCK_TAI showed tai within +-half ticks of tsc */
	uint64_t tsc;
	int64_t tai;
	uint64_t half_ticks;
};

struct judge_shm {
	char magic[8];
	uint32_t version;
	uint32_t header_size;
	uint64_t size;			/* of the file */
	uint64_t look_room, gap_room, seen_room;
	uint64_t gap_ticks; /* shortest interval without a poll that is noted; 0: the judge's own choice (20 us) */
	struct judge_flow flow[JUDGE_FLOWS];
	_Alignas(64) _Atomic uint32_t want;	/* enum judge_state; written by who started it */
	_Alignas(64) _Atomic uint32_t state;	/* the rest: written by the judge */
	_Atomic uint64_t sent[JUDGE_FLOWS];
	_Atomic uint64_t seen[JUDGE_FLOWS];
	_Atomic uint64_t foreign;	/* frames seen that the judge never sent */
	_Atomic uint64_t short_of;	/* times a ring or the pool had no room: the sending was late by a poll */
	_Atomic uint64_t n_looks, n_gaps, n_seen;
	_Atomic uint64_t more_gaps;	/* for which there was no room */
};

static inline struct judge_look *judge_looks(const struct judge_shm *s)
{
	return (struct judge_look *)((uintptr_t)s + s->header_size);
}

static inline struct judge_gap *judge_gaps(const struct judge_shm *s)
{
	return (struct judge_gap *)(judge_looks(s) + s->look_room);
}

static inline struct judge_seen *judge_seen(const struct judge_shm *s)
{
	return (struct judge_seen *)(judge_gaps(s) + s->gap_room);
}

static inline size_t judge_size(uint64_t look_room, uint64_t gap_room, uint64_t seen_room)
{
	return sizeof(struct judge_shm) + look_room * sizeof(struct judge_look) + gap_room * sizeof(struct judge_gap) +
	       seen_room * sizeof(struct judge_seen);
}

#endif
