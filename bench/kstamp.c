/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/kstamp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/ns.h"
#include "ptp/now.h"

#define BATCH_MAX 16	/* stamps a system call */

int64_t kstamp_tai_offset(void)
{
	int64_t ns = now_of(CLOCK_TAI) - now_of(CLOCK_REALTIME);

	return ns_div_floor(ns + NS_PER_SEC / 2, NS_PER_SEC) * NS_PER_SEC;
}

int kstamp_on(int fd, int receive, int send)
{
	int flags = 0;
	socklen_t len = sizeof(flags);

	if (getsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, &len))
		return -errno;
	flags |= SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RAW_HARDWARE | SOF_TIMESTAMPING_OPT_TX_SWHW;
	if (receive)
		flags |= SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_RX_HARDWARE;
	if (send)
		flags |= SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_HARDWARE;
	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) ? -errno : 0;
}

int kstamp_hardware_on(int fd, const char *interface, int receive, int send)
{
	struct hwtstamp_config is = {0};
	struct ifreq r = {0};

	strncpy(r.ifr_name, interface, sizeof(r.ifr_name) - 1);
	r.ifr_data = (char *)&is;
	if (ioctl(fd, SIOCGHWTSTAMP, &r))
		return -errno;
	if ((!send || is.tx_type != HWTSTAMP_TX_OFF) && (!receive || is.rx_filter == HWTSTAMP_FILTER_ALL))
		return 0;
	is.flags = 0;
	if (send)
		is.tx_type = HWTSTAMP_TX_ON;
	if (receive)
		is.rx_filter = HWTSTAMP_FILTER_ALL;
	return ioctl(fd, SIOCSHWTSTAMP, &r) ? -errno : 0;
}

static int64_t ns_of(const struct timespec *ts)
{
	return ts->tv_sec * NS_PER_SEC + ts->tv_nsec;
}

struct kstamp kstamp_of(struct msghdr *msg, int64_t tai_offset_ns)
{
	struct scm_timestamping t;
	struct kstamp at = {0};
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		if (ns_of(&t.ts[0]))
			at.t_software = ns_of(&t.ts[0]) + tai_offset_ns;
		at.t_hardware = ns_of(&t.ts[2]);
	}
	return at;
}

static enum kstamp_kind kind_of(const struct sock_extended_err *e)
{
	if (e->ee_origin == SO_EE_ORIGIN_TIMESTAMPING && e->ee_info == SCM_TSTAMP_SCHED)
		return KSTAMP_SCHED;
	if (e->ee_origin == SO_EE_ORIGIN_TIMESTAMPING && e->ee_info == SCM_TSTAMP_SND)
		return KSTAMP_SENT;
	if (e->ee_origin == SO_EE_ORIGIN_TXTIME && e->ee_code == SO_EE_CODE_TXTIME_MISSED)
		return KSTAMP_LATE;
	if (e->ee_origin == SO_EE_ORIGIN_TXTIME && e->ee_code == SO_EE_CODE_TXTIME_INVALID_PARAM)
		return KSTAMP_INVALID;
	return KSTAMP_OTHER;
}

static void read_one(struct kstamp_tx *k, struct msghdr *msg, int64_t tai_offset_ns)
{
	struct sock_extended_err e;
	struct cmsghdr *c;

	k->kind = KSTAMP_OTHER;
	k->at = kstamp_of(msg, tai_offset_ns);
	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if ((c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_TX_TIMESTAMP) ||
		    (c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) || (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			memcpy(&e, CMSG_DATA(c), sizeof(e));
			k->kind = kind_of(&e);
		}
	}
}

int kstamp_fetch(int fd, int64_t tai_offset_ns, struct kstamp_tx *out, int n)
{
	uint8_t control[BATCH_MAX][512];
	struct iovec iov[BATCH_MAX];
	struct mmsghdr msg[BATCH_MAX];
	int i;

	n = n < BATCH_MAX ? n : BATCH_MAX;
	for (i = 0; i < n; i++) {
		iov[i] = (struct iovec){ out[i].frame, sizeof(out[i].frame) };
		msg[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1, .msg_control = control[i], .msg_controllen = sizeof(control[i]) };
	}
	n = recvmmsg(fd, msg, (unsigned int)n, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++) {
		out[i].len = msg[i].msg_len;
		read_one(&out[i], &msg[i].msg_hdr, tai_offset_ns);
	}
	return n < 0 ? 0 : n;
}
