/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/txtime.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/net_tstamp.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

struct search {
	int index;
	bool found;
};

static int look(const struct nlmsghdr *nlh, void *arg)
{
	struct search *s = arg;
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWQDISC || tc->tcm_ifindex != s->index)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*tc)) {
		if (mnl_attr_get_type(attr) == TCA_KIND && (!strcmp(mnl_attr_get_str(attr), "etf") || !strcmp(mnl_attr_get_str(attr), "taprio")))
			s->found = true;
	}
	return MNL_CB_OK;
}

/* Does a queueing discipline of the interface, at any depth, wait for launch times? 1, 0, or -errno. */
static int has_waiter(int index)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_ROUTE);
	struct search s = { .index = index };
	char buf[16384];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc;
	ssize_t n;
	int rc = 1;

	if (!nl)
		return -errno;
	nlh->nlmsg_type = RTM_GETQDISC;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = 1;
	tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = index;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 || mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0) {
		rc = -errno;
	} else {
		do {
			n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
			rc = n < 0 ? -1 : mnl_cb_run(buf, (size_t)n, 1, mnl_socket_get_portid(nl), look, &s);
		} while (rc > 0);
		rc = rc < 0 ? -errno : s.found;
	}
	mnl_socket_close(nl);
	return rc;
}

int txtime_on(int fd, const char *interface, struct why *why)
{
	struct sock_txtime value = { .clockid = CLOCK_TAI, .flags = SOF_TXTIME_REPORT_ERRORS };
	int rc;

	if (!interface)
		return why_fail(why, EINVAL, "--txtime wants --interface: which interface's queueing discipline is to launch the frames?");
	rc = has_waiter((int)if_nametoindex(interface));
	if (rc < 0)
		return why_fail(why, -rc, "--txtime: interface %s: its queueing disciplines cannot be read: %s", interface, strerror(-rc));
	if (!rc)
		return why_fail(why, EINVAL, "--txtime: interface %s has no queueing discipline that waits for launch times: "
				"tc qdisc replace dev %s root etf clockid CLOCK_TAI delta 200000, where the kernel has etf", interface, interface);
	if (setsockopt(fd, SOL_SOCKET, SO_TXTIME, &value, sizeof(value)))
		return why_fail(why, errno == ENOPROTOOPT ? ENOTSUP : errno, "--txtime: SO_TXTIME: %s (kernels from 4.19 on have it; it wants root, or CAP_NET_ADMIN)",
				strerror(errno));
	return 0;
}
