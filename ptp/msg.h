/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * msg: a PTP message in a frame (IEEE 1588-2008 clause 13 and annexes D, E, F). Pure, allocates nothing.
 *
 * Found are messages of version 2 over Ethernet (EtherType 0x88F7), UDP over IPv4 (also with options) and UDP over IPv6
 * (also behind hop-by-hop, routing and destination headers), to port 319 or 320, behind at most two VLAN tags (0x8100,
 * 0x88A8). Every length that is stated has to be there: messageLength in its datagram, the datagram in the frame.
 * Fragments are refused: a message in pieces cannot be corrected. Only the first piece tells that it is PTP.
 * What could be PTP to a receiver that reads further than we do says so (MSG_HIDDEN), for those who have to keep PTP away.
 *
 * Hostile frames are expected: what is not found is left alone by everybody, and counted by the reason.
 */
#ifndef TAKT_PTP_MSG_H
#define TAKT_PTP_MSG_H

#include <stdbool.h>
#include <stdint.h>

#define MSG_ETHERTYPE	 0x88f7
#define MSG_PORT_EVENT	 319
#define MSG_PORT_GENERAL 320
#define MSG_HEADER_LEN	 34
#define MSG_CORRECTION	 8 /* offset of correctionField in a message: 8 bytes, signed, 2^-16 ns */
#define MSG_SOURCE_ID	 20 /* of sourcePortIdentity: 8 bytes clockIdentity, 2 portNumber; sequenceId follows it (13.3) */
#define MSG_REQUESTING	 44 /* of requestingPortIdentity in Delay_Resp, Pdelay_Resp, Pdelay_Resp_Follow_Up (13.8, 13.10, 13.11) */
#define MSG_UDP_CHECKSUM 6  /* of the checksum in a UDP header */
#define MSG_MAX_TAGS	 2

/* messageType (Table 19): those below 4 are event messages, which carry time by when they pass. */
enum msg_type {
	MSG_SYNC = 0x0,
	MSG_DELAY_REQ = 0x1,
	MSG_PDELAY_REQ = 0x2,
	MSG_PDELAY_RESP = 0x3,
	MSG_FOLLOW_UP = 0x8,
	MSG_DELAY_RESP = 0x9,
	MSG_PDELAY_RESP_FOLLOW_UP = 0xa,
	MSG_ANNOUNCE = 0xb,
	MSG_SIGNALING = 0xc,
	MSG_MANAGEMENT = 0xd,
};

enum msg_transport { MSG_L2, MSG_UDP4, MSG_UDP6 };

struct msg {
	uint16_t at;	   /* offset of the message in the frame */
	uint16_t len;	   /* messageLength; what follows it in the datagram is not the message's */
	uint16_t udp;	   /* offset of the UDP header; 0 over Ethernet */
	uint16_t sequence;
	uint8_t transport; /* enum msg_transport */
	uint8_t tags;	   /* 0..2 */
	uint8_t type;	   /* enum msg_type */
	uint8_t domain, sdo;
	bool two_step;
	bool event;	   /* an event message where one belongs: over Ethernet, or to port 319 */
};

/* What msg_find() says. */
enum msg_found {
	MSG_FOUND,
	MSG_NOT_PTP,	 /* another protocol */
	MSG_BAD_LENGTH,	 /* PTP by its EtherType or port, but cut off, or lengths that contradict each other */
	MSG_BAD_VERSION, /* PTP, but not version 2 */
	MSG_BAD_TYPE,	 /* a reserved messageType */
	MSG_FRAGMENT,	 /* the first piece of a datagram to a port of PTP */
	MSG_HIDDEN,	 /* cannot be seen: behind more tags than two, more IPv6 extension headers than four, or a first piece too short */
};

/* Look at a frame of `len` bytes, without its FCS. *m is set when MSG_FOUND is returned. */
enum msg_found msg_find(struct msg *m, const uint8_t *frame, uint32_t len);

/*
 * False: msg_find() would say MSG_NOT_PTP, by the EtherType or the protocol in IP alone. A few compares, for those who see every frame.
 */
static inline bool msg_maybe(const uint8_t *frame, uint32_t len)
{
	uint32_t at = 12, tags;
	uint8_t next;

	for (tags = 0; len >= at + 6; tags++, at += 4) {
		if (!(frame[at] == 0x81 && frame[at + 1] == 0x00) && !(frame[at] == 0x88 && frame[at + 1] == 0xa8))
			break;
		if (tags == MSG_MAX_TAGS)
			return true;
	}
	if (len < at + 2)
		return false;
	if (frame[at] == MSG_ETHERTYPE >> 8)
		return frame[at + 1] == (MSG_ETHERTYPE & 0xff);
	if (frame[at] == 0x08 && frame[at + 1] == 0x00)
		return len > at + 11 && frame[at + 11] == 17; /* UDP */
	if (frame[at] != 0x86 || frame[at + 1] != 0xdd || len <= at + 8)
		return false;
	next = frame[at + 8];
	return next == 17 || next == 0 || next == 43 || next == 44 || next == 60; /* UDP, or behind extension headers */
}

#endif
