/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ingress: from a received frame to its egress port and class (802.1Q-2022 8.6.1 - 8.6.6).
 *
 *	receive -> well formed? -> VLAN -> asks for the time -> PTP by the port's role -> learn -> look up or flood -> police -> tag for the egress port -> class
 *
 * Policing stands where the standard has it (8.6.5, figure 8-12): behind frame and egress filtering, of frames that
 * have a port to go to, once for a frame and not for each copy. So its source is learned even when the frame is then
 * dropped. The frame's arrival is its t_seen. An internal priority value takes the place of the frame's priority where
 * its class is looked up (8.6.6) and, being asked for, of the guest's queue number; the tag keeps its PCP. A yellow
 * frame leaves with DEI set. An eligibility time is left in hop_ns[HOP_SEND], as ns after t_seen (0: at once), for the
 * egress port to take up when it queues the frame.
 *
 * Works on one burst of one port. Each frame that comes in leaves as one or more verdict-to-be: staged for an egress
 * port, or dropped with its reason. Owned by the worker.
 */
#ifndef TAKT_VNET_INGRESS_H
#define TAKT_VNET_INGRESS_H

#include "ptp/owner.h"
#include "ptp/pair.h"
#include "ptp/ratio.h"
#include "vnet/fdb.h"
#include "vnet/pktbuf.h"
#include "vnet/port.h"

/* Room for one frame flooded to every port. */
#define INGRESS_STAGE PKT_MAX_PORTS

struct ingress {
	struct port **ports;
	uint32_t n_ports;
	struct fdb *fdb;
	struct pktbuf buf;
	struct pair pair;   /* what is learnt of PTP event messages that were handed over */
	struct ratio ratio; /* of masters whose Syncs come in */
	struct owner owner; /* at which port which PTP clock is */
};

/*
 * Decide about one frame: `in_port`, `seq`, `t_seen`, `data`, `len`, `tc` (its queue pair) are set. Fills stage[] with
 * what is to be queued or dropped: p itself and copies of it, each with out_port and tc set and verdict SENT, or
 * another verdict and to be dropped. Returns how many, >= 1.
 */
uint32_t ingress_frame(struct ingress *in, struct pkt *p, int64_t now, struct pkt **stage);

#endif
