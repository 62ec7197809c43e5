/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl_dump: the answer to the command dump: the file that would rebuild what was asked for last ("yaml"), and what runs beside that and is
 * not in it ("pending"): a schedule, or a stream gate's list, that goes on until another takes over. The caller has opened the answer's
 * object. Called by the control thread.
 */
#ifndef TAKT_VNET_CTL_DUMP_H
#define TAKT_VNET_CTL_DUMP_H

#include "base/out.h"
#include "vnet/bridge.h"

/* 0, or -ENOMEM and a sentence. */
int ctl_put_dump(struct out *o, struct bridge *b, struct why *why);

#endif
