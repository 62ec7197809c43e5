/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/anew.h"

#include "base/ns.h"

int64_t anew_link_ns(int64_t link_bps, uint32_t len)
{
	int64_t bits = 8 * ((len < 60 ? 60 : (int64_t)len) + 4 + 20);

	return (bits * NS_PER_SEC + link_bps - 1) / link_bps;
}

bool anew_sums_up(const struct pkt *p)
{
	int64_t sum = 0;
	int i;

	for (i = 0; i < HOP_COUNT; i++)
		sum += p->hop_ns[i];
	return sum == p->t_out - p->t_seen;
}
