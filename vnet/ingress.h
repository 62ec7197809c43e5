/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ingress: from a received frame to its egress port and class (802.1Q-2022 8.6.1 - 8.6.6).
 *
 *	receive -> well formed? -> VLAN -> learn -> look up or flood -> tag for the egress port -> class
 *
 * Works on one burst of one port. Each frame that comes in leaves as one or more verdict-to-be: staged for an egress port, or dropped with
 * its reason. Owned by the worker.
 */
#ifndef TAKT_VNET_INGRESS_H
#define TAKT_VNET_INGRESS_H

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
};

/*
 * Decide about one frame: `in_port`, `seq`, `t_seen`, `data`, `len`, `tc` (its queue pair) are set. Fills stage[] with what is to be
 * queued or dropped: p itself and copies of it, each with out_port and tc set and verdict SENT, or another verdict and to be dropped.
 * Returns how many, >= 1.
 */
uint32_t ingress_frame(struct ingress *in, struct pkt *p, int64_t now, struct pkt **stage);

#endif
