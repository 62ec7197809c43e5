/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * key: what a frame is known by, wherever it is seen: in a guest's kernel, in taktd, on a wire.
 *
 * The key of a frame is the same whether it carries VLAN tags, which bridges add and remove, or padding, which drivers add. It covers the
 * addresses, the EtherType behind the tags and KEY_BODY - 2 bytes after it; a shorter frame counts as if it went on with zeros.
 *
 *	numbered	the frame carries a stamp (base/stamp.h) of EtherType STAMP_ETHERTYPE: bit 63 is set, bits 32..62 are of the
 *			addresses, bits 0..31 the sender's sequence number
 *	hashed		any other: bit 63 is clear, the rest is of the content; frames of equal content have equal keys
 *
 * Frames that are changed on their way (PTP messages whose correction grows) change their key. 0 is the key of no frame.
 * This header is read by BPF programs too: no call, no loop that has no constant bound.
 */
#ifndef TAKT_BASE_KEY_H
#define TAKT_BASE_KEY_H

#ifndef __bpf__
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#endif

#define KEY_MACS  12u		/* bytes: destination, source */
#define KEY_BODY  48u		/* bytes behind the addresses and tags */
#define KEY_TAGS  2u		/* tags that are skipped, at most */
#define KEY_HEAD  (KEY_MACS + 4 * KEY_TAGS + KEY_BODY)
#define KEY_NUMBERED (UINT64_C(1) << 63)
#define KEY_ETHERTYPE_STAMP 0xadde	/* STAMP_ETHERTYPE in the byte order of a little-endian machine */

/* Odd, of the fractional part of the golden ratio and multiples: distinct multipliers, nothing more is asked of them. */
#define KEY_MUL(i) (UINT64_C(0x9e3779b97f4a7c15) * (2 * (uint64_t)(i) + 1) | 1)

static inline __attribute__((always_inline)) uint64_t key_word(const uint8_t *at)
{
	uint64_t w;

	__builtin_memcpy(&w, at, 8);
	return w;
}

static inline __attribute__((always_inline)) uint32_t key_half(const uint8_t *at)
{
	uint32_t w;

	__builtin_memcpy(&w, at, 4);
	return w;
}

static inline __attribute__((always_inline)) uint64_t key_mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 29;
}

/* macs: KEY_MACS bytes that may be read; body: KEY_BODY bytes from the EtherType on. */
static inline __attribute__((always_inline)) uint64_t key_of_parts(const uint8_t *macs, const uint8_t *body)
{
	uint64_t addresses = key_word(macs) * KEY_MUL(0) + key_half(macs + 8) * KEY_MUL(1);
	uint64_t h;

	if (body[0] == (KEY_ETHERTYPE_STAMP & 0xff) && body[1] == KEY_ETHERTYPE_STAMP >> 8)
		return KEY_NUMBERED | (key_mix(addresses) >> 1 & UINT64_C(0x7fffffff00000000)) | __builtin_bswap32(key_half(body + 18));
	h = addresses + key_word(body) * KEY_MUL(2) + key_word(body + 8) * KEY_MUL(3) + key_word(body + 16) * KEY_MUL(4) +
	    key_word(body + 24) * KEY_MUL(5) + key_word(body + 32) * KEY_MUL(6) + key_word(body + 40) * KEY_MUL(7);
	h = key_mix(h) >> 1;
	return h ? h : 1;
}

static inline __attribute__((always_inline)) int key_is_tag(const uint8_t *type)
{
	return (type[0] == 0x81 && type[1] == 0x00) || (type[0] == 0x88 && type[1] == 0xa8);
}

/* head: the first KEY_HEAD bytes of a frame, zeros behind its end. */
static inline __attribute__((always_inline)) uint64_t key_of_head(const uint8_t *head)
{
	if (!key_is_tag(head + KEY_MACS))
		return key_of_parts(head, head + KEY_MACS);
	if (!key_is_tag(head + KEY_MACS + 4))
		return key_of_parts(head, head + KEY_MACS + 4);
	return key_of_parts(head, head + KEY_MACS + 8);
}

#ifndef __bpf__
/* Bytes that the key of a frame is made of; len >= KEY_MACS + KEY_BODY. */
static inline uint32_t key_span(const uint8_t *frame)
{
	if (!key_is_tag(frame + KEY_MACS))
		return KEY_MACS + KEY_BODY;
	return key_is_tag(frame + KEY_MACS + 4) ? KEY_HEAD : KEY_HEAD - 4;
}

/* A frame of len bytes. Only one that is shorter than what its key is made of is copied, to be padded. */
static inline uint64_t key_of(const uint8_t *frame, uint32_t len)
{
	uint8_t head[KEY_HEAD];

	if (len >= KEY_HEAD || (len >= KEY_MACS + KEY_BODY && len >= key_span(frame)))
		return key_of_head(frame);
	memcpy(head, frame, len);
	memset(head + len, 0, sizeof(head) - len);
	return key_of_head(head);
}

static inline bool key_is_numbered(uint64_t key)
{
	return key >> 63;
}

static inline uint32_t key_seqid(uint64_t key)
{
	return (uint32_t)key;
}
#endif

#endif
