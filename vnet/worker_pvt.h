/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worker_pvt: what the worker's files share; nobody else's business. A turn stands in worker.c, its clock in worker_clock.c, the way in
 * in worker_in.c, the way out in worker_out.c.
 */
#ifndef TAKT_VNET_WORKER_PVT_H
#define TAKT_VNET_WORKER_PVT_H

#include "vnet/worker.h"

/* The only place where the worker reads its clock; `where`: what lies between the last read and this one. */
int64_t worker_clock(struct worker *w, enum rec_where where);

/* Bring a port's egress to t; schedules that ended on the way go back to the control thread. */
void worker_account(struct worker *w, struct port *port, int64_t t);

/* Tell the control thread what a port's schedule is now. */
void worker_publish(struct worker *w, const struct port *port);

/* Hand a schedule back to the control thread (NULL: only those that found no room before). */
void worker_retire(struct worker *w, const struct gcl *gcl);

/* A frame's stay is over without a send: its record is written, its buffer given back. t: now; and the same for the head of a class queue. */
void worker_discard(struct worker *w, struct pkt *p, enum pkt_verdict verdict, int64_t t);
void worker_discard_queued(struct worker *w, struct port *port, uint8_t tc, enum pkt_verdict verdict);

/* One visit to a port that is up. True when a frame was moved, or would have been but for a late turn. */
bool worker_receive(struct worker *w, struct port *port);
bool worker_send(struct worker *w, struct port *port);

#endif
