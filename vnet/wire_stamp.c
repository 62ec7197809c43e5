/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/wire_stamp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "ptp/now.h"

#define ETH_IPV4  0x0800
#define ETH_IPV6  0x86dd
#define PROTO_UDP 17
#define IPV6_LEN  40
#define UDP_LEN	  8
#define SNAP	  128 /* bytes of a message that are looked at, headers included */
#define KEPT	  32  /* stamps read and not yet asked for */

/* What tells one event message from another: all but its time (13.3). */
struct stamp_name {
	uint8_t type_sdo;
	uint8_t domain;
	uint8_t source_sequence[12]; /* sourcePortIdentity, sequenceId */
};

struct stamp {
	struct stamp_name name;
	int64_t t_real; /* 0: none */
};

struct wire_stamp {
	int rx, tx; /* sockets */
	uint32_t number; /* of the next sent frame's stamp */
	bool astray;	 /* a send failed, and the kernel may have numbered it, or not */
	uint32_t next;
	struct stamp kept[KEPT];
};

/* Event messages: over Ethernet by their type, over UDP by their port. Loads from SKF_NET_OFF are relative to what stands behind tags. */
static struct sock_filter event_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MSG_ETHERTYPE, 2, 0),	/* to "over Ethernet" */
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_IPV4, 4, 0),		/* to "over IPv4" */
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_IPV6, 8, 13),		/* to "over IPv6", or none */
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF),	/* over Ethernet: messageType */
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x0f),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, MSG_FOLLOW_UP, 10, 9),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF + 9),	/* over IPv4: protocol */
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_UDP, 0, 8),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, (uint32_t)SKF_NET_OFF),	/* X: length of its header */
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, (uint32_t)SKF_NET_OFF + 2),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MSG_PORT_EVENT, 4, 5),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF + 6),	/* over IPv6: next header */
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_UDP, 0, 3),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (uint32_t)SKF_NET_OFF + IPV6_LEN + 2),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MSG_PORT_EVENT, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SNAP),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static int open_rx(struct wire_stamp *s, unsigned int index)
{
	struct sock_fprog prog = {.len = sizeof(event_filter) / sizeof(event_filter[0]), .filter = event_filter};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)index};
	int on = 1;

	s->rx = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); /* hears nothing until it is bound */
	if (s->rx < 0 || setsockopt(s->rx, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ||
	    setsockopt(s->rx, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    setsockopt(s->rx, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) || bind(s->rx, (struct sockaddr *)&to, sizeof(to)))
		return -errno;
	return 0;
}

/* It hears nothing. What it sends goes straight to the driver, and the stamp comes back without the frame. */
static int open_tx(struct wire_stamp *s, unsigned int index)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)index};
	int stamps = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
	int on = 1;

	s->tx = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->tx < 0 || setsockopt(s->tx, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) ||
	    setsockopt(s->tx, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof(stamps)) || bind(s->tx, (struct sockaddr *)&to, sizeof(to)))
		return -errno;
	return 0;
}

int wire_stamp_open(struct wire_stamp **out, const char *iface, struct why *why)
{
	unsigned int index = if_nametoindex(iface);
	struct wire_stamp *s;
	int err;

	if (!index)
		return why_fail(why, ENODEV, "interface \"%s\" does not exist", iface);
	s = calloc(1, sizeof(*s));
	if (!s)
		return why_fail(why, ENOMEM, "interface %s: out of memory", iface);
	s->rx = s->tx = -1;
	err = open_rx(s, index);
	if (!err)
		err = open_tx(s, index);
	if (err) {
		wire_stamp_close(s);
		return why_fail(why, -err, "interface %s: the kernel tells no stamps: %s", iface, strerror(-err));
	}
	*out = s;
	return 0;
}

void wire_stamp_close(struct wire_stamp *s)
{
	if (!s)
		return;
	if (s->rx >= 0)
		close(s->rx);
	if (s->tx >= 0)
		close(s->tx);
	free(s);
}

static void name_of(struct stamp_name *name, const uint8_t *message)
{
	name->type_sdo = message[0];
	name->domain = message[4];
	memcpy(name->source_sequence, message + MSG_SOURCE_ID, sizeof(name->source_sequence));
}

/* Where the message begins in what stands behind the Ethernet header and its tags; the filter let nothing else through. */
static uint32_t message_at(const uint8_t *p, uint16_t protocol)
{
	if (protocol == ETH_IPV4)
		return 4 * (p[0] & 0x0f) + UDP_LEN;
	return protocol == ETH_IPV6 ? IPV6_LEN + UDP_LEN : 0;
}

/* Read one stamp. False: there is none. */
static bool read_one(struct wire_stamp *s, struct stamp *out)
{
	uint8_t data[SNAP];
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct sockaddr_ll from = {0};
	struct iovec part = {.iov_base = data, .iov_len = sizeof(data)};
	struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1,
			   .msg_control = control, .msg_controllen = sizeof(control)};
	ssize_t len = recvmsg(s->rx, &m, MSG_DONTWAIT);
	struct cmsghdr *c;
	struct timespec t;
	uint32_t at;

	if (len < 0)
		return false;
	*out = (struct stamp){.t_real = 0};
	at = message_at(data, ntohs(from.sll_protocol));
	if (at + MSG_HEADER_LEN > (size_t)len)
		return true;
	name_of(&out->name, data + at);
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&t, CMSG_DATA(c), sizeof(t));
			out->t_real = t.tv_sec * NS_PER_SEC + t.tv_nsec;
		}
	return true;
}

static bool take_kept(struct wire_stamp *s, const struct stamp_name *name, int64_t *t_real)
{
	uint32_t i;

	for (i = 0; i < KEPT; i++)
		if (s->kept[i].t_real && !memcmp(&s->kept[i].name, name, sizeof(*name))) {
			*t_real = s->kept[i].t_real;
			s->kept[i].t_real = 0;
			return true;
		}
	return false;
}

static bool find(struct wire_stamp *s, const struct stamp_name *name, int64_t *t_real)
{
	struct stamp *slot;
	uint32_t i;

	if (take_kept(s, name, t_real))
		return true;
	for (i = 0; i < WIRE_STAMP_READS; i++) {
		slot = &s->kept[s->next % KEPT];
		if (!read_one(s, slot))
			return false;
		if (slot->t_real && !memcmp(&slot->name, name, sizeof(*name))) {
			*t_real = slot->t_real;
			slot->t_real = 0;
			return true;
		}
		s->next += slot->t_real != 0;
	}
	return false;
}

bool wire_stamp_received(struct wire_stamp *s, const uint8_t *frame, const struct msg *m, int64_t *t_real)
{
	struct stamp_name name;

	name_of(&name, frame + m->at);
	return find(s, &name, t_real);
}

int64_t wire_stamp_age(int64_t t_real)
{
	return now_of(CLOCK_REALTIME) - t_real;
}

/* -- sent -------------------------------------------------------------------------------------------------------- */

int wire_stamp_send(struct wire_stamp *s, const uint8_t *frame, uint16_t len)
{
	if (send(s->tx, frame, len, MSG_DONTWAIT) < 0) {
		s->astray = true;
		return -errno;
	}
	s->number++;
	return 0;
}

/* One stamp of a sent frame, and the frame's number. False: there is none. */
static bool read_sent(struct wire_stamp *s, uint32_t *number, int64_t *t_real)
{
	char control[256];
	struct msghdr m = {.msg_control = control, .msg_controllen = sizeof(control)};
	struct scm_timestamping stamps;
	struct sock_extended_err e;
	struct cmsghdr *c;

	if (recvmsg(s->tx, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	*t_real = 0;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING) {
			memcpy(&stamps, CMSG_DATA(c), sizeof(stamps));
			*t_real = stamps.ts[0].tv_sec * NS_PER_SEC + stamps.ts[0].tv_nsec;
		} else if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_TX_TIMESTAMP) {
			memcpy(&e, CMSG_DATA(c), sizeof(e));
			*number = e.ee_data;
		}
	}
	return true;
}

/* After a send that failed, whatever stamp there is that was not seen yet is this frame's, and its number counts from now on. */
bool wire_stamp_sent(struct wire_stamp *s, int64_t *t_real)
{
	uint32_t number = 0, i;

	for (i = 0; i < WIRE_STAMP_READS; i++) {
		if (!read_sent(s, &number, t_real))
			return false;
		if (number != s->number - 1 && !(s->astray && (int32_t)(number - (s->number - 1)) > 0))
			continue;
		s->number = number + 1;
		s->astray = false;
		return *t_real;
	}
	return false;
}
