/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt recv: a listener for the frames of `takt send` and of isochron, told apart by source address, VLAN and priority.
 */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/stamp.h"
#include "bench/iso.h"
#include "bench/kstamp.h"
#include "bench/l2.h"
#include "bench/seqs.h"
#include "ptp/now.h"

#define MAX_SENDERS 64
#define HEAD_LEN    64		/* bytes of a frame that are looked at */
#define BUFFER_LEN  (16 << 20)	/* of the socket */
#define TICK_NS	    (100 * NS_PER_MS)

struct conf {
	const char *interface, *log;
	int64_t count, timeout_ns, ethertype, deadline_ns;
	bool strict, json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt recv_opts[] = {
	{ "interface", 'i', OPT_STR, AT(interface), "IFACE", NULL, 0, 0, "interface to listen on" },
	{ "count", 'n', OPT_INT, AT(count), "N", "0", 0, INT64_MAX, "end after N frames, and fail when fewer came; 0: no limit" },
	{ "timeout", 't', OPT_NS, AT(timeout_ns), "TIME", "0", 0, INT64_MAX, "end after TIME; 0: no limit" },
	{ "ethertype", 'e', OPT_INT, AT(ethertype), "TYPE", "0xdead", 0x600, 0xffff, "EtherType to listen for" },
	{ "log", 'L', OPT_STR, AT(log), "FILE", NULL, 0, 0,
	  "write the stamps of the first sender's frames to FILE, as isochron.dat; -: to standard output, and the summary to standard error" },
	{ "deadline", 0, OPT_NS, AT(deadline_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "count frames that came later than TIME after they were due; 0: none" },
	{ "strict", 0, OPT_FLAG, AT(strict), NULL, NULL, 0, 0, "fail when a frame was lost (from number 1 on), doubled or reordered" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the summary as JSON" },
	OPT_END
};
#undef AT

const char recv_examples[] =
	"  takt recv -i eth0 --count 10000 --timeout 30s --strict\n"
	"  takt recv -i eth0                             until Ctrl-C\n"
	"  takt recv -i eth0 --timeout 12s --log came.dat --deadline 1ms   with the stamps of each frame\n";

struct sender {
	uint8_t mac[6];
	int vid, pcp;		/* -1: untagged */
	struct seqs seqs;
	uint64_t missed;	/* later than the deadline */
};

struct listener {
	struct conf conf;
	int fd;
	uint64_t received, warm_up, unknown, dropped;
	uint64_t stamps_missing, unkept;	/* of what is logged: without the kernel's stamp; beyond what a file holds */
	int64_t tai_offset_ns;
	struct iso iso;				/* of the first sender, with --log */
	uint32_t n_senders;
	struct sender sender[MAX_SENDERS];
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

/* Only this EtherType reaches us, tag in the frame or taken out of it by the kernel. */
static int prepare(int fd, uint16_t ethertype)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ethertype, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 16),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ethertype, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };
	int on = 1, size = BUFFER_LEN;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		return -errno;
	return 0;
}

static struct sender *find(struct listener *l, const uint8_t *mac, int vid, int pcp)
{
	struct sender *s;
	uint32_t i;

	for (i = 0; i < l->n_senders; i++) {
		s = &l->sender[i];
		if (!memcmp(s->mac, mac, 6) && s->vid == vid && s->pcp == pcp)
			return s;
	}
	if (l->n_senders == MAX_SENDERS)
		return NULL;
	s = &l->sender[l->n_senders++];
	memcpy(s->mac, mac, 6);
	s->vid = vid;
	s->pcp = pcp;
	return s;
}

/* Tag control information: from the frame, or from what the kernel says beside it; -1 without a tag. */
static int tag_of(struct msghdr *msg, const uint8_t *frame)
{
	struct tpacket_auxdata aux;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			return aux.tp_vlan_tci;
	}
	return frame[12] == 0x81 && frame[13] == 0 ? frame[14] << 8 | frame[15] : -1;
}

/* The first of several copies is what arrived. */
static void keep(struct listener *l, struct msghdr *msg, uint32_t seqid, int64_t t_arrival)
{
	struct kstamp at = kstamp_of(msg, l->tai_offset_ns);
	struct iso_recv *r = iso_recv_of(&l->iso, seqid);

	if (!r) {
		l->unkept++;
	} else if (!r->seqid) {
		*r = (struct iso_recv){ .seqid = seqid, .t_arrival = t_arrival, .t_received_hw = at.t_hardware, .t_received = at.t_software };
		l->stamps_missing += !at.t_software && !at.t_hardware;
	}
}

static void take(struct listener *l, struct msghdr *msg, const uint8_t *frame, uint32_t len)
{
	int64_t t_arrival = now_of(CLOCK_TAI);
	struct sender *s;
	struct stamp stamp;
	int tci;

	if (!stamp_find(&stamp, frame, len, (uint16_t)l->conf.ethertype)) {
		l->unknown++;
		return;
	}
	if (!stamp.seqid) {
		l->warm_up++;
		return;
	}
	tci = tag_of(msg, frame);
	s = find(l, frame + 6, tci < 0 ? -1 : tci & 0xfff, tci < 0 ? -1 : tci >> 13);
	if (!s) {
		l->unknown++;
		return;
	}
	l->received++;
	seqs_add(&s->seqs, stamp.seqid);
	if (l->conf.deadline_ns && t_arrival - stamp.t_scheduled > l->conf.deadline_ns)
		s->missed++;
	if (l->conf.log && s == l->sender)
		keep(l, msg, stamp.seqid, t_arrival);
}

/* 0 when the end was reached (count, time, signal), -errno when the interface failed. */
static int listen_on(struct listener *l)
{
	int64_t t_stop = l->conf.timeout_ns ? now_mono() + l->conf.timeout_ns : NS_NEVER;
	uint8_t frame[HEAD_LEN], control[256];
	struct sockaddr_ll from;
	struct pollfd pfd = { .fd = l->fd, .events = POLLIN };
	struct iovec iov = { frame, sizeof(frame) };
	int64_t left;
	ssize_t n;

	while (!stop && !(l->conf.count && l->received >= (uint64_t)l->conf.count)) {
		struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
				      .msg_control = control, .msg_controllen = sizeof(control) };

		n = recvmsg(l->fd, &msg, MSG_DONTWAIT);
		if (n >= 0 && from.sll_pkttype != PACKET_OUTGOING)
			take(l, &msg, frame, (uint32_t)n);
		if (n >= 0 && (l->received & 63))
			continue;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		left = t_stop - now_mono();
		if (left <= 0)
			break;
		if (n < 0)
			poll(&pfd, 1, (int)((left < TICK_NS ? left : TICK_NS) / NS_PER_MS) + 1);
	}
	return 0;
}

/* True when all is as --strict and --count want it. */
static bool summarise(struct listener *l)
{
	struct tpacket_stats stats = { 0 };
	socklen_t size = sizeof(stats);
	char mac[L2_MAC_STR], tag[32];
	bool good = true;
	struct out o;
	uint32_t i;

	if (!getsockopt(l->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		l->dropped += stats.tp_drops;
	out_init(&o, l->conf.log && !strcmp(l->conf.log, "-") ? stderr : stdout, l->conf.json);
	out_object(&o, NULL);
	out_uint(&o, "received", l->received, "received %" PRIu64 " frames", l->received);
	out_uint(&o, "warm_up", l->warm_up, ", %" PRIu64 " of a warm-up", l->warm_up);
	out_uint(&o, "unknown", l->unknown, ", %" PRIu64 " without a number", l->unknown);
	out_uint(&o, "socket_drops", l->dropped, ", %" PRIu64 " dropped by our own socket\n", l->dropped);
	if (l->conf.log)
		out_uint(&o, "stamps_missing", l->stamps_missing, "frames without a stamp of the kernel: %" PRIu64 "\n", l->stamps_missing);
	out_array(&o, "senders");
	for (i = 0; i < l->n_senders; i++) {
		const struct sender *s = &l->sender[i];
		const struct seqs *q = &s->seqs;
		uint64_t lost = q->lost + (q->first - 1);

		snprintf(tag, sizeof(tag), s->vid < 0 ? "untagged" : "VLAN %d PCP %d", s->vid, s->pcp);
		out_object(&o, NULL);
		out_str(&o, "source", l2_mac_str(mac, s->mac), "%s %s:", mac, tag);
		if (s->vid >= 0) {
			out_int(&o, "vid", s->vid, NULL);
			out_int(&o, "pcp", s->pcp, NULL);
		}
		out_uint(&o, "received", q->received, " received %" PRIu64, q->received);
		out_uint(&o, "first", q->first, " (numbers %u", q->first);
		out_uint(&o, "last", q->last, " to %u)", q->last);
		out_uint(&o, "lost", q->lost, ", lost %" PRIu64, q->lost);
		out_uint(&o, "duplicate", q->duplicate, ", duplicate %" PRIu64, q->duplicate);
		out_uint(&o, "reordered", q->reordered, ", reordered %" PRIu64, q->reordered);
		out_uint(&o, "restarts", q->restarts, ", restarts %" PRIu64, q->restarts);
		if (l->conf.deadline_ns)
			out_uint(&o, "deadline_misses", s->missed, ", later than the deadline %" PRIu64, s->missed);
		out_text(&o, "\n");
		out_end(&o);
		if (lost || q->duplicate || q->reordered || q->restarts)
			good = false;
	}
	out_end(&o);
	out_end(&o);
	if (out_fini(&o))
		return false;
	if (l->conf.count && l->received < (uint64_t)l->conf.count)
		return false;
	return good || !l->conf.strict;
}

int recv_run(const struct cmd *self, int argc, char **argv)
{
	static struct listener l;
	struct sigaction sa = { .sa_handler = on_signal };
	struct why why = { "" };
	int status, rc;

	memset(&l, 0, sizeof(l));
	if (cmd_options(self, &l.conf, argc, argv, 0, 0, &status) < 0)
		return status;
	if (!l.conf.interface)
		return cmd_refuse(-EINVAL, (why_fail(&why, EINVAL, "--interface is missing: which interface shall listen?"), &why));
	l.fd = l2_open(l.conf.interface, NULL, NULL, &why);
	if (l.fd < 0)
		return cmd_refuse(l.fd, &why);
	l.tai_offset_ns = kstamp_tai_offset();
	if (l.conf.log) {
		kstamp_hardware_on(l.fd, l.conf.interface, 1, 0);	/* most have none: then there are software's */
		iso_reserve(&l.iso, l.conf.count && l.conf.count < ISO_FRAMES_MAX ? (uint32_t)l.conf.count : 1 << 16);
	}
	rc = l.conf.log ? kstamp_on(l.fd, 1, 0) : 0;
	rc = rc ?: prepare(l.fd, (uint16_t)l.conf.ethertype) ?: l2_hear(l.fd, ETH_P_ALL);	/* the filter stands before the first frame */
	if (rc) {
		why_fail(&why, -rc, "interface %s: %s", l.conf.interface, strerror(-rc));
		close(l.fd);
		return cmd_refuse(rc, &why);
	}
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	mlockall(MCL_CURRENT | MCL_FUTURE);
	log_info("listening on %s", l.conf.interface);
	rc = listen_on(&l);
	if (rc)
		log_error("interface %s: %s", l.conf.interface, strerror(-rc));
	if (l.conf.log && iso_save(&l.iso, l.conf.log, &why)) {
		log_error("--log: %s", why.text);
		rc = -EIO;
	}
	status = !summarise(&l) || rc ? CMD_FAILED : CMD_OK;
	iso_fini(&l.iso);
	close(l.fd);
	return status;
}
