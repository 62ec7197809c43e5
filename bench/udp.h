/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * udp: sockets and addresses of numbered datagrams, for talkers and listeners.
 */
#ifndef TAKT_BENCH_UDP_H
#define TAKT_BENCH_UDP_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/why.h"
#include "bench/lane.h"

/* "10.0.0.2", "10.0.0.2:6001", "fe80::1%eth0", "[fd00::2]:6001": without a port it is `port`. -EINVAL and a sentence. Names are not looked up. */
int udp_parse(union lane_addr *out, const char *text, uint16_t port, struct why *why);
const char *udp_str(char buf[static LANE_NAME_LEN], const union lane_addr *a);

/* Bytes of Ethernet, IP and UDP before the datagram's. */
uint32_t udp_head_len(const union lane_addr *a);

/* Sockets; interface NULL: any. Datagrams are never cut into fragments. The descriptor, or -errno and a sentence. */
int udp_open_talker(const union lane_addr *to, const char *interface, int priority, struct why *why);
int udp_open_listener(const union lane_addr *at, const char *interface, struct why *why);

/* What a datagram says of its class: DSCP / 8, from what the kernel says beside it; 0 when it says nothing. */
int udp_priority_of(struct msghdr *msg);

/* Datagrams for which this listener's socket has had no room, as the kernel says beside one; 0 when it says nothing. */
uint32_t udp_drops_of(struct msghdr *msg);

/* The longest datagram to where a talker's socket leads. */
int udp_room(int fd, const union lane_addr *to);

#endif
