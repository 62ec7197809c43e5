/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port_wire: any DPDK ethdev, named by its devargs.
 */
#ifndef TAKT_VNET_PORT_WIRE_H
#define TAKT_VNET_PORT_WIRE_H

#include "ptp/clk.h"
#include "vnet/port.h"

/*
 * Launch times in hardware. Where a driver starts frames at a count of the NIC's clock (send-on-timestamp) and the port
 * has classes with strict launch times, their frames are handed down WIRE_EARLY_NS before, with the count; the link is
 * theirs from then on, as a NIC's queue stands still for them. A step of TAI is followed within two looks at the link
 * (0.2 s); frames handed down in between start as the old time has it. No NIC that does it was at hand: the conversion
 * is tested (nic_time.h), the choice is (sel, egress), the NIC is not. A warning in the log says so.
 */
#define WIRE_EARLY_NS INT64_C(20000) /* a visit to a busy guest and what comes in between; the link stands still for as long */

/*
 * Probe and start the device. Refused with a sentence: an interface that does not exist, a driver that does not know
 * its arguments, an MTU that it cannot carry. On failure nothing stays behind. Control thread.
 */
int port_wire_open(struct port *port, const struct conf_port *conf, const struct clk *clk, struct why *why);

/*
 * Look at the link (a syscall for some drivers), and at the NIC's clock if it keeps launch times. Control thread, now
 * and then.
 */
void port_wire_tick(struct port *port);

#endif
