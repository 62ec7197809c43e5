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

/* In order. taktd's own (vnet/pkt.h) are in the middle, under their names. */
#define WAY_HOPS(X)                                                                              \
	X(APP,     "app",     "sendmsg() until the driver had it: socket, stack, queueing discipline")     \
	X(DRIVER,  "driver",  "in the driver, until its descriptor was published")                         \
	X(RING,    "ring",    "published until the worker saw it")                                         \
	X(RX,      "rx",      "left the wire's far end until the worker saw it")                           \
	PKT_HOPS(X)                                                                                        \
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
	bool defect;				/* an observer contradicts another beyond all bounds */
	bool moved;				/* a seam is not at taktd's own stamp */
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

/* Of a hop: how far its length may be off. Edges of one clock share their error, but for what its rate leaves open (way_clock). */
static inline int64_t way_bound(const struct way *w, enum way_hop hop)
{
	int64_t a = w->begin[hop].bound_ns, b = w->end[hop].bound_ns;

	return !a || !b ? a + b : a < b ? b - a : a - b;
}

/*
 * A clock near one of its instants: g is at `at` of the axis, and runs faster than the axis by rate (a fraction), +- rate_bound. All edges of an event
 * are placed from one of them, so that hops between them are as long as the clock says; their bounds grow with the distance.
 */
struct way_clock {
	int64_t g;
	struct way_edge at;
	double rate, rate_bound;
};

/* As far as taktd's record alone tells it: its own hops, on its own clock, with no bound; and wanted are those. The others are not there yet. */
void way_init(struct way *w, const struct pkt *rec, uint64_t key);

/*
 * What other observers saw; after way_init(), at most one of the first two and of the last two. Seams are placed as ways.h says, w->have grows, the
 * event is copied. `read` may be NULL. False: against a cause, beyond the bound: a defect (the way adds up all the same).
 */
bool way_add_tx(struct way *w, const struct event *e, const struct way_clock *c);
bool way_add_wire_in(struct way *w, const struct event *e, const struct way_clock *c);
bool way_add_rx(struct way *w, const struct event *e, const struct event *read, const struct way_clock *c);
bool way_add_wire_out(struct way *w, const struct event *e, const struct way_clock *c);

/* The first edge that is known, and the last. */
void way_span(const struct way *w, struct way_edge *first, struct way_edge *last);

/* When the burst that held it was copied at the latest: the edge that is an effect of its sending (ways.h); pkt_t_hand() is the cause of its coming. */
int64_t way_t_copied(const struct pkt *rec);

/*
 * Does each hop begin where the one before it, if that was seen, ended, and is none shorter than nothing? Then the hops of a whole way add up to it
 * exactly, and so do those of each stretch that was seen.
 */
bool way_adds_up(const struct way *w);

extern const char *const way_names[WAY_HOPS_COUNT];

#endif
