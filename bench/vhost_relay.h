/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vhost_relay: passes vhost-user's messages between a guest and a backend, and takes from the backend's offer what a guest of User Mode Linux cannot have.
 *
 * Such a guest gives its control queue to the backend, and waits for ever where that does not serve it, as DPDK's and Open vSwitch's do not. taktd does not offer one; for the others this stands in
 * between, when the two agree on features. Memory, rings and kicks are handed on as they are, so that no frame comes by here.
 */
#ifndef TAKT_BENCH_VHOST_RELAY_H
#define TAKT_BENCH_VHOST_RELAY_H

#include "base/why.h"

/* Listen at `path`; for the first guest that comes connect to `backend`, and pass messages until one of the two is gone. "relaying" on standard error when it listens. -errno and a sentence. */
int vhost_relay(const char *path, const char *backend, struct why *why);

#endif
