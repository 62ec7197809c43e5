/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire: how long a frame occupies a full-duplex Ethernet link (IEEE 802.3, clause 4).
 *
 * On the wire a frame is preamble and SFD (8 bytes), the frame padded to 64 bytes with its FCS, and the gap (12
 * bytes). Lengths here are those of a frame in memory: from the destination address to the end of the payload, tags
 * included, FCS excluded. The rate is kept as picoseconds per byte, rounded up, so that a frame is never taken for
 * shorter than it is.
 */
#ifndef TAKT_TSN_WIRE_H
#define TAKT_TSN_WIRE_H

#include <stdint.h>

#include "base/why.h"

#define WIRE_OVERHEAD  20	/* bytes: preamble 7, SFD 1, inter-packet gap 12 */
#define WIRE_FCS	4	/* bytes */
#define WIRE_MIN_FRAME 60	/* bytes in memory: the shortest frame without its FCS */
#define WIRE_MIN_BPS   INT64_C(1000000)
#define WIRE_MAX_BPS   INT64_C(400000000000)

struct wire {
	int64_t rate_bps;	/* bits per second, WIRE_MIN_BPS..WIRE_MAX_BPS */
	int64_t ps_per_byte;	/* 8e12 / rate, rounded up: 8000 at 1 Gb/s, 20 at 400 Gb/s */
};

/* -ERANGE and a sentence when the rate is out of bounds. */
int wire_init(struct wire *w, int64_t rate_bps, struct why *why);

/* Bytes on the wire of a frame of `len` bytes in memory. */
static inline uint32_t wire_bytes(uint32_t len)
{
	return (len < WIRE_MIN_FRAME ? WIRE_MIN_FRAME : len) + WIRE_FCS + WIRE_OVERHEAD;
}

/* Time on the wire in ns, rounded up. A multiplication; the division is by a constant. */
static inline int64_t wire_ns(const struct wire *w, uint32_t len)
{
	return ((int64_t)wire_bytes(len) * w->ps_per_byte + 999) / 1000;
}

/* The longest frame (bytes in memory) that fits into `ns`, or 0 when not even the shortest does. Configuration only. */
uint32_t wire_fit(const struct wire *w, int64_t ns);

#endif
