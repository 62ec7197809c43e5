/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/qdisc_nl.h"

#include <dirent.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* The kernel makes its answers as large as the buffers it has seen, up to 32 KiB. */
#define RECV_SIZE (128 * 1024)

struct qdisc_nl {
	struct mnl_socket *socket;
	uint32_t seq;
	char put[QDISC_MSG_SIZE];
	char recv[RECV_SIZE];
};

int qdisc_nl_open(struct qdisc_nl **out, struct why *why)
{
	struct qdisc_nl *nl = calloc(1, sizeof(*nl));
	int on = 1;

	if (!nl)
		return why_fail(why, ENOMEM, "out of memory");
	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl->socket || mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		int err = errno;

		qdisc_nl_close(nl);
		return why_fail(why, err, "no netlink socket: %s", strerror(err));
	}
	/* Kernels that do not know these answer without them. */
	mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	*out = nl;
	return 0;
}

void qdisc_nl_close(struct qdisc_nl *nl)
{
	if (!nl)
		return;
	if (nl->socket)
		mnl_socket_close(nl->socket);
	free(nl);
}

/* -- one question, its answers ------------------------------------------------------------------------------- */

/* The kernel's sentence in an acknowledgement; "" when there is none. */
static void reason(const struct nlmsghdr *nlh, char *text, size_t size)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*e);
	const struct nlattr *a;

	text[0] = '\0';
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(&e->msg);
	mnl_attr_for_each(a, nlh, skip)
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			snprintf(text, size, "%.*s", (int)mnl_attr_get_payload_len(a), mnl_attr_get_str(a));
}

/* What a sentence of the kernel leaves open. */
static const struct {
	const char *has, *mend;
	int err;	/* says more than the kernel's; 0: the kernel's */
} mends[] = {
	{"kind is unknown", "load the module (modprobe sch_taprio, sch_mqprio, sch_cbs, sch_etf), or take a kernel that has it", ENOSYS},
	{"running schedule is not supported", "take the old one away first (takt qdisc delete DEV)", 0},
	{"Exclusivity flag on", "say replace instead of add, or take the old one away first (takt qdisc delete DEV)", 0},
	{"Change operation not supported", "take the old one away first (takt qdisc delete DEV)", 0},
	{"does not have a PTP clock", "full offload needs hardware with one: --mode software", 0},
	{"Unknown attribute type", "this kernel does not know something that was asked for (fp needs Linux 6.4)", 0},
};

static int refusal(int err, const char *text, struct why *why)
{
	size_t i;

	for (i = 0; i < sizeof(mends) / sizeof(mends[0]); i++)
		if (strstr(text, mends[i].has))
			return why_fail(why, mends[i].err ?: err, "the kernel refuses: %s: %s", text, mends[i].mend);
	if (err == EPERM)
		return why_fail(why, err, "the kernel refuses: only root may change it");
	return why_fail(why, err, "the kernel refuses: %s%s%s", text, text[0] ? ": " : "", strerror(err));
}

/* Send, and hand each answer to fn until the kernel says that it was the last. With a refusal or a remark in why. */
static int ask(struct qdisc_nl *nl, struct nlmsghdr *nlh, mnl_cb_t fn, void *arg, struct why *why)
{
	unsigned int pid = mnl_socket_get_portid(nl->socket);
	const struct nlmsgerr *e;
	const struct nlmsghdr *m;
	char text[WHY_LEN / 2];
	ssize_t n;
	int len;

	nlh->nlmsg_seq = ++nl->seq;
	if (mnl_socket_sendto(nl->socket, nlh, nlh->nlmsg_len) < 0)
		return why_fail(why, errno, "cannot ask the kernel: %s", strerror(errno));
	for (;;) {
		n = mnl_socket_recvfrom(nl->socket, nl->recv, sizeof(nl->recv));
		if (n < 0)
			return why_fail(why, errno, "no answer from the kernel: %s", strerror(errno));
		for (len = (int)n, m = (void *)nl->recv; mnl_nlmsg_ok(m, len); m = mnl_nlmsg_next(m, &len)) {
			if (!mnl_nlmsg_portid_ok(m, pid) || !mnl_nlmsg_seq_ok(m, nl->seq))
				continue;
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
			if (m->nlmsg_type == NLMSG_ERROR) {
				if (mnl_nlmsg_get_payload_len(m) < sizeof(*e))
					return why_fail(why, EPROTO, "the kernel's answer is too short");
				e = mnl_nlmsg_get_payload(m);
				reason(m, text, sizeof(text));
				if (e->error)
					return refusal(-e->error, text, why);
				if (text[0])
					why_fail(why, 0, "%s", text);
				return 0;
			}
			if (fn && fn(m, arg) < 0)
				fn = NULL;	/* it failed and says so itself; the rest is still to be taken off the socket */
		}
	}
}

static struct nlmsghdr *begin(struct qdisc_nl *nl, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->put);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

/* -- devices ------------------------------------------------------------------------------------------------- */

static int link_answer(const struct nlmsghdr *nlh, void *arg)
{
	struct qdisc_netdev *out = arg;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return 0;
	out->ifindex = info->ifi_index;
	mnl_attr_for_each(a, nlh, sizeof(*info)) {
		if (mnl_attr_get_type(a) == IFLA_MAX_MTU && mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
			out->dev.max_mtu = mnl_attr_get_u32(a);
	}
	return 0;
}

/* Netlink tells how many queues there are, sysfs how many are in use. */
static uint32_t queues_in_use(const char *name)
{
	struct dirent *entry;
	char path[64];
	uint32_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues", name);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		n += !strncmp(entry->d_name, "tx-", 3);
	if (dir)
		closedir(dir);
	return n;
}

/* Mb/s in sysfs; an error or -1 when the driver does not know, or the link is down. */
static int64_t speed_of(const char *name)
{
	long long mbps = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/speed", name);
	f = fopen(path, "re");
	if (f && fscanf(f, "%lld", &mbps) != 1)
		mbps = 0;
	if (f)
		fclose(f);
	return mbps > 0 && mbps < INT32_MAX ? (int64_t)mbps * 1000000 : 0;
}

int qdisc_nl_dev(struct qdisc_nl *nl, const char *name, struct qdisc_netdev *out, struct why *why)
{
	struct nlmsghdr *nlh = begin(nl, RTM_GETLINK, NLM_F_ACK);
	int err;

	*out = (struct qdisc_netdev){0};
	if (!name[0] || strlen(name) >= IFNAMSIZ || strchr(name, '/'))
		return why_fail(why, ENODEV, "\"%.40s\" is no network device: `ip link` lists them", name);
	strcpy(out->name, name);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	err = ask(nl, nlh, link_answer, out, why);
	if (err == -ENODEV)
		return why_fail(why, ENODEV, "\"%.40s\" is no network device: `ip link` lists them", name);
	if (err)
		return err;
	out->dev.queues = queues_in_use(name);
	out->dev.link_bps = speed_of(name);
	return 0;
}

/* -- queueing disciplines ------------------------------------------------------------------------------------ */

int qdisc_nl_put(struct qdisc_nl *nl, const struct qdisc_netdev *dev, const struct qdisc *q, struct why *why)
{
	struct nlmsghdr *nlh;
	int err = qdisc_msg_put(&nlh, nl->put, dev->ifindex, q, why);

	if (err)
		return err;
	nlh->nlmsg_flags |= NLM_F_ACK;
	return ask(nl, nlh, NULL, NULL, why);
}

int qdisc_nl_delete(struct qdisc_nl *nl, const struct qdisc_netdev *dev, struct why *why)
{
	struct nlmsghdr *nlh = begin(nl, RTM_DELQDISC, NLM_F_ACK);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	int err;

	tc->tcm_ifindex = dev->ifindex;
	tc->tcm_parent = QDISC_ROOT;
	err = ask(nl, nlh, NULL, NULL, why);
	if (err == -ENOENT)
		return why_fail(why, ENOENT, "there is nothing to take away: it has the kernel's default");
	return err;
}

struct listing {
	int ifindex;
	struct qdisc_seen *list;
	unsigned int n;
	int err;
	struct why *why;
};

static int qdisc_answer(const struct nlmsghdr *nlh, void *arg)
{
	struct listing *l = arg;
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	struct qdisc_seen *grown;

	if (nlh->nlmsg_type != RTM_NEWQDISC || tc->tcm_ifindex != l->ifindex)
		return 0;	/* kernels answer for every device */
	grown = realloc(l->list, (l->n + 1) * sizeof(*grown));
	if (!grown) {
		l->err = why_fail(l->why, ENOMEM, "out of memory");
		return -1;
	}
	l->list = grown;
	l->err = qdisc_msg_get(&l->list[l->n], nlh, l->why);
	if (l->err)
		return -1;
	l->n++;
	return 0;
}

int qdisc_nl_list(struct qdisc_nl *nl, const struct qdisc_netdev *dev, struct qdisc_seen **list, unsigned int *n, struct why *why)
{
	struct nlmsghdr *nlh = begin(nl, RTM_GETQDISC, NLM_F_DUMP);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	struct listing l = {.ifindex = dev->ifindex, .why = why};
	int err;

	tc->tcm_ifindex = dev->ifindex;
	err = ask(nl, nlh, qdisc_answer, &l, why) ?: l.err;
	if (err) {
		qdisc_nl_free(l.list, l.n);
		return err;
	}
	*list = l.list;
	*n = l.n;
	return 0;
}

void qdisc_nl_free(struct qdisc_seen *list, unsigned int n)
{
	while (list && n-- > 0)
		qdisc_seen_fini(&list[n]);
	free(list);
}
