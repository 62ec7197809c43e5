/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trailer: a frame's launch time, given by its sender behind the frame: TRAILER_LEN bytes, big-endian, after any padding.
 *
 *	0  magic	uint32, TRAILER_MAGIC
 *	4  launch	int64, TAI ns: when the frame is to start on the wire
 *
 * taktd takes it off before the frame is sent, at ports that are configured so (tsn/launch.h).
 */
#ifndef TAKT_BASE_TRAILER_H
#define TAKT_BASE_TRAILER_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define TRAILER_LEN   12		/* bytes */
#define TRAILER_MAGIC 0x7414c7a1u

/* Write one behind `len` bytes; room for it is the caller's. */
static inline void trailer_put(uint8_t *frame, uint32_t len, int64_t t_launch)
{
	uint32_t magic = htobe32(TRAILER_MAGIC);
	uint64_t launch = htobe64((uint64_t)t_launch);

	memcpy(frame + len, &magic, 4);
	memcpy(frame + len + 4, &launch, 8);
}

/* The last bytes of a frame of `len` bytes, its trailer included? False: they are none. */
static inline bool trailer_get(const uint8_t *frame, uint32_t len, int64_t *t_launch)
{
	uint32_t magic;
	uint64_t launch;

	if (len < TRAILER_LEN)
		return false;
	memcpy(&magic, frame + len - TRAILER_LEN, 4);
	if (magic != htobe32(TRAILER_MAGIC))
		return false;
	memcpy(&launch, frame + len - 8, 8);
	*t_launch = (int64_t)be64toh(launch);
	return true;
}

#endif
