/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stamp: the payload of test frames, isochron's: 20 bytes behind the EtherType, big-endian.
 *
 *	0  scheduled	int64, TAI ns: when the sender meant to wake up
 *	8  wakeup	int64, TAI ns: when it did
 *	16 seqid	uint32, 1 for the first frame of a sender
 */
#ifndef TAKT_BASE_STAMP_H
#define TAKT_BASE_STAMP_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define STAMP_ETHERTYPE 0xdead
#define STAMP_LEN	20	/* bytes */

struct stamp {
	int64_t t_scheduled, t_wakeup;
	uint32_t seqid;
};

static inline void stamp_put(uint8_t *payload, const struct stamp *s)
{
	uint64_t scheduled = htobe64((uint64_t)s->t_scheduled), wakeup = htobe64((uint64_t)s->t_wakeup);
	uint32_t seqid = htobe32(s->seqid);

	memcpy(payload, &scheduled, 8);
	memcpy(payload + 8, &wakeup, 8);
	memcpy(payload + 16, &seqid, 4);
}

static inline void stamp_get(struct stamp *s, const uint8_t *payload)
{
	uint64_t scheduled, wakeup;
	uint32_t seqid;

	memcpy(&scheduled, payload, 8);
	memcpy(&wakeup, payload + 8, 8);
	memcpy(&seqid, payload + 16, 4);
	s->t_scheduled = (int64_t)be64toh(scheduled);
	s->t_wakeup = (int64_t)be64toh(wakeup);
	s->seqid = be32toh(seqid);
}

/* Find the stamp in a frame of this EtherType behind at most two VLAN tags. False when it is another frame, or cut off. */
static inline bool stamp_find(struct stamp *s, const uint8_t *frame, uint32_t len, uint16_t ethertype)
{
	uint32_t at = 12;
	int tags;

	for (tags = 0; tags < 3 && at + 2 + STAMP_LEN <= len; tags++, at += 4) {
		uint16_t type = (uint16_t)(frame[at] << 8 | frame[at + 1]);

		if (type == ethertype) {
			stamp_get(s, frame + at + 2);
			return true;
		}
		if (type != 0x8100 && type != 0x88a8)
			return false;
	}
	return false;
}

#endif
