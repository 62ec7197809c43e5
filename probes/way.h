/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * way: a frame's whole way on one time axis, from sendmsg() in one guest to the wire, or from the wire to the socket's reader in another.
 *
 * It is cut at edges; a hop is the time between two of them, so the hops of a way add up to it exactly. Where an edge is another clock's, it is
 * known to +- bound_ns only. A hop whose beginning or end was not seen is not there (WAY_HAS is false): the hops before and after
 * it stay, and the way says that it is not whole.
 */
#ifndef TAKT_PROBES_WAY_H
#define TAKT_PROBES_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/event.h"
#include "vnet/pkt.h"

/* In order. The hops between `ring` and `wire` are taktd's own (vnet/pkt.h), under the same names. */
#define WAY_HOPS(X)                                                                              \
	X(APP,     "app",     "sendmsg() until the driver had it: socket, stack, queueing discipline")     \
	X(DRIVER,  "driver",  "in the driver, until its descriptor was published")                         \
	X(RING,    "ring",    "published until the worker saw it")                                         \
	X(RX,      "rx",      "left the wire's far end until the worker saw it")                           \
	X(COPY,    "copy",    "")                                                                          \
	X(CLASS,   "class",   "")                                                                          \
	X(QUEUE,   "queue",   "")                                                                          \
	X(GATE,    "gate",    "")                                                                          \
	X(SHAPE,   "shape",   "")                                                                          \
	X(PORT,    "port",    "")                                                                          \
	X(SEND,    "send",    "")                                                                          \
	X(WIRE,    "wire",    "handed to the wire's driver until its far end had it")                      \
	X(CALL,    "call",    "in the guest's ring until its interrupt began, or its poll, where none was due") \
	X(IRQ,     "irq",     "interrupt (or poll) until NAPI handed it to the stack")                     \
	X(DELIVER, "deliver", "stack until the socket's reader had it")

enum way_hop {
#define X(id, name, help) WAY_##id,
	WAY_HOPS(X)
#undef X
	WAY_HOPS_COUNT
};

struct way_edge {
	int64_t t;		/* TAI ns on the host's axis */
	int64_t bound_ns;	/* 0: the axis' own clock */
};

struct way {
	struct pkt rec;				/* taktd's record */
	uint64_t key;				/* base/key.h; 0: a taktd that publishes none */
	struct way_edge begin[WAY_HOPS_COUNT], end[WAY_HOPS_COUNT];	/* where has(hop) */
	uint32_t have;				/* bit per hop */
	uint32_t want;				/* bit per hop that a whole way of this frame has, given where it came from and went to */
	struct event tx, rx, read, wire_in, wire_out;	/* in their source's own time; kind EV_NONE where not seen */
	int8_t guest_in, guest_out;		/* index of the source that told, -1: none */
	bool ambiguous;				/* more than one frame had this key at the time: matched in order */
};

static inline bool way_has(const struct way *w, enum way_hop hop)
{
	return w->have >> hop & 1;
}

static inline bool way_is_whole(const struct way *w)
{
	return (w->have & w->want) == w->want;
}

static inline int64_t way_ns(const struct way *w, enum way_hop hop)
{
	return w->end[hop].t - w->begin[hop].t;
}

/* Of a hop: how far its length may be off. Edges of one clock share their error. */
static inline int64_t way_bound(const struct way *w, enum way_hop hop)
{
	int64_t a = w->begin[hop].bound_ns, b = w->end[hop].bound_ns;

	return a && b ? 0 : a + b;
}

extern const char *const way_names[WAY_HOPS_COUNT];
extern const char *const way_help[WAY_HOPS_COUNT];

#endif
