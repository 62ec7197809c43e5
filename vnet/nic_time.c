/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/nic_time.h"

#include <errno.h>

#define ONE	(UINT64_C(1) << 32)
#define SLOWEST (ONE / 1000) /* 1 MHz */
#define FASTEST (ONE * 10)   /* 10 GHz */

int nic_time_learn(struct nic_time *out, const struct nic_time_pair *a, const struct nic_time_pair *b, const struct nic_time *before)
{
	uint64_t counts = b->count - a->count, per_ns, off;

	if (b->t < a->t)
		return -ERANGE;
	if (b->t - a->t < NIC_TIME_APART_NS)
		return -EAGAIN;
	if (counts / 10 > (uint64_t)(b->t - a->t))
		return -ERANGE; /* or it ran backwards */
	per_ns = (uint64_t)(((unsigned __int128)counts << 32) / (uint64_t)(b->t - a->t));
	if (per_ns < SLOWEST || per_ns > FASTEST)
		return -ERANGE;
	if (before) {
		off = per_ns > before->per_ns ? per_ns - before->per_ns : before->per_ns - per_ns;
		if (off > before->per_ns / 2000)
			return -ERANGE;
	}
	*out = (struct nic_time){*b, per_ns};
	return 0;
}
