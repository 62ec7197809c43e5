/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/gaps.h"

bool gaps_in(const struct rec_gap *gap, size_t n, int64_t t0, int64_t t1, int64_t min_ns)
{
	size_t low = 0, high = n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (gap[mid].t_begin < t1)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low && gap[low - 1].t_end > t0; low--)
		if (gap[low - 1].t_end - gap[low - 1].t_begin >= min_ns)
			return true;
	return false;
}

void gaps_add(struct gaps_sum *sum, const struct rec_gap *gap, size_t n, int64_t t0, int64_t t1, int64_t min_ns)
{
	int64_t ns;
	size_t i;

	for (i = 0; i < n; i++) {
		ns = gap[i].t_end - gap[i].t_begin;
		if (gap[i].t_end < t0 || gap[i].t_begin > t1 || ns < min_ns)
			continue;
		sum->count++;
		sum->lost_ns += ns;
		if (ns > sum->longest_ns)
			sum->longest_ns = ns;
	}
}
