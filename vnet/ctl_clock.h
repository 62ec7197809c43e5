/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl_clock: what the control socket tells about the time base: the member "clock" of show's answer.
 */
#ifndef TAKT_VNET_CTL_CLOCK_H
#define TAKT_VNET_CTL_CLOCK_H

#include "base/out.h"
#include "vnet/bridge.h"

void ctl_put_clock(struct out *o, struct bridge *b);

#endif
