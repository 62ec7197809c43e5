/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port_wire: any DPDK ethdev, named by its devargs.
 */
#ifndef TAKT_VNET_PORT_WIRE_H
#define TAKT_VNET_PORT_WIRE_H

#include "vnet/port.h"

/*
 * Probe and start the device. Refused with a sentence: an interface that does not exist, a driver that does not know its arguments, an MTU
 * that it cannot carry. On failure nothing stays behind. Control thread.
 */
int port_wire_open(struct port *port, const struct conf_port *conf, struct why *why);

/* Look at the link (a syscall for some drivers). Control thread, now and then. */
void port_wire_tick(struct port *port);

#endif
