/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ask: what time is it? A guest asks taktd through its own port, and is answered at the virtqueue: no other clock, no other path.
 *
 * A frame to ASK_ADDRESS of EtherType ASK_ETHERTYPE (IEEE 802's first for local experiments), whose payload is, big-endian:
 *
 *	0  magic	uint32, ASK_MAGIC
 *	4  version	uint8, 1
 *	5  op		uint8, 1: asks, 2: answers
 *	6  reserved	uint16, 0
 *	8  id		uint64, the asker's own
 *	16 t_guest	int64, the asker's own: ns of a clock of its
 *	24 t_seen	int64, in an ask 0
 *
 * The answer is the same frame back, of the same length: op 2, to the asker, from ASK_ADDRESS, id and t_guest as they were, and in t_seen TAI ns by
 * taktd's clock, read when it had taken the frame out of the ring. So whatever delay there was,
 *
 *	the asker sent it   before   t_seen   before   the asker reads the answer
 *
 * It leaves in the highest class of the port, through its gates like any frame. taktd forwards and learns nothing of all this; nobody else may send
 * from ASK_ADDRESS. A port answers ASK_RATE asks a second, and ASK_BURST at once, unless its key `time-answer` is false; a wire never does.
 */
#ifndef TAKT_BASE_ASK_H
#define TAKT_BASE_ASK_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ASK_ETHERTYPE 0x88b5
#define ASK_ADDRESS   "\x02\x74\x61\x6b\x74\x00" /* locally administered: "takt" and a zero */
#define ASK_MAGIC     0x74616b74u
#define ASK_VERSION   1
#define ASK_LEN	      32u /* bytes of payload */
#define ASK_RATE      1000
#define ASK_BURST     125

enum ask_op { ASK_ASKS = 1, ASK_ANSWERS = 2 };

struct ask {
	enum ask_op op;
	uint64_t id;
	int64_t t_guest, t_seen;
};

static inline void ask_put(uint8_t *payload, const struct ask *a)
{
	uint32_t magic = htobe32(ASK_MAGIC);
	uint64_t v[3] = {htobe64(a->id), htobe64((uint64_t)a->t_guest), htobe64((uint64_t)a->t_seen)};

	memcpy(payload, &magic, 4);
	payload[4] = ASK_VERSION;
	payload[5] = (uint8_t)a->op;
	payload[6] = payload[7] = 0;
	memcpy(payload + 8, v, sizeof(v));
}

/* False: no ask and no answer of this version, or one that says what it cannot. */
static inline bool ask_get(struct ask *a, const uint8_t *payload, uint32_t len)
{
	uint32_t magic;
	uint64_t v[3];

	if (len < ASK_LEN)
		return false;
	memcpy(&magic, payload, 4);
	memcpy(v, payload + 8, sizeof(v));
	*a = (struct ask){.op = (enum ask_op)payload[5], .id = be64toh(v[0]), .t_guest = (int64_t)be64toh(v[1]), .t_seen = (int64_t)be64toh(v[2])};
	if (magic != htobe32(ASK_MAGIC) || payload[4] != ASK_VERSION || payload[6] || payload[7])
		return false;
	return a->op == ASK_ASKS ? !a->t_seen : a->op == ASK_ANSWERS;
}

#endif
