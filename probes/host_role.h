/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_role: what a thread does, by its name. Pure.
 *
 * DPDK calls its workers "rte-worker-1", QEMU (with -name debug-threads=on, or for KVM always) its vCPUs "CPU 0/KVM" and its I/O threads
 * "IO iothread0". A User Mode Linux cannot be told by its name: see host_who.c. is_main: its process's first.
 */
#ifndef TAKT_PROBES_HOST_ROLE_H
#define TAKT_PROBES_HOST_ROLE_H

#include "probes/host.h"

enum host_role host_role_of(const char *name, bool is_main);

#endif
