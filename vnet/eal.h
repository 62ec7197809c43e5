/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eal: the one place where DPDK's environment is set up and left.
 *
 * DPDK's own log lines go to log_debug(), and the first error is kept for eal_first_error(): what DPDK refuses is refused
 * with one sentence of ours. Nothing of DPDK is visible in this header.
 */
#ifndef TAKT_VNET_EAL_H
#define TAKT_VNET_EAL_H

#include "base/why.h"
#include "vnet/conf.h"

/* Check huge pages, keep DPDK's threads off the worker's CPU, initialise. Once per process. */
int eal_init(const struct conf *conf, struct why *why);
void eal_fini(void);

/* Make the calling thread known to DPDK (per-thread caches), pinned to `cpu` (-1: not pinned). */
int eal_thread_enter(int cpu, struct why *why);
void eal_thread_leave(void);

/* The first thing DPDK complained of since this was last asked; "" when it did not. */
const char *eal_first_error(void);

#endif
