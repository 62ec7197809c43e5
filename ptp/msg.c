/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/msg.h"

#include "ptp/be.h"

#define ETH_TYPE   12 /* offset of the EtherType */
#define ETH_IPV4   0x0800
#define ETH_IPV6   0x86dd
#define TPID_C	   0x8100
#define TPID_S	   0x88a8
#define TAG_LEN	   4
#define IPV4_LEN   20 /* bytes without options (RFC 791) */
#define IPV6_LEN   40 /* RFC 8200 */
#define UDP_LEN	   8  /* RFC 768 */
#define PROTO_UDP  17
#define EXT_HOP	   0  /* IPv6 extension headers, RFC 8200 4.1 */
#define EXT_ROUTE  43
#define EXT_FRAG   44
#define EXT_DEST   60
#define EXT_MAX	   4  /* each once; more is nobody's PTP: a bound for the loop */

#define IPV4_MORE     0x2000 /* more fragments */
#define IPV4_OFFSET   0x1fff
#define IPV6_OFFSET   0xfff8
#define VERSION	      2
#define TWO_STEP      0x02 /* flagField[0], Table 20 */

/* The shortest message of each type (13.5 to 13.12); 0: reserved. */
static const uint8_t min_len[16] = {
	[MSG_SYNC] = 44,
	[MSG_DELAY_REQ] = 44,
	[MSG_PDELAY_REQ] = 54,
	[MSG_PDELAY_RESP] = 54,
	[MSG_FOLLOW_UP] = 44,
	[MSG_DELAY_RESP] = 54,
	[MSG_PDELAY_RESP_FOLLOW_UP] = 54,
	[MSG_ANNOUNCE] = 64,
	[MSG_SIGNALING] = 44,
	[MSG_MANAGEMENT] = 48,
};

/* The message at `at`, of which there may be `room` bytes. */
static enum msg_found read_message(struct msg *m, const uint8_t *frame, uint32_t at, uint32_t room, bool event_place)
{
	const uint8_t *p = frame + at;
	uint8_t type;

	if (room < MSG_HEADER_LEN)
		return MSG_BAD_LENGTH;
	if ((p[1] & 0x0f) != VERSION)
		return MSG_BAD_VERSION;
	type = p[0] & 0x0f;
	if (!min_len[type])
		return MSG_BAD_TYPE;
	m->len = be_get16(p + 2);
	if (m->len < min_len[type] || m->len > room)
		return MSG_BAD_LENGTH;
	m->at = (uint16_t)at;
	m->type = type;
	m->sdo = p[0] >> 4;
	m->domain = p[4];
	m->two_step = p[6] & TWO_STEP;
	m->sequence = be_get16(p + 30);
	m->event = type < MSG_FOLLOW_UP && event_place;
	return MSG_FOUND;
}

/* The UDP header at `at`, of whose datagram `room` bytes may be there. */
static enum msg_found read_udp(struct msg *m, const uint8_t *frame, uint32_t at, uint32_t room, bool fragment)
{
	uint32_t port, len;

	if (room < UDP_LEN)
		return fragment ? MSG_HIDDEN : MSG_NOT_PTP;
	port = be_get16(frame + at + 2);
	if (port != MSG_PORT_EVENT && port != MSG_PORT_GENERAL)
		return MSG_NOT_PTP;
	if (fragment)
		return MSG_FRAGMENT;
	len = be_get16(frame + at + 4);
	if (len < UDP_LEN || len > room)
		return MSG_BAD_LENGTH;
	m->udp = (uint16_t)at;
	return read_message(m, frame, at + UDP_LEN, len - UDP_LEN, port == MSG_PORT_EVENT);
}

static enum msg_found read_ipv4(struct msg *m, const uint8_t *frame, uint32_t at, uint32_t room)
{
	const uint8_t *p = frame + at;
	uint32_t header, total;
	enum msg_found found;
	uint16_t fragment;
	bool bad;

	m->transport = MSG_UDP4;
	if (room < IPV4_LEN || p[0] >> 4 != 4 || p[9] != PROTO_UDP)
		return MSG_NOT_PTP;
	fragment = be_get16(p + 6);
	if (fragment & IPV4_OFFSET)
		return MSG_NOT_PTP;
	header = 4 * (p[0] & 0x0f);
	total = be_get16(p + 2);
	bad = header < IPV4_LEN || total < header || total > room;
	if (header < IPV4_LEN)
		header = IPV4_LEN;
	if (bad)
		total = room; /* only to see whose port it is */
	found = total < header ? MSG_NOT_PTP : read_udp(m, frame, at + header, total - header, fragment & IPV4_MORE);
	return bad && found != MSG_NOT_PTP ? MSG_BAD_LENGTH : found;
}

static bool is_extension(uint8_t next)
{
	return next == EXT_HOP || next == EXT_ROUTE || next == EXT_FRAG || next == EXT_DEST;
}

static enum msg_found read_ipv6(struct msg *m, const uint8_t *frame, uint32_t at, uint32_t room)
{
	const uint8_t *p = frame + at;
	bool fragment = false, bad;
	enum msg_found found;
	uint32_t i, ext, left;
	uint8_t next;

	m->transport = MSG_UDP6;
	if (room < IPV6_LEN || p[0] >> 4 != 6)
		return MSG_NOT_PTP;
	next = p[6];
	left = be_get16(p + 4);
	bad = !left || left > room - IPV6_LEN; /* 0: a jumbogram, or what Linux takes for one: then all there is counts */
	if (bad)
		left = room - IPV6_LEN; /* only to see whose port it is */
	at += IPV6_LEN;
	for (i = 0; i < EXT_MAX && is_extension(next); i++) {
		ext = left < 8 || next == EXT_FRAG ? 8 : 8 * (frame[at + 1] + 1u);
		if (ext > left)
			return MSG_HIDDEN;
		if (next == EXT_FRAG && (be_get16(frame + at + 2) & IPV6_OFFSET))
			return MSG_NOT_PTP;
		fragment = fragment || next == EXT_FRAG;
		next = frame[at];
		at += ext;
		left -= ext;
	}
	if (is_extension(next))
		return MSG_HIDDEN;
	found = next == PROTO_UDP ? read_udp(m, frame, at, left, fragment) : MSG_NOT_PTP;
	return bad && found != MSG_NOT_PTP ? MSG_BAD_LENGTH : found;
}

enum msg_found msg_find(struct msg *m, const uint8_t *frame, uint32_t len)
{
	uint32_t at = ETH_TYPE;
	uint16_t type;

	if (len > UINT16_MAX) /* offsets are 16 bits; no frame is longer */
		len = UINT16_MAX;
	if (len < ETH_TYPE + 2)
		return MSG_NOT_PTP;
	*m = (struct msg){.transport = MSG_L2};
	for (type = be_get16(frame + at); type == TPID_C || type == TPID_S; type = be_get16(frame + at)) {
		if (len - at < TAG_LEN + 2)
			return MSG_NOT_PTP;
		if (m->tags == MSG_MAX_TAGS)
			return MSG_HIDDEN;
		m->tags++;
		at += TAG_LEN;
	}
	at += 2;
	switch (type) {
	case MSG_ETHERTYPE:
		return read_message(m, frame, at, len - at, true);
	case ETH_IPV4:
		return read_ipv4(m, frame, at, len - at);
	case ETH_IPV6:
		return read_ipv6(m, frame, at, len - at);
	default:
		return MSG_NOT_PTP;
	}
}
