/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * l2: raw Ethernet sockets and their addresses, for talkers and listeners.
 */
#ifndef TAKT_BENCH_L2_H
#define TAKT_BENCH_L2_H

#include <stdint.h>

#include "base/why.h"

#define L2_MAC_STR 18	/* "02:00:00:00:00:01" and NUL */

/* "02:00:00:00:00:01"; -EINVAL and a sentence. */
int l2_mac_parse(uint8_t mac[static 6], const char *text, struct why *why);
const char *l2_mac_str(char buf[static L2_MAC_STR], const uint8_t mac[static 6]);

/*
 * A packet socket bound to an interface, deaf until l2_hear(). `mac` receives the interface's address and `mtu` its MTU (either may
 * be NULL). Returns the descriptor, or -errno and a sentence: no such interface, no right, interface down.
 */
int l2_open(const char *interface, uint8_t *mac, int *mtu, struct why *why);

/* Frames of this protocol (ETH_P_*) are received from now on. 0 or -errno. */
int l2_hear(int fd, int protocol);

#endif
