/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qdisc_msg: the kernel's messages about queueing disciplines (rtnetlink, pkt_sched.h), written and read. No socket here: qdisc_nl.h.
 *
 * A schedule travels in one attribute, whose length is a 16-bit number: about 2,300 entries go in. The kernel's answer to a dump is
 * 32 KiB at most: about 890 entries come back. Those are limits of the kernel's interface.
 */
#ifndef TAKT_VNET_QDISC_MSG_H
#define TAKT_VNET_QDISC_MSG_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "tsn/qdisc.h"

#define QDISC_MSG_SIZE	 (80 * 1024)	/* room for any request */
#define QDISC_KIND_LEN	 16		/* IFNAMSIZ */

/* A queueing discipline as the kernel shows it. */
struct qdisc_seen {
	int ifindex;
	char kind[QDISC_KIND_LEN];
	uint32_t handle, parent, refcnt;
	bool known;			/* one of the four; else q is empty */
	bool offloaded;			/* TCA_HW_OFFLOAD */
	struct qdisc q;			/* taprio: with the schedule that runs; no entries while none does */
	bool has_admin;			/* taprio: a schedule waits for its base time */
	struct gcl_conf admin;
	uint8_t *admin_commands;
	bool has_xstats;		/* taprio offload counters */
	uint64_t window_drops, tx_overruns;
};

void qdisc_seen_fini(struct qdisc_seen *s);

/*
 * Exchange the running and the waiting schedule of what was seen: q is then what was asked for last. Nothing without a waiting one.
 */
void qdisc_seen_swap(struct qdisc_seen *s);

/*
 * RTM_NEWQDISC that makes it so, in buf (QDISC_MSG_SIZE). Sequence and acknowledgement are the sender's. -E2BIG and a sentence when it has
 * more entries than a message can say.
 */
int qdisc_msg_put(struct nlmsghdr **out, void *buf, int ifindex, const struct qdisc *q, struct why *why);

/* Read an RTM_NEWQDISC. -EPROTO and a sentence. On success qdisc_seen_fini(). */
int qdisc_msg_get(struct qdisc_seen *s, const struct nlmsghdr *nlh, struct why *why);

#endif
