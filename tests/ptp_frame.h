/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp_frame: frames with a PTP message in them, as tests want them: whole, or with one flaw.
 */
#ifndef TAKT_TESTS_PTP_FRAME_H
#define TAKT_TESTS_PTP_FRAME_H

#include <stdint.h>
#include <string.h>

#include "ptp/be.h"
#include "ptp/msg.h"

#define PTP_FRAME_MAX 160 /* bytes of the longest */
#define PTP_FRAME_CUT 20  /* bytes that a message lacks: more than a launch time behind it makes up for */

/* Each leaves a frame that is PTP by its EtherType or port and has no message in it that can be read. */
enum ptp_flaw { PTP_WHOLE, PTP_CUT, PTP_VERSION_1, PTP_RESERVED, PTP_PIECE, PTP_FLAWS };

struct ptp_frame {
	uint8_t type;
	enum msg_transport transport;
	enum ptp_flaw flaw;	/* a piece over Ethernet is cut instead: nothing is fragmented there */
	uint8_t tags;		/* 0 to 3 */
	uint16_t tpid[3], tci[3];
	const uint8_t *src;	/* its clockIdentity too, as EUI-64, unless `clock` says another */
	const uint8_t *clock;	/* NULL, or the address of whose clock it names */
	const uint8_t *asked;	/* NULL, or the address of whose clock a response is for */
	const uint8_t *dst;	/* NULL: the transport's own group */
};

static const uint8_t ptp_link_local[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e};

static inline void ptp_frame_clock(uint8_t *at, const uint8_t *mac)
{
	memcpy(at, (uint8_t[]){mac[0], mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5], 0, 1}, 10);
}

static inline uint32_t ptp_frame_message(uint8_t *at, const struct ptp_frame *f)
{
	static const uint8_t len[16] = {44, 44, 54, 54, 0, 0, 0, 0, 44, 54, 54, 64, 44, 48};

	memset(at, 0, 64);
	at[0] = f->flaw == PTP_RESERVED ? 0x7 : f->type;
	at[1] = f->flaw == PTP_VERSION_1 ? 1 : 2;
	be_put16(at + 2, len[f->type]);
	ptp_frame_clock(at + 20, f->clock ? f->clock : f->src);
	if (f->asked && f->type == MSG_DELAY_RESP)
		ptp_frame_clock(at + 44, f->asked);
	return len[f->type];
}

/* IP and UDP around `len` bytes; returns the bytes of the headers. */
static inline uint32_t ptp_frame_headers(uint8_t *at, const struct ptp_frame *f, uint32_t len)
{
	uint16_t port = f->type < MSG_FOLLOW_UP ? MSG_PORT_EVENT : MSG_PORT_GENERAL;
	uint8_t *udp = at + 20;

	if (f->transport == MSG_L2)
		return 0;
	memset(at, 0, 60);
	if (f->transport == MSG_UDP4) {
		memcpy(at, (uint8_t[]){0x45, 0, 0, 0, 0, 0, f->flaw == PTP_PIECE ? 0x20 : 0, 0, 1, 17, 0, 0, 10, 9, 0, 1, 224, 0, 1, 129}, 20);
		be_put16(at + 2, (uint16_t)(28 + len));
	} else {
		udp = at + (f->flaw == PTP_PIECE ? 48 : 40);
		memcpy(at, (uint8_t[]){0x60, 0, 0, 0, 0, 0, f->flaw == PTP_PIECE ? 44 : 17, 1}, 8);
		at[23] = 1;
		memcpy(at + 24, (uint8_t[]){0xff, 0x0e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x81}, 16);
		be_put16(at + 4, (uint16_t)(udp - at - 40 + 8 + (int)len));
		if (f->flaw == PTP_PIECE)
			memcpy(at + 40, (uint8_t[]){17, 0, 0, 1, 0, 0, 0, 9}, 8);
	}
	be_put16(udp, port);
	be_put16(udp + 2, port);
	be_put16(udp + 4, (uint16_t)(8 + len));
	return (uint32_t)(udp + 8 - at);
}

/* Room for PTP_FRAME_MAX bytes. Returns the frame's length. */
static inline uint32_t ptp_frame_make(uint8_t *at, const struct ptp_frame *f)
{
	static const uint16_t types[] = {[MSG_L2] = MSG_ETHERTYPE, [MSG_UDP4] = 0x0800, [MSG_UDP6] = 0x86dd};
	static const uint8_t groups[][6] = {
		[MSG_L2] = {0x01, 0x1b, 0x19, 0, 0, 0}, [MSG_UDP4] = {0x01, 0, 0x5e, 0, 1, 0x81}, [MSG_UDP6] = {0x33, 0x33, 0, 0, 1, 0x81},
	};
	uint8_t message[64];
	uint32_t len = ptp_frame_message(message, f);
	uint8_t *p = at + 12;
	int i;

	memcpy(at, f->dst ? f->dst : groups[f->transport], 6);
	memcpy(at + 6, f->src, 6);
	for (i = 0; i < f->tags; i++, p += 4) {
		be_put16(p, f->tpid[i]);
		be_put16(p + 2, f->tci[i]);
	}
	be_put16(p, types[f->transport]);
	p += 2;
	p += ptp_frame_headers(p, f, len);
	memcpy(p, message, len);
	if (f->flaw == PTP_CUT || (f->flaw == PTP_PIECE && f->transport == MSG_L2))
		len -= PTP_FRAME_CUT;
	return (uint32_t)(p + len - at);
}

#endif
