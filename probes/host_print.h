/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_print: what `takt host` saw, as tables for people and JSON for programs.
 */
#ifndef TAKT_PROBES_HOST_PRINT_H
#define TAKT_PROBES_HOST_PRINT_H

#include "base/out.h"
#include "probes/host.h"

void host_print(struct out *o, const struct host_seen *s, const struct host *h);

#endif
