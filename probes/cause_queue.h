/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cause_queue: who was ahead of whom, for what a frame suffers from delays that ended before it came.
 *
 * A frame passes up to three queues: its guest's ring (or the wire) until the worker saw it, its class queue, the other guest's ring until NAPI had
 * it. In each, the busy period that it came into began when the first frame came into the empty queue. What held frames up since then made the
 * backlog that it waited behind: it is charged there, up to what it waited.
 *
 * Add all frames, sort, ask. Pure; one thread.
 */
#ifndef TAKT_PROBES_CAUSE_QUEUE_H
#define TAKT_PROBES_CAUSE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/way.h"

enum cause_station { CAUSE_AT_RING, CAUSE_AT_CLASS, CAUSE_AT_GUEST, CAUSE_STATIONS };

struct cause_stay {
	int64_t t_enter, t_leave;	/* TAI ns */
	int64_t t_done;			/* of a guest's: it was read; else t_leave */
	uint64_t seq;
	uint32_t gate_ns, shape_ns, port_ns;	/* of a class queue's */
	uint16_t len;
	uint8_t tc;
	bool retried;			/* the driver refused it */
};

struct cause_line {
	struct cause_stay *stay;
	size_t n, room;
};

struct cause_queues {
	struct cause_line *line[CAUSE_STATIONS];	/* per port; of class queues per port and class */
	int error;
};

/* What a frame came into. */
struct cause_busy {
	int64_t t_begin;			/* of the busy period; its own coming when it came into an empty queue */
	int64_t gate_ns, shape_ns, port_ns;	/* that class waited between t_begin and its coming: no less than this */
	bool ahead;				/* a frame was ahead of it */
	int64_t t_ahead, t_read;		/* when the last of these left, and when the last one was read; 0: none */
	bool full;				/* it, one ahead of it, or one of another class meanwhile, was refused by the driver */
};

int cause_queues_init(struct cause_queues *q);	/* -ENOMEM */
void cause_queues_fini(struct cause_queues *q);
int cause_queues_add(struct cause_queues *q, const struct way *w);	/* -ENOMEM */
void cause_queues_sort(struct cause_queues *q);

/* Not in that queue: false. */
bool cause_queues_stay(struct cause_stay *s, enum cause_station station, const struct way *w);
struct cause_busy cause_queues_busy(const struct cause_queues *q, enum cause_station station, const struct way *w);

/* Bytes of other classes that were handed to its port while it waited: of higher ones, of others. */
void cause_queues_others(const struct cause_queues *q, const struct way *w, uint64_t *higher, uint64_t *lower);

#endif
