/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/lane.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench/l2.h"
#include "bench/udp.h"

#define BUFFER_LEN (16 << 20)	/* of a listener's socket */
#define TICK_US	   50000	/* the longest that lane_hear() waits */

/* Only this EtherType reaches us, tag in the frame or taken out of it by the kernel. */
static int filter(int fd, uint16_t ethertype)
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
	int on = 1;

	/* Who talks beside would wake us with each of its frames; a kernel before 4.20 does, and lane_hear() leaves them out. */
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		return -errno;
	return 0;
}

/* What both kinds of listeners and talkers that hear need. */
static void patient(int fd)
{
	struct timeval tick = { .tv_usec = TICK_US };
	int size = BUFFER_LEN;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick));
}

static int open_l2(struct lane *l, const struct lane_conf *c, struct why *why)
{
	uint8_t *p = l->head;
	int mtu, rc = l2_mac_parse(p, c->dst, why);

	if (rc) {
		why_at(why, "--dst");
		return rc;
	}
	l->fd = l2_open(c->interface, l->mac, &mtu, why);
	if (l->fd < 0)
		return l->fd;
	l->len = (uint32_t)(c->size + c->trailer);
	if (l->len > (uint32_t)mtu + 18)
		return why_fail(why, EINVAL, "--size %" PRId64 "%s: interface %s carries at most %d bytes (its MTU is %d)", c->size,
				c->trailer ? " and 12 bytes of trailer" : "", c->interface, mtu + 18, mtu);
	memcpy(p + 6, l->mac, 6);
	p += 12;
	if (c->vlan || c->priority) {
		*p++ = 0x81;
		*p++ = 0x00;
		*p++ = (uint8_t)(c->priority << 5 | c->vlan >> 8);
		*p++ = (uint8_t)c->vlan;
	}
	*p++ = (uint8_t)(l->ethertype >> 8);
	*p++ = (uint8_t)l->ethertype;
	l->head_len = (uint32_t)(p - l->head);
	return 0;
}

static int open_udp(struct lane *l, const struct lane_conf *c, struct why *why)
{
	union lane_addr to;
	int rc = udp_parse(&to, c->udp, LANE_UDP_PORT, why), room;

	if (rc) {
		why_at(why, "--udp");
		return rc;
	}
	if (c->size < (int64_t)udp_head_len(&to) + STAMP_LEN)
		return why_fail(why, EINVAL, "--size %" PRId64 " is too short: Ethernet, IPv%d, UDP and a frame's stamp are %u bytes", c->size,
				to.any.sa_family == AF_INET ? 4 : 6, udp_head_len(&to) + STAMP_LEN);
	l->fd = udp_open_talker(&to, c->interface, (int)c->priority, why);
	if (l->fd < 0)
		return l->fd;
	l->len = (uint32_t)c->size - udp_head_len(&to);
	room = udp_room(l->fd, &to);
	if (room > 0 && l->len > (uint32_t)room)
		return why_fail(why, EINVAL, "--size %" PRId64 ": the way there carries at most %u bytes", c->size, (uint32_t)room + udp_head_len(&to));
	patient(l->fd);
	return 0;
}

static int check(const struct lane_conf *c, const char *does, struct why *why)
{
	if (!c->interface && !c->udp)
		return why_fail(why, EINVAL, "--interface is missing: which interface shall %s?", does);
	if (c->udp && c->ethertype)
		return why_fail(why, EINVAL, "--udp and --ethertype contradict each other: UDP's frames have IP's EtherType");
	return 0;
}

static struct lane lane_of(const struct lane_conf *c)
{
	return (struct lane){ .fd = -1, .udp = c->udp != NULL, .ethertype = (uint16_t)(c->ethertype ?: STAMP_ETHERTYPE) };
}

int lane_open_talker(struct lane *l, const struct lane_conf *c, struct why *why)
{
	int value = (int)c->priority, rc;

	*l = lane_of(c);
	rc = check(c, "send", why);
	if (rc)
		return rc;
	rc = l->udp ? open_udp(l, c, why) : open_l2(l, c, why);
	if (!rc && setsockopt(l->fd, SOL_SOCKET, SO_PRIORITY, &value, sizeof(value)))
		rc = why_fail(why, errno, "SO_PRIORITY: %s (above 6 it wants root, or CAP_NET_ADMIN)", strerror(errno));
	if (rc)
		lane_close(l);
	return rc;
}

/* The filter stands before the first frame. */
static int hear_l2(struct lane *l, const struct lane_conf *c, struct why *why)
{
	int rc;

	l->fd = l2_open(c->interface, l->mac, NULL, why);
	if (l->fd < 0)
		return l->fd;
	patient(l->fd);
	rc = filter(l->fd, l->ethertype) ?: l2_hear(l->fd, ETH_P_ALL);
	return rc ? why_fail(why, -rc, "interface %s: %s", c->interface, strerror(-rc)) : 0;
}

static int hear_udp(struct lane *l, const struct lane_conf *c, struct why *why)
{
	union lane_addr at;
	int rc = udp_parse(&at, c->udp, LANE_UDP_PORT, why);

	if (rc) {
		why_at(why, "--udp");
		return rc;
	}
	l->fd = udp_open_listener(&at, c->interface, why);
	if (l->fd < 0)
		return l->fd;
	patient(l->fd);
	return 0;
}

int lane_open_listener(struct lane *l, const struct lane_conf *c, struct why *why)
{
	int rc;

	*l = lane_of(c);
	rc = check(c, "listen", why);
	if (rc)
		return rc;
	rc = l->udp ? hear_udp(l, c, why) : hear_l2(l, c, why);
	if (rc)
		lane_close(l);
	return rc;
}

void lane_close(struct lane *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

bool lane_same(const struct lane *l, const struct lane_who *a, const struct lane_who *b)
{
	if (a->vid != b->vid || a->pcp != b->pcp)
		return false;
	if (!l->udp)
		return !memcmp(a->mac, b->mac, 6);
	if (a->addr.any.sa_family == AF_INET)
		return a->addr.v4.sin_port == b->addr.v4.sin_port && a->addr.v4.sin_addr.s_addr == b->addr.v4.sin_addr.s_addr;
	return a->addr.v6.sin6_port == b->addr.v6.sin6_port && !memcmp(&a->addr.v6.sin6_addr, &b->addr.v6.sin6_addr, sizeof(struct in6_addr));
}

const char *lane_name(const struct lane *l, const struct lane_who *who, char buf[static LANE_NAME_LEN])
{
	return l->udp ? udp_str(buf, &who->addr) : l2_mac_str(buf, who->mac);
}

/* Tag control information: from the frame, or from what the kernel says beside it; -1 without a tag. */
static int tag_of(struct msghdr *msg, const uint8_t *frame, uint16_t *tpid)
{
	struct tpacket_auxdata aux;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID) {
			*tpid = aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q;
			return aux.tp_vlan_tci;
		}
	}
	return frame[12] == 0x81 && frame[13] == 0 ? frame[14] << 8 | frame[15] : -1;
}

static void read_l2(const struct lane *l, struct msghdr *msg, const uint8_t *bytes, struct lane_heard *out)
{
	memcpy(out->who.mac, bytes + 6, 6);
	out->tpid = 0;
	out->tci = tag_of(msg, bytes, &out->tpid);
	out->who.vid = out->tci < 0 ? -1 : out->tci & 0xfff;
	out->who.pcp = out->tci < 0 ? -1 : out->tci >> 13;
	out->numbered = stamp_find(&out->stamp, bytes, out->len, l->ethertype);
}

static void read_udp(struct msghdr *msg, const uint8_t *bytes, struct lane_heard *out)
{
	out->tci = out->who.vid = -1;
	out->who.pcp = udp_priority_of(msg);
	out->drops = udp_drops_of(msg) ?: out->drops;
	out->numbered = out->len >= STAMP_LEN;
	if (out->numbered)
		stamp_get(&out->stamp, bytes);
}

/* What others tell of frames of ours that they did not take (ICMP), which the kernel hands to whoever reads next: no failure of the socket. Who counts finds them lost. */
static bool is_hearsay(int err)
{
	static const int said[] = { EAGAIN, EINTR, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENOPROTOOPT, EMSGSIZE, EOPNOTSUPP };
	size_t i;

	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (err == said[i])
			return true;
	return false;
}

int lane_hear(const struct lane *l, int64_t tai_offset_ns, uint8_t *bytes, uint32_t room, struct lane_heard *out)
{
	union { struct sockaddr_ll ll; union lane_addr ip; } from;
	struct iovec iov = { bytes, room };
	uint8_t control[512];
	struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(l->fd, &msg, 0);

	if (n < 0)
		return is_hearsay(errno) ? 0 : -errno;
	if (!l->udp && (from.ll.sll_pkttype == PACKET_OUTGOING || n < ETH_HLEN))
		return 0;
	out->len = (uint32_t)n;
	out->cut = msg.msg_flags & MSG_TRUNC;
	out->at = kstamp_of(&msg, tai_offset_ns);
	if (l->udp) {
		out->for_us = out->for_us_alone = true;
		out->who.addr = from.ip;
		read_udp(&msg, bytes, out);
	} else {
		out->for_us = from.ll.sll_pkttype != PACKET_OTHERHOST;
		out->for_us_alone = from.ll.sll_pkttype == PACKET_HOST;
		read_l2(l, &msg, bytes, out);
	}
	return 1;
}

uint64_t lane_drops(const struct lane *l, uint32_t heard)
{
	struct tpacket_stats stats = { 0 };
	socklen_t size = sizeof(stats);

	if (l->udp)
		return heard;
	return getsockopt(l->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) ? 0 : stats.tp_drops;
}

int lane_answer(const struct lane *l, uint8_t *bytes, const struct lane_heard *heard)
{
	const union lane_addr *to = &heard->who.addr;
	uint32_t len = heard->len;
	int tos = heard->who.pcp << 5;

	if (heard->cut)
		return -EMSGSIZE;
	if (l->udp) {
		/* The answer's class is the question's. */
		setsockopt(l->fd, to->any.sa_family == AF_INET ? SOL_IP : SOL_IPV6, to->any.sa_family == AF_INET ? IP_TOS : IPV6_TCLASS, &tos, sizeof(tos));
		return sendto(l->fd, bytes, len, 0, &to->any, to->any.sa_family == AF_INET ? sizeof(to->v4) : sizeof(to->v6)) < 0 ? -errno : 0;
	}
	if (heard->who.mac[0] & 1)
		return -EADDRNOTAVAIL;
	memcpy(bytes, heard->who.mac, 6);
	memcpy(bytes + 6, l->mac, 6);
	if (heard->tpid) {
		memmove(bytes + 16, bytes + 12, len - 12);
		bytes[12] = (uint8_t)(heard->tpid >> 8);
		bytes[13] = (uint8_t)heard->tpid;
		bytes[14] = (uint8_t)(heard->tci >> 8);
		bytes[15] = (uint8_t)heard->tci;
		len += 4;
	}
	return send(l->fd, bytes, len, 0) < 0 ? -errno : 0;
}
