/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl_police: the members of an answer that tell how a port's policing stands: filters with counters and latches,
 * gates as they are now, meters. Keys are leaf names. Control thread only.
 */
#ifndef TAKT_VNET_CTL_POLICE_H
#define TAKT_VNET_CTL_POLICE_H

#include "base/out.h"
#include "vnet/conf_police.h"

/* p: made from c. now: the workers' clock. */
void ctl_put_police(struct out *o, const struct conf_police *c, const struct police *p, int64_t now);

#endif
