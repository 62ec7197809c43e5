/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * egress: class queues under a schedule, and the account of who made a frame wait.
 *
 * Eight class queues; tsn/sel picks. The port's busy time is modelled at link rate (t_free), so the driver's own queue
 * stays empty and "handed over" means "on the wire". A queue is one of:
 *	fifo	first in, first out, strict priority (8.6.8.1); with a credit-based shaper, if one is set (8.6.8.2, tsn/cbs.h)
 *	ordered	by the instant from which on a frame may start: launch time (tsn/launch.h), or eligibility time (8.6.8.5, tsn/ats.h)
 *
 * The waits. At any instant a class with frames is in exactly one state; the first of these that holds:
 *	gate	its gate is shut, or open but not long enough for its head
 *	shape	its gate is open, but its credit is negative, or its head's launch or eligibility time has not come
 *	port	the link is busy with a frame of another class
 *	queue	none of these: behind frames of its own class, or waiting for the worker to come by
 * Credit is looked at as tsn/cbs keeps it: a frame is charged as it is handed over, so the class's own time on the wire
 * is part of "shape". Each class keeps a running total per state; egress_account() brings the totals to an instant,
 * splitting the interval at gate edges, at the end of the frame on the wire, where credit is back at zero, where a
 * head's time comes and where a schedule takes over. A frame notes the totals when it is queued; the difference when it
 * leaves is its wait, exact by construction.
 *
 * Order of calls in a turn: egress_account(now), then egress_put() / egress_select() for that now.
 */
#ifndef TAKT_VNET_EGRESS_H
#define TAKT_VNET_EGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tsn/cbs.h"
#include "tsn/gate.h"
#include "tsn/launch.h"
#include "tsn/order.h"
#include "tsn/sel.h"
#include "tsn/wire.h"
#include "vnet/pkt.h"

#define EGRESS_BURST	32
#define EGRESS_SPARE_NS INT64_C(1000) /* the least a window has to be longer than a frame, for a hand-over by software */
#define EGRESS_AHEAD_NS INT64_C(2000) /* a frame may be handed over this long before the link is modelled to be free */
#define EGRESS_LATER_NS INT64_C(2000000000) /* a frame is to start at most this long after it came: half of PKT_MAX_STAY_NS */

struct egress_class {
	struct pkt **slot; /* ring of `depth`; of an ordered queue: frames whose time a step of the clock has put out of reach */
	uint32_t head, tail;
	uint32_t total_ns[4]; /* queue, gate, shape, port: running totals modulo 2^32, in the order of the hops */
	int64_t t_account;    /* totals are true as of this instant */
	int64_t open_total;   /* gate_open_total() at t_account */
	int64_t t_held;	      /* the head does not fit before the close; no chance until this instant. 0: not held */
	int64_t held_open;    /* gate_open_total() as it will be at t_held */
	int64_t ready_open;   /* shaped: gate_open_total() from which on credit is not negative */
	int64_t t_ready;      /* ordered: from when on the head may start */
	struct cbs cbs;
	struct launch_conf launch;
	struct order order;
};

struct egress {
	struct gate gate;
	struct wire wire;
	uint32_t depth;	    /* of each class queue, a power of two */
	uint32_t spare_len; /* bytes that last EGRESS_SPARE_NS on this link */
	uint8_t backlog;    /* bit n: class n has a frame */
	uint8_t shaped;	    /* bit n: class n has a credit-based shaper; cbs and ready_open hold */
	uint8_t ordered;    /* bit n: class n's queue is ordered; order and t_ready hold */
	uint8_t strict;	    /* bit n: of those, by launch times that are not to be undercut */
	int64_t early_ns;   /* the port's hardware keeps launch times: such frames are handed over that long before; 0: it does not */
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
	int64_t t_launch; /* hardware is to start it then; INT64_MIN: it starts when it is handed over */
	int64_t t_close;
	int64_t wire_ns;
	uint16_t len;
	uint8_t tc;
};

int egress_init(struct egress *e, const struct wire *wire, uint32_t depth);

/*
 * Shape classes by credit, as cbs_limits() says; those whose idle_bps is zero no more. Credit and debts of a class that
 * was shaped before stay. Of ordered classes idle_bps has to be zero. Before the first frame, or by the owner after
 * egress_account(now).
 */
void egress_shape(struct egress *e, const struct cbs_limits limits[TSN_CLASSES]);

/* How classes stand at e->t_now: a copy each, credit as of then; admin_bps 0: not shaped. egress_account(now) first. */
void egress_credit(const struct egress *e, struct cbs out[TSN_CLASSES]);

/* Order a class's queue: by launch times, or with launch NULL by eligibility times. Before the first frame. -ENOMEM. */
int egress_order(struct egress *e, uint8_t tc, const struct launch_conf *launch);

/*
 * What counts as an interrupted hand-over. Until something is known, hand-overs are taken to last that long. Before the
 * first frame.
 */
void egress_expect(struct egress *e, int64_t margin_max_ns);

void egress_fini(struct egress *e);

/*
 * Come to t (>= the last one): gate, totals. Returns a retired schedule to be freed elsewhere, and then is to be called
 * again for the same t; NULL when it is done.
 */
const struct gcl *egress_account(struct egress *e, int64_t t);

/* Make a schedule pending; returns one that was pending and never ran, or NULL. egress_account(now) first. */
const struct gcl *egress_set(struct egress *e, const struct gcl *gcl, int64_t now);

/*
 * Longest frame the class may carry (bytes in memory): by its schedule, and so that software has a chance to start it
 * in time.
 */
uint32_t egress_max_len(const struct egress *e, uint8_t tc);

/*
 * Queue a frame in p->tc at e->t_now. Its launch time (pkt_launch()) or eligibility time (pkt_eligible()) is read for
 * an ordered class. False when the class queue is full: the frame stays the caller's.
 */
bool egress_put(struct egress *e, struct pkt *p);

/*
 * Up to n frames that may go at e->t_now, back to back. Returns how many; *slack_ns: how much later than e->t_now they
 * may be handed over without one of them missing its close or its launch time. *t_open: the next instant at which it
 * pays to look here first, NS_NEVER when there is none: a frame's launch time, or when the next gate opens that a frame
 * waits for and that is of a higher class than every gate open now (docs/decisions/005, 009).
 */
uint32_t egress_select(struct egress *e, struct egress_pick *picks, uint32_t n, int64_t *slack_ns, int64_t *t_open);

/* A frame's waits as of e->t_now, written into hops QUEUE..PORT of `rec`, a copy of the frame. */
void egress_waits(const struct egress *e, struct pkt *rec);

/*
 * The driver has taken the first n picks, and may reuse their buffers: take them out of their queues without touching
 * them.
 */
void egress_take(struct egress *e, const struct egress_pick *picks, uint32_t n);

/*
 * They were handed over between t_hand and t_out: move t_free on, learn what a hand-over takes. Bit i of the result:
 * pick i was over after its close (an overrun).
 */
uint32_t egress_sent(struct egress *e, const struct egress_pick *picks, uint32_t n, int64_t t_hand, int64_t t_out);

/*
 * Is the head of a class (which has one) past sending? Too old, too long for every window of a schedule that came after
 * it, not to be started in the time its launch time leaves: the verdict. SENT: it may still go.
 */
enum pkt_verdict egress_hopeless(const struct egress *e, uint8_t tc);

/* The next frame of a class, or NULL; and take it out without sending. */
struct pkt *egress_head(const struct egress *e, uint8_t tc);
struct pkt *egress_drop_head(struct egress *e, uint8_t tc);

/*
 * The clock moved by delta and shows `now`: every instant kept here moves along, those of queued frames too, so that
 * durations stay true; the schedule finds its place anew. Launch times do not move: they are the sender's, on a clock
 * that was not stepped; frames whose time is out of reach now are hopeless. Call egress_account(now - delta) first.
 */
void egress_shift(struct egress *e, int64_t delta, int64_t now);

static inline uint32_t egress_queued(const struct egress *e, uint8_t tc)
{
	return e->class[tc].head - e->class[tc].tail + e->class[tc].order.n;
}

#endif
