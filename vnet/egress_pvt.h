/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * egress_pvt: what the egress's files share; nobody else's business. Queues and selection stand in egress.c, the
 * account of waits in egress_wait.c, credit in egress_shape.c, queues in order of instants in egress_order.c.
 */
#ifndef TAKT_VNET_EGRESS_PVT_H
#define TAKT_VNET_EGRESS_PVT_H

#include "vnet/egress.h"

/* Another schedule runs from t_now on: idle slopes follow the share of the cycle that it leaves open. Divides. */
void egress_rescale(struct egress *e);

/* A frame came into the empty queue of a class at t_now: its credit up to now is that of an idle class. */
void egress_credit_idle(struct egress *e, uint8_t tc);

/*
 * A frame is handed over at t_now, to start at t_start >= t_now: charge it to `cbs`, its class's own or a copy of that.
 * Returns the open total from which on credit is not negative again. It is charged at the hand-over, up to
 * EGRESS_AHEAD_NS before it starts: what credit grows by in between, it grows by all the same.
 */
int64_t egress_charge(const struct egress *e, struct cbs *cbs, const struct egress_pick *pick, int64_t t_start);

/* The ordered queue of a class has another head, or none. */
void egress_new_head(struct egress_class *c);

/* Put a frame into the ordered queue of its class, which has room. */
void egress_order_put(struct egress *e, struct pkt *p);

/* The clock was stepped by delta: frames of an ordered queue, and their instants. */
void egress_order_shift(struct egress_class *c, int64_t delta);

#endif
