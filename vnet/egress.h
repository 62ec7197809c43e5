/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * egress: class queues under a schedule, and the account of who made a frame wait.
 *
 * Eight FIFO queues; tsn/sel picks. The port's busy time is modelled at link rate (t_free), so the driver's own queue stays
 * empty and "handed over" means "on the wire".
 *
 * The waits. At any instant a class with frames is in exactly one state:
 *	gate	its gate is shut, or open but not long enough for its head
 *	shape	waiting for credit or launch time (no shaper yet: never)
 *	port	the link is busy with a frame of another class
 *	queue	none of these: behind frames of its own class, or waiting for the worker to come by
 * Each class keeps a running total per state; egress_account() brings the totals to an instant, splitting the interval at gate edges
 * and at the end of the frame on the wire. A frame notes the totals when it is queued; the difference when it leaves is its wait,
 * exact by construction.
 *
 * Order of calls in a turn: egress_account(now), then egress_put() / egress_select() for that now.
 */
#ifndef TAKT_VNET_EGRESS_H
#define TAKT_VNET_EGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tsn/gate.h"
#include "tsn/sel.h"
#include "tsn/wire.h"
#include "vnet/pkt.h"

#define EGRESS_BURST	32
#define EGRESS_SPARE_NS INT64_C(1000) /* the least a window has to be longer than a frame, for a hand-over by software */
#define EGRESS_AHEAD_NS INT64_C(2000) /* a frame may be handed over this long before the link is modelled to be free */

struct egress_class {
	struct pkt **slot; /* ring of `depth` */
	uint32_t head, tail;
	uint32_t total_ns[4]; /* queue, gate, shape, port: running totals modulo 2^32, in the order of the hops */
	int64_t t_account;    /* totals are true as of this instant */
	int64_t open_total;   /* gate_open_total() at t_account */
	int64_t t_held;	      /* the head does not fit before the close; no chance until this instant. 0: not held */
	int64_t held_open;    /* gate_open_total() as it will be at t_held */
};

struct egress {
	struct gate gate;
	struct wire wire;
	uint32_t depth;	    /* of each class queue, a power of two */
	uint32_t spare_len; /* bytes that last EGRESS_SPARE_NS on this link */
	uint8_t backlog;    /* bit n: class n has a frame */
	uint8_t busy_tc;    /* class of the last frame handed over */
	int64_t t_free;	    /* the link is busy until then */
	int64_t t_now;	    /* last egress_account() */
	int64_t margin_ns;  /* what a hand-over takes: slowly decaying maximum of what was seen */
	int64_t margin_max; /* a hand-over longer than this was interrupted (a poll gap), and says nothing about the next */
	uint32_t sends;	    /* hand-overs, to decay by */
	struct egress_class class[TSN_CLASSES];
};

/* One frame chosen; its queue still holds it until egress_take(). */
struct egress_pick {
	struct pkt *p;
	int64_t t_close;
	int64_t wire_ns;
	uint8_t tc;
};

int egress_init(struct egress *e, const struct wire *wire, uint32_t depth);

/* What counts as an interrupted hand-over. Until something is known, hand-overs are taken to last that long. Before the first frame. */
void egress_expect(struct egress *e, int64_t margin_max_ns);

void egress_fini(struct egress *e);

/*
 * Come to t (>= the last one): gate, totals. Returns a retired schedule to be freed elsewhere, and then is to be called again
 * for the same t; NULL when it is done.
 */
const struct gcl *egress_account(struct egress *e, int64_t t);

/* Make a schedule pending; returns one that was pending and never ran, or NULL. egress_account(now) first. */
const struct gcl *egress_set(struct egress *e, const struct gcl *gcl, int64_t now);

/* Longest frame the class may carry (bytes in memory): by its schedule, and so that software has a chance to start it in time. */
uint32_t egress_max_len(const struct egress *e, uint8_t tc);

/* Queue a frame in p->tc at e->t_now. False when the class queue is full: the frame stays the caller's. */
bool egress_put(struct egress *e, struct pkt *p);

/*
 * Up to n frames that may go at e->t_now, back to back. Returns how many; *slack_ns: how much later than e->t_now they may be
 * handed over without one of them missing its close. *t_open: when the next gate opens that a frame waits for and that is of a higher class than
 * every gate open now; NS_NEVER when there is none.
 */
uint32_t egress_select(struct egress *e, struct egress_pick *picks, uint32_t n, int64_t *slack_ns, int64_t *t_open);

/* A frame's waits as of e->t_now, written into hops QUEUE..PORT of `rec`, a copy of the frame. */
void egress_waits(const struct egress *e, struct pkt *rec);

/* The driver has taken the first n picks, and may reuse their buffers: take them out of their queues without touching them. */
void egress_take(struct egress *e, const struct egress_pick *picks, uint32_t n);

/*
 * They were handed over between t_hand and t_out: move t_free on, learn what a hand-over takes. Bit i of the result:
 * pick i was over after its close (an overrun).
 */
uint32_t egress_sent(struct egress *e, const struct egress_pick *picks, uint32_t n, int64_t t_hand, int64_t t_out);

/* The oldest frame of a class, or NULL; and take it out without sending. */
struct pkt *egress_head(const struct egress *e, uint8_t tc);
struct pkt *egress_drop_head(struct egress *e, uint8_t tc);

/*
 * The clock moved by delta and shows `now`: every instant kept here moves along, those of queued frames too, so that durations
 * stay true; the schedule finds its place anew. Call egress_account(now - delta) first.
 */
void egress_shift(struct egress *e, int64_t delta, int64_t now);

static inline uint32_t egress_queued(const struct egress *e, uint8_t tc)
{
	return e->class[tc].head - e->class[tc].tail;
}

#endif
