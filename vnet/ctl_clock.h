/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl_clock: what the control socket tells about the time base: the member "clock" of show's answer.
 */
#ifndef TAKT_VNET_CTL_CLOCK_H
#define TAKT_VNET_CTL_CLOCK_H

#include "base/out.h"
#include "vnet/bridge.h"

void ctl_put_clock(struct out *o, struct bridge *b);

/* When what was set takes over, as bridge_gate_set() tells it: "t_now", "t_change", and what holds it back. */
void ctl_put_change(struct out *o, struct bridge *b, int64_t t_change);

#endif
