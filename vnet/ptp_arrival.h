/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp_arrival: when a PTP event message reached its port, and what of its correction that settles.
 *
 * A frame's stay is counted from t_seen, the clock read before the visit that found it. It came a little earlier or
 * later (the worker may lose its CPU between that read and the visit): the port may know by a stamp that is not ours;
 * if not, it came between the beginning of the last visit that left nothing to be received and the end of this one, and
 * the middle is taken. That, the port's ingress-latency and its share of delay-asymmetry go
 * into the correctionField at once, before copies are made. What comes after t_seen is written when the frame leaves
 * (worker_ptp.h).
 *
 * Owned by the worker.
 */
#ifndef TAKT_VNET_PTP_ARRIVAL_H
#define TAKT_VNET_PTP_ARRIVAL_H

#include "vnet/ingress.h"

/*
 * Message m of frame p came in at `from` in this visit, which was over at `now`: learn the master's rate from it; correct
 * it if it is an event and the port corrects, or if it completes one that left by this port. False: nobody knows when it
 * came (more than PORT_PTP_DOUBT_NS either way), or when that event left.
 */
bool ptp_arrival(struct ingress *in, struct port *from, struct pkt *p, const struct msg *m, int64_t now);

#endif
