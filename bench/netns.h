/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * netns: a network namespace at the far end of a veth pair, made with `ip` and removed again.
 *
 *	ours, or host_ns           namespace NAME
 *	[host_if] ---- veth ---- [peer_if, peer_ip]
 *
 * Namespaces behind a pair from host_ns to NAME make a line of them: that has to be there before, and go after. Without
 * host_if it is a namespace alone.
 *
 * Both ends are up, without an IPv6 address of their own making and without checksum offload (a frame that taktd
 * forwards must be complete). Needs root, iproute2 and ethtool. No VLAN devices: kernels without 8021q are common on
 * hosts that run guests; tags are taktd's or the talker's business.
 */
#ifndef TAKT_BENCH_NETNS_H
#define TAKT_BENCH_NETNS_H

#include "bench/proc.h"

struct netns;

struct netns_conf {
	const char *name;	/* of the namespace; copied */
	const char *host_ns;	/* that the near end is in; NULL: ours; copied */
	const char *host_if;	/* at most 15 characters; NULL: no pair; copied */
	const char *peer_if;
	const char *host_ip;	/* "10.0.0.1/24"; NULL: none */
	const char *peer_ip;
};

/*
 * -errno and a sentence: no root, a name in use (nothing of it is touched), no `ip`. Whatever was made before the
 * failure is removed again. `set` runs the helpers and must outlive the namespace.
 */
int netns_create(struct netns **out, struct procs *set, const struct netns_conf *conf, struct why *why);

/* Removes the pair, then the namespace; also after an interrupt. Processes inside must be gone. NULL is legal. */
void netns_destroy(struct netns *ns);

#endif
