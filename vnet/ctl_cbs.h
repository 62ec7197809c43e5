/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl_cbs: requests about credit-based shapers: how they stand, and another idle slope. Keys are leaf names where the YANG module
 * ieee802-dot1q-cbsa has one. Control thread only.
 */
#ifndef TAKT_VNET_CTL_CBS_H
#define TAKT_VNET_CTL_CBS_H

#include "base/out.h"
#include "vnet/bridge.h"
#include "vnet/yml.h"

/* The shaped classes of a port as they are now: slopes in bit/s, credits in bits on the wire. -ETIMEDOUT: the worker does not answer. */
int ctl_put_cbs(struct out *o, struct bridge *b, uint32_t port, struct why *why);

/* {"class": N, "admin-idle-slope": BPS}: 0 takes the shaper away. -EINVAL and a sentence, and nothing changed. */
int ctl_set_cbs(struct bridge *b, uint32_t port, const struct yml_node *req, struct why *why);

#endif
