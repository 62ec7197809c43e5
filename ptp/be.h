/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * be: numbers as PTP has them on the wire, big-endian and unaligned. The caller has checked that the bytes are there.
 */
#ifndef TAKT_PTP_BE_H
#define TAKT_PTP_BE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t be_get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline uint32_t be_get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline uint64_t be_get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static inline void be_put16(uint8_t *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void be_put64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

#endif
