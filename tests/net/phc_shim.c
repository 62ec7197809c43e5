/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * phc_shim: a network card's clock, for one process (LD_PRELOAD). isochron starts only where the interface has a PHC and hardware stamps, which veth has not and no virtual machine of ours;
 * what it does with frames, files and its peer is its own.
 *
 * Every interface has /dev/ptp0, which goes by CLOCK_TAI; the hardware stamp of a frame is its software stamp, of when it left or came, PHC_LATE nanoseconds (environment) later where it left.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

static int phc = -1;	/* its descriptor */

int open(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	if (!strcmp(path, "/dev/ptp0"))
		return phc = real("/dev/null", O_RDWR);
	return real(path, flags, mode);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");

	return real(id < 0 && phc >= 0 ? CLOCK_TAI : id, ts);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	struct ethtool_ts_info *info;
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (phc >= 0 && fd == phc) {
		errno = EOPNOTSUPP;	/* it reads the clocks one after the other then */
		return -1;
	}
	if (request == SIOCSHWTSTAMP)
		return 0;
	info = request == SIOCETHTOOL ? (void *)((struct ifreq *)arg)->ifr_data : NULL;
	if (!info || info->cmd != ETHTOOL_GET_TS_INFO)
		return real(fd, request, arg);
	if (real(fd, request, arg))
		return -1;
	info->phc_index = 0;
	info->so_timestamping |= SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
	return 0;
}

/* Is it the stamp of a frame before the queueing discipline? No hardware has seen that. */
static int is_sched(struct msghdr *msg)
{
	struct sock_extended_err *e;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if ((c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_TX_TIMESTAMP) || (c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			e = (struct sock_extended_err *)CMSG_DATA(c);
			return e->ee_info == SCM_TSTAMP_SCHED;
		}
	}
	return 0;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t (*real)(int, struct msghdr *, int) = (ssize_t (*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
	ssize_t n = real(fd, msg, flags);
	const char *late = getenv("PHC_LATE");
	struct scm_timestamping *t;
	struct cmsghdr *c;

	if (n < 0 || is_sched(msg))
		return n;
	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
			continue;
		t = (struct scm_timestamping *)CMSG_DATA(c);
		t->ts[2] = t->ts[0];
		if (flags & MSG_ERRQUEUE && late && (t->ts[2].tv_nsec += atol(late)) >= 1000000000) {
			t->ts[2].tv_nsec -= 1000000000;
			t->ts[2].tv_sec++;
		}
	}
	return n;
}
