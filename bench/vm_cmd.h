/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vm_cmd: `takt vm`, rows for the front door.
 */
#ifndef TAKT_BENCH_VM_CMD_H
#define TAKT_BENCH_VM_CMD_H

#include "base/cmd.h"

extern const struct cmd vm_cmds[];	/* run */

#endif
