/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qdisc_nl: the kernel's queueing disciplines, asked and told over a netlink socket (libmnl). One thread; every call waits for the
 * kernel's answer. Changing something needs CAP_NET_ADMIN.
 *
 * A refusal's sentence is the kernel's own (extended acknowledgement), with how to mend it behind it where that is known.
 */
#ifndef TAKT_VNET_QDISC_NL_H
#define TAKT_VNET_QDISC_NL_H

#include <net/if.h>

#include "base/why.h"
#include "tsn/qdisc.h"
#include "vnet/qdisc_msg.h"

struct qdisc_nl;

struct qdisc_netdev {
	char name[IFNAMSIZ];
	int ifindex;
	struct qdisc_dev dev;
};

int qdisc_nl_open(struct qdisc_nl **out, struct why *why);
void qdisc_nl_close(struct qdisc_nl *nl);

/* -ENODEV and a sentence. */
int qdisc_nl_dev(struct qdisc_nl *nl, const char *name, struct qdisc_netdev *out, struct why *why);

/*
 * Make it so. -errno and the kernel's reason; -ENOSYS: this kernel has no such qdisc. A kernel may take something and still have a word to say: then 0 and a sentence in why,
 * which is empty otherwise.
 */
int qdisc_nl_put(struct qdisc_nl *nl, const struct qdisc_netdev *dev, const struct qdisc *q, struct why *why);

/* Take the root away: the device's default comes back. -ENOENT when it is the default already. */
int qdisc_nl_delete(struct qdisc_nl *nl, const struct qdisc_netdev *dev, struct why *why);

/*
 * All of a device that are not the kernel's defaults, in the kernel's order. *list is malloc'ed: qdisc_nl_free(). One with more entries than
 * an answer holds (about 890) is left out by the kernel without a word.
 */
int qdisc_nl_list(struct qdisc_nl *nl, const struct qdisc_netdev *dev, struct qdisc_seen **list, unsigned int *n, struct why *why);
void qdisc_nl_free(struct qdisc_seen *list, unsigned int n);

#endif
