/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_watch: the threads and CPUs that the programs in the kernel look at.
 */
#ifndef TAKT_PROBES_HOST_WATCH_H
#define TAKT_PROBES_HOST_WATCH_H

#include "probes/host_pvt.h"

void host_watch_cpu(struct host *h, int cpu);

/* Threads that came since the last look; what host_who_look() returns, or -errno of a map. */
int host_watch_look(struct host *h, struct why *why);

/* What threads that ended have left is kept, and their place given away. */
void host_watch_drop(struct host *h);

#endif
