/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_claim: who lays claim to an interval, by what was seen in it. All of them add to b->claims, cut to [t, t_end), and only causes that the
 * table (cause.h) allows for the hop.
 */
#ifndef TAKT_PROBES_BLAME_CLAIM_H
#define TAKT_PROBES_BLAME_CLAIM_H

#include "probes/blame_frame.h"

/* What kept the worker, and its poll gaps. */
void blame_claim_worker(struct blame *b, enum way_hop hop, int64_t t, int64_t t_end);

/* The worker slept, and the guest's kick was not due or came late. */
void blame_claim_kick(struct blame *b, const struct way *w, int64_t t, int64_t t_end);

/* A port that took no frame: the ring's guest, by its vCPUs, else the ring itself. */
void blame_claim_full(struct blame *b, const struct way *w, int64_t t, int64_t t_end);

/* What kept the guest at this hop: its vCPU on the host, interrupts and threads inside. */
void blame_claim_guest(struct blame *b, const struct way *w, enum way_hop hop, int64_t t, int64_t t_end);

#endif
