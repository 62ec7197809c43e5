/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl_port: a port in taktd's answers: what it is, its counters, its schedules. Control thread.
 */
#ifndef TAKT_VNET_CTL_PORT_H
#define TAKT_VNET_CTL_PORT_H

#include "base/out.h"
#include "vnet/bridge.h"

void ctl_put_port(struct out *o, const struct bridge_port *p);	/* an object of a list */
void ctl_put_gate(struct out *o, const struct bridge_port *p);	/* its member "gate": what runs, what waits, what is held */

#endif
