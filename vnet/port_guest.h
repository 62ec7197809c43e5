/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port_guest: a guest's virtio-net device, over vhost-user (librte_vhost).
 *
 * librte_vhost speaks the protocol in a thread of its own. When it says that a device is ready or about to go, the guest's number is left
 * in a mailbox and the thread waits until the worker has taken note: after that no ring is touched any more.
 *
 * Offered: split ring (packed on request), EVENT_IDX, IN_ORDER, mergeable buffers. Not offered: checksum and segmentation offloads, MTU,
 * announce; several queue pairs (and with them the control queue) only when the configuration asks for them. The reasons are in docs/decisions.
 */
#ifndef TAKT_VNET_PORT_GUEST_H
#define TAKT_VNET_PORT_GUEST_H

#include "vnet/port.h"

/*
 * Listen on (or connect to) the socket; guests may come and go from then on. A socket file that nobody listens on is replaced,
 * one with a living listener is refused. Control thread; `port` stays where it is until close.
 */
int port_guest_open(struct port *port, const struct conf_port *conf, struct why *why);

/* The process at the other end of the attached guest's socket, as unix_sock_peer() has it; 0: not known, or no guest. Slow. Control thread. */
int port_guest_peer(const struct port *port);

/* The worker does not turn any more: whoever waits for it goes on. Call before close. */
void port_guest_release(struct port *port);

#endif
