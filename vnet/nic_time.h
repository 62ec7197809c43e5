/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nic_time: TAI as a NIC's own clock shows it, for NICs that start a frame at a given count of that clock.
 *
 * A line through two pairs (instant, count) taken at about the same time. The control thread learns it; converting is a
 * multiplication. Pure: reads no clock. A count wraps as uint64_t does.
 */
#ifndef TAKT_VNET_NIC_TIME_H
#define TAKT_VNET_NIC_TIME_H

#include <stdint.h>

#define NIC_TIME_APART_NS INT64_C(10000000) /* two pairs closer than this say too little about the rate */

struct nic_time_pair {
	int64_t t;	/* TAI ns */
	uint64_t count;
};

struct nic_time {
	struct nic_time_pair at;
	uint64_t per_ns; /* counts per ns, times 2^32 */
};

/*
 * A line through a and the later b, true from b on. -EAGAIN: they are too close. -ERANGE: no clock of 1 MHz to 10 GHz
 * runs so, or `before`, if given, ran more than 500 ppm otherwise: one of the clocks was stepped. Divides.
 */
int nic_time_learn(struct nic_time *out, const struct nic_time_pair *a, const struct nic_time_pair *b, const struct nic_time *before);

/* The count at t, some seconds around the last pair. */
static inline uint64_t nic_time_count(const struct nic_time *n, int64_t t)
{
	return n->at.count + (uint64_t)((__int128)(t - n->at.t) * (__int128)n->per_ns >> 32);
}

#endif
