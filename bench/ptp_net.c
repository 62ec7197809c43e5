/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two lines of namespaces: master - middle - client, where taktd or linuxptp's clock is in the middle, and near - far.
 * Interfaces are called the same in all of them: the master's m0, the client's c0, their other ends m1 and c1.
 */
#include "bench/ptp_arm.h"

#include <stdio.h>
#include <unistd.h>

int ptp_net_create(struct ptp_net *net, const struct ptp_arm_conf *conf, struct why *why)
{
	static const char *const names[PTP_NETS] = {"middle", "master", "client", "near", "far"};
	/* Behind which namespace, by which interfaces, and their addresses. */
	static const struct {
		int host;
		const char *host_if, *host_ip, *peer_if, *peer_ip;
	} pairs[PTP_NETS] = {
		[PTP_NET_MASTER] = {PTP_NET_MIDDLE, "m1", "10.77.1.2/24", "m0", "10.77.1.1/24"},
		[PTP_NET_CLIENT] = {PTP_NET_MIDDLE, "c1", "10.77.1.3/24", "c0", "10.77.1.4/24"},
		[PTP_NET_FAR] = {PTP_NET_NEAR, "m0", "10.77.1.1/24", "c0", "10.77.1.4/24"},
	};
	int i, rc = 0;

	*net = (struct ptp_net){0};
	for (i = 0; i < PTP_NETS; i++)
		snprintf(net->name[i], sizeof(net->name[i]), "takt-ptp-%d-%s", (int)getpid(), names[i]);
	for (i = 0; i < PTP_NETS && !rc; i++) {
		const struct netns_conf ns = {.name = net->name[i],
					      .host_ns = net->name[pairs[i].host],
					      .host_if = pairs[i].host_if,
					      .host_ip = conf->udp4 ? pairs[i].host_ip : NULL,
					      .peer_if = pairs[i].peer_if,
					      .peer_ip = conf->udp4 ? pairs[i].peer_ip : NULL};

		rc = netns_create(&net->ns[i], conf->set, &ns, why);
	}
	return rc;
}

void ptp_net_destroy(struct ptp_net *net)
{
	int i;

	for (i = PTP_NETS; i-- > 0;)
		netns_destroy(net->ns[i]);
	*net = (struct ptp_net){0};
}
