/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lane: a socket on which numbered frames travel, on layer 2 or in UDP; and what was heard on it.
 *
 * On layer 2 a frame is Ethernet, a VLAN tag if asked for, an EtherType of its own, the stamp (base/stamp.h). In UDP the stamp is the datagram's beginning, and priority
 * is a DSCP (class selector) and the socket's. Both are isochron's.
 */
#ifndef TAKT_BENCH_LANE_H
#define TAKT_BENCH_LANE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "base/stamp.h"
#include "base/why.h"
#include "bench/kstamp.h"

#define LANE_FRAME_MAX 9018	/* bytes, FCS excluded */
#define LANE_UDP_PORT  6000	/* isochron's */
#define LANE_HEAD_MAX  18	/* bytes before the stamp */
#define LANE_NAME_LEN  64

struct lane_conf {
	const char *interface;	/* NULL is legal with UDP: routing decides */
	const char *udp;	/* "ADDRESS[:PORT]"; NULL: layer 2 */
	const char *dst;	/* layer 2, talkers: MAC */
	int64_t vlan, priority;
	int64_t ethertype;	/* layer 2; 0: not given, STAMP_ETHERTYPE */
	int64_t size;		/* talkers: bytes of a frame with its tag, FCS excluded; in UDP too */
	int64_t trailer;	/* bytes behind it */
};

/* Where a listener listens. `base`: of the lane_conf. */
#define LANE_EAR_OPTS(base) \
	{ "interface", 'i', OPT_STR, (base) + offsetof(struct lane_conf, interface), "IFACE", NULL, 0, 0, "interface to listen on; may be missing with --udp" }, \
	{ "udp", 'u', OPT_STR, (base) + offsetof(struct lane_conf, udp), "ADDRESS[:PORT]", NULL, 0, 0, \
	  "listen for UDP at this address of ours, 0.0.0.0 or :: for all; the port is 6000 if not given" }, \
	LANE_TYPE_OPT(base)
#define LANE_TYPE_OPT(base) \
	{ "ethertype", 'e', OPT_INT, (base) + offsetof(struct lane_conf, ethertype), "TYPE", NULL, 0x600, 0xffff, "EtherType of numbered frames, behind the tag (default: 0xdead)" }

struct lane {
	int fd;			/* -1: closed */
	bool udp;
	uint16_t ethertype;
	uint8_t mac[6];		/* our own; layer 2 */
	uint8_t head[LANE_HEAD_MAX];	/* of each frame that a talker hands to the kernel */
	uint32_t head_len, len;	/* bytes of it; of head, stamp, what fills up, trailer */
};

/* To send: 0, or -errno and a sentence: no interface given, no such interface or address, an EtherType for UDP, too long for it. It hears nothing, but with UDP what is answered. */
int lane_open_talker(struct lane *l, const struct lane_conf *c, struct why *why);

/* To receive: with UDP, what comes to the address. Only numbered frames of this EtherType or port reach us. */
int lane_open_listener(struct lane *l, const struct lane_conf *c, struct why *why);
void lane_close(struct lane *l);

union lane_addr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Who sent it: a stream of numbers is one of these. */
struct lane_who {
	uint8_t mac[6];		/* layer 2 */
	int vid, pcp;		/* -1: untagged; in UDP -1 and the priority of its DSCP */
	union lane_addr addr;	/* UDP */
};

struct lane_heard {
	bool for_us;		/* addressed to us, to several or to all; in UDP always */
	bool for_us_alone;	/* to us; in UDP always */
	bool numbered;		/* stamp is there */
	struct stamp stamp;
	struct lane_who who;
	int tci;		/* of the outer tag; -1: untagged */
	uint16_t tpid;		/* of that, where the kernel took it out of the frame; 0: it did not */
	bool cut;		/* there was more of it than room */
	struct kstamp at;
	int64_t t_arrival;	/* TAI: we have it; the caller's to fill in */
	uint32_t drops;		/* UDP: datagrams so far for which our socket had no room */
	uint32_t len;		/* bytes in `bytes`, the tag not among them when the kernel took it out */
};

bool lane_same(const struct lane *l, const struct lane_who *a, const struct lane_who *b);

/* "02:00:00:00:00:01", "10.0.0.1:40000" */
const char *lane_name(const struct lane *l, const struct lane_who *who, char buf[static LANE_NAME_LEN]);

/*
 * Wait for the next frame, for 50 ms at most. 1: it is in `bytes` (cut off behind `room`) and `out`. 0: none came, or one that was not sent to us. -errno: the socket failed.
 */
int lane_hear(const struct lane *l, int64_t tai_offset_ns, uint8_t *bytes, uint32_t room, struct lane_heard *out);

/* Frames that came, and found our socket full; `heard` is the last one. Once: on layer 2 it takes them away from the kernel's count. */
uint64_t lane_drops(const struct lane *l, uint32_t heard);

/* Send what was heard back to who sent it: addresses swapped, tags and payload kept. 0 or -errno: -EMSGSIZE if it was cut, -EADDRNOTAVAIL if who sent it is several. `bytes` has room for four more, and is changed. */
int lane_answer(const struct lane *l, uint8_t *bytes, const struct lane_heard *heard);

#endif
