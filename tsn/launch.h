/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launch: when a frame is to start, as its sender says, and what becomes of one that cannot.
 *
 * virtio-net carries no launch time, so a guest gives it in the frame, in one of two ways:
 *
 *	avtp	IEEE Std 1722-2016: EtherType 0x22f0 (behind at most one C-tag), a stream header (subtypes below 0x80
 *		but CRF and AEF_CONTINUOUS, whose headers have another shape; sv set, version 0) with tv set:
 *		avtp_timestamp, the low 32 bits of the presentation time in ns. The instant meant is the one nearest
 *		to now (within 2.1 s either way). The launch time is that plus `offset_ns`, which is usually
 *		negative: presentation time is launch time plus the longest time in transit.
 *	trailer	the last LAUNCH_TRAILER bytes of the frame, after any padding: LAUNCH_MAGIC (4 bytes, big-endian), then
 *		the launch time (int64, TAI ns, big-endian). It is taken off before the frame is sent.
 *
 * Modes, as etf's: strict: the frame starts at its launch time, not before, and at most `late_ns` after, else it is
 * dropped ("launch-missed"). deadline: it may start any time from its arrival, and is dropped when it has not started
 * by its launch time. A frame of such a class without a launch time, or one further than LAUNCH_HORIZON_NS in the
 * future, is dropped on arrival ("launch-invalid").
 *
 * Pure: takes now, keeps nothing.
 */
#ifndef TAKT_TSN_LAUNCH_H
#define TAKT_TSN_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/trailer.h"

#define LAUNCH_TRAILER	  TRAILER_LEN		/* bytes */
#define LAUNCH_MAGIC	  TRAILER_MAGIC
#define LAUNCH_HORIZON_NS INT64_C(2000000000)	/* a frame may stay 4 s at most, and avtp says no more than this */

enum launch_mode { LAUNCH_STRICT, LAUNCH_DEADLINE };
enum launch_source { LAUNCH_FROM_AVTP, LAUNCH_FROM_TRAILER };

struct launch_conf {
	bool enabled;
	enum launch_mode mode;
	enum launch_source source;
	int64_t offset_ns;	/* added to what the frame says; -1 s..1 s */
	int64_t late_ns;	/* strict: how long after its launch time a frame may still start */
};

/*
 * The frame's launch time. *len loses the trailer; a header is left, with its tag if it has one. -ENOMSG: the frame has none. -ERANGE:
 * further away than the horizon either way. Then *len and *t_launch are untouched. len >= 14.
 */
int launch_read(const struct launch_conf *conf, const uint8_t *frame, uint16_t *len, int64_t now, int64_t *t_launch);

/* From when on may the frame start (strict: its launch time; deadline: INT64_MIN, at once), and until when (inclusive)? */
int64_t launch_from(const struct launch_conf *conf, int64_t t_launch);
int64_t launch_until(const struct launch_conf *conf, int64_t t_launch);

/* Write a trailer behind `len` bytes (room for LAUNCH_TRAILER more is the caller's). For senders and tests. */
void launch_put_trailer(uint8_t *frame, uint32_t len, int64_t t_launch);

#endif
