/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * jail_mounts: what a process with mounts of its own sees: empty /run, /tmp and /dev/shm but for what is kept, and a /proc and a /sys of its namespaces.
 */
#ifndef TAKT_BENCH_JAIL_MOUNTS_H
#define TAKT_BENCH_JAIL_MOUNTS_H

#include <stdbool.h>

#include "base/why.h"

/* In the namespaces, before anything is opened there. `keep`: n names, or fewer and NULL. `own_sys`: the network is not the machine's, and /sys shows it. -errno and a sentence. */
int jail_mounts(const char *const *keep, int n, bool own_sys, struct why *why);

#endif
