/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/resid.h"

#include "ptp/be.h"

#define INTERVAL_BITS 16 /* parts of a ns in a TimeInterval */

static int64_t saturate(__int128 v)
{
	if (v > INT64_MAX)
		return INT64_MAX;
	return v < INT64_MIN ? INT64_MIN : (int64_t)v;
}

int64_t resid_interval(int64_t stay_ns, int32_t rate)
{
	/* stay * (1 + rate / 2^41) in 2^-16 ns; the second part rounded to the nearest */
	__int128 more = (__int128)stay_ns * rate;
	int shift = RESID_RATE_BITS - INTERVAL_BITS;

	more = (more + ((__int128)1 << (shift - 1))) >> shift;
	return saturate((__int128)stay_ns * ((__int128)1 << INTERVAL_BITS) + more);
}

int64_t resid_sum(int64_t correction, int64_t interval)
{
	if (correction == RESID_TOO_LARGE)
		return correction;
	return saturate((__int128)correction + interval);
}

/* The ones' complement sum of the four words of v; their order does not matter (RFC 1071). */
static uint32_t words(uint64_t v)
{
	return (uint32_t)(v & 0xffff) + (uint32_t)(v >> 16 & 0xffff) + (uint32_t)(v >> 32 & 0xffff) + (uint32_t)(v >> 48);
}

/*
 * RFC 1624, equation 3: HC' = ~(~HC + ~m + m'). The field is at an even offset from the UDP header, so that its words
 * are words of the sum.
 */
static uint16_t checksum_after(uint16_t checksum, uint64_t before, uint64_t after)
{
	uint32_t sum = (uint16_t)~checksum + words(~before) + words(after);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	checksum = (uint16_t)~sum;
	return checksum ? checksum : 0xffff; /* 0 would mean none (RFC 768) */
}

void resid_apply(uint8_t *frame, const struct msg *m, int64_t interval, bool partial)
{
	uint8_t *field = frame + m->at + MSG_CORRECTION;
	uint8_t *checksum = frame + m->udp + MSG_UDP_CHECKSUM;
	uint64_t before = be_get64(field);
	uint64_t after = (uint64_t)resid_sum((int64_t)before, interval);

	be_put64(field, after);
	if (!m->udp || partial || !be_get16(checksum))
		return;
	be_put16(checksum, checksum_after(be_get16(checksum), before, after));
}
