/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ingress_ptp: what a port's role in PTP and its rate say of a received frame.
 *
 * Stands between ingress filtering and learning, as the drop of link-local frames does: what is refused here leaves no trace in
 * the table of addresses. First the role of the port it came from, then whose clock it names, then that port's rate, and behind the look-up the roles of
 * the ports it would leave by. PTP over Ethernet to the link-local address goes to the port's peer, and to nobody without one.
 */
#ifndef TAKT_VNET_INGRESS_PTP_H
#define TAKT_VNET_INGRESS_PTP_H

#include "vnet/ingress.h"

struct ingress_ptp {
	enum msg_found found;
	struct msg m; /* when it was found */
};

/* What is it? Sets the frame's flags, counts it at the port that it came from. */
void ingress_ptp_look(struct ingress_ptp *x, struct port *from, struct pkt *p);

/* A frame to a link-local address: the port that it may go to all the same, or PKT_NO_PORT. ethertype: behind its C-tag. */
static inline uint8_t ingress_ptp_peer(const struct port *from, const struct pkt *p, uint16_t ethertype)
{
	return ethertype == MSG_ETHERTYPE && p->data[5] == 0x0e ? from->ptp.peer : PKT_NO_PORT;
}

/* May it come in? SENT, PTP_ROLE, PTP_CLOCK, PTP_RATE. A transparent port is trusted to name any clock (ptp/owner.h). */
enum pkt_verdict ingress_ptp_admit(const struct ingress_ptp *x, struct owner *owner, struct port *from, const struct pkt *p);

/* Those of `mask` (bit n: port n) that let it out. The others count it. What may come in only for the sake of a peer goes to that alone. */
uint32_t ingress_ptp_let_out(const struct ingress_ptp *x, const struct port *from, struct port **ports, uint32_t mask);

#endif
