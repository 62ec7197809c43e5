/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/wire_watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/key.h"
#include "base/ns.h"
#include "probes/evfile.h"
#include "ptp/now.h"

#define BATCH	  64
#define BUFFER	  (32 << 20)	/* bytes: some 40,000 frames */
#define AT_A_TIME 10000		/* frames, so that others have their turn, whatever comes */
#define SETTLE_NS (50 * NS_PER_MS)	/* the kernel stamps frames some time after it was asked to, from a work queue */

struct wire_watch {
	int fd;
	pcap_t *file;
	int64_t tai_offset_ns, t_ready;
	uint64_t lost, frames;
	char error[WHY_LEN];
};

/* -- live ---------------------------------------------------------------------------------------------------- */

/* From here on in that namespace; *back leads home, -1 when we are there. */
static int enter(const char *netns, int *back, struct why *why)
{
	char path[256];
	int fd, err;

	*back = -1;
	if (!netns)
		return 0;
	snprintf(path, sizeof(path), strchr(netns, '/') ? "%s" : "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return why_fail(why, errno, "network namespace %.64s: %s (`ip netns` lists those that have a name)", netns, strerror(errno));
	*back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	err = *back < 0 || setns(fd, CLONE_NEWNET) ? errno : 0;
	close(fd);
	if (!err)
		return 0;
	if (*back >= 0)
		close(*back);
	*back = -1;
	return why_fail(why, err, "network namespace %.64s: %s%s", netns, strerror(err), err == EPERM ? ": run as root" : "");
}

static void leave(int back)
{
	if (back < 0)
		return;
	if (setns(back, CLONE_NEWNET))
		abort(); /* what would follow belongs elsewhere */
	close(back);
}

static int listen_at(const char *interface, struct why *why)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct packet_mreq all = {.mr_type = PACKET_MR_PROMISC};
	int on = 1, bytes = BUFFER, err;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return why_fail(why, errno, "interface %s: %s%s", interface, strerror(errno), errno == EPERM ? ": run as root" : "");
	at.sll_ifindex = all.mr_ifindex = (int)if_nametoindex(interface);
	if (!at.sll_ifindex)
		err = why_fail(why, ENODEV, "interface %s does not exist there (`ip link` shows those that do)", interface);
	else if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
		 setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)))
		err = why_fail(why, errno, "interface %s: %s", interface, strerror(errno));
	else
		err = 0;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int open_live(struct wire_watch *w, const char *spec, struct why *why)
{
	char interface[IF_NAMESIZE + 1];
	const char *at = strchr(spec, '@');
	size_t len = at ? (size_t)(at - spec) : strlen(spec);
	int back, err;

	if (!len || len >= IF_NAMESIZE || (at && !at[1]))
		return why_fail(why, EINVAL, "\"%.64s\" is no interface: give IFACE, IFACE@NETNS, or a file with a slash in it", spec);
	snprintf(interface, sizeof(interface), "%.*s", (int)len, spec);
	err = enter(at ? at + 1 : NULL, &back, why);
	if (err)
		return err;
	w->fd = listen_at(interface, why);
	leave(back);
	w->t_ready = now_of(CLOCK_REALTIME) + SETTLE_NS;
	return w->fd < 0 ? w->fd : 0;
}

static int64_t stamp_of(struct msghdr *m)
{
	struct cmsghdr *c;
	struct timespec ts;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			return ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
		}
	return 0;
}

static int work_live(struct wire_watch *w, event_fn *fn, void *ctx)
{
	uint8_t data[BATCH][KEY_HEAD], control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
	struct sockaddr_ll from[BATCH];
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	int i, n, some = 0, left = AT_A_TIME;

	do {
		for (i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){data[i], KEY_HEAD};
			m[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof(from[i]), .msg_iov = &iov[i], .msg_iovlen = 1,
						       .msg_control = control[i], .msg_controllen = sizeof(control[i])};
		}
		n = recvmmsg(w->fd, m, BATCH, MSG_DONTWAIT, NULL);
		for (i = 0; i < n; i++) {
			int64_t t = stamp_of(&m[i].msg_hdr);
			struct event e = {.t = t + w->tai_offset_ns, .t_end = t + w->tai_offset_ns, .kind = EV_WIRE,
					  .key = key_of(data[i], m[i].msg_len)};

			some = 1;
			if (t < w->t_ready)
				continue;
			e.flags = from[i].sll_pkttype == PACKET_OUTGOING ? EV_OUTGOING : 0;
			fn(ctx, &e);
		}
	} while (n == BATCH && (left -= n) > 0);
	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
		return -errno;
	return some;
}

uint64_t wire_watch_lost(struct wire_watch *w)
{
	struct tpacket_stats s = {0};
	socklen_t len = sizeof(s);

	if (w->fd >= 0 && !getsockopt(w->fd, SOL_PACKET, PACKET_STATISTICS, &s, &len))
		w->lost += s.tp_drops;
	return w->lost;
}

/* -- a file -------------------------------------------------------------------------------------------------- */

static bool is_file(const char *spec)
{
	const char *dot = strrchr(spec, '.');
	const char *at = strchr(spec, '@');

	return (strchr(spec, '/') && !(at && strchr(spec, '/') > at)) || (dot && (!strcmp(dot, ".pcapng") || !strcmp(dot, ".pcap")));
}

static int open_file(struct wire_watch *w, const char *path, struct why *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";

	w->file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!w->file)
		return why_fail(why, access(path, R_OK) ? errno : EINVAL, "%s cannot be read: %s", path, error);
	if (pcap_datalink(w->file) != DLT_EN10MB)
		return why_fail(why, EINVAL, "%s is no capture of Ethernet", path);
	return 0;
}

static int work_file(struct wire_watch *w, event_fn *fn, void *ctx)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	int i, rc = 1;

	for (i = 0; i < AT_A_TIME && (rc = pcap_next_ex(w->file, &h, &data)) == 1; i++) {
		uint8_t head[KEY_HEAD] = {0};
		struct event e = {.kind = EV_WIRE, .flags = EV_OUTGOING};

		w->frames++;
		if (h->ts.tv_sec < 0 || h->ts.tv_sec >= EVFILE_T_MAX / NS_PER_SEC - 3600) {
			w->lost++;
			continue;
		}
		memcpy(head, data, h->caplen < KEY_HEAD ? h->caplen : KEY_HEAD);
		e.t = e.t_end = h->ts.tv_sec * NS_PER_SEC + h->ts.tv_usec + w->tai_offset_ns; /* tv_usec holds ns */
		e.key = h->caplen < KEY_HEAD && h->caplen < h->len ? 0 : key_of_head(head);
		fn(ctx, &e);
		e.flags = 0;
		fn(ctx, &e);
	}
	if (rc == PCAP_ERROR) {
		snprintf(w->error, sizeof(w->error), "damaged behind frame %llu, at offset %ld: %s; what is before was used",
			 (unsigned long long)w->frames, ftell(pcap_file(w->file)), pcap_geterr(w->file));
		return -EIO;
	}
	return rc == PCAP_ERROR_BREAK ? -ENODATA : 1;
}

/* -- both ---------------------------------------------------------------------------------------------------- */

int wire_watch_open(struct wire_watch **out, const char *spec, int64_t tai_offset_ns, struct why *why)
{
	struct wire_watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return why_fail(why, ENOMEM, "out of memory");
	w->fd = -1;
	w->tai_offset_ns = tai_offset_ns;
	err = is_file(spec) ? open_file(w, spec, why) : open_live(w, spec, why);
	if (err) {
		wire_watch_close(w);
		return err;
	}
	*out = w;
	return 0;
}

void wire_watch_close(struct wire_watch *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->file)
		pcap_close(w->file);
	free(w);
}

int wire_watch_work(struct wire_watch *w, event_fn *fn, void *ctx)
{
	return w->file ? work_file(w, fn, ctx) : work_live(w, fn, ctx);
}

bool wire_watch_ends(const struct wire_watch *w)
{
	return w->file;
}

const char *wire_watch_error(const struct wire_watch *w)
{
	return w->error;
}
