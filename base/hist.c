/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hist.h"

#include <string.h>

#define SUB (1u << HIST_SUB_BITS)
#define KNOWN_ABOVE 10	/* values that must lie above a quantile before it is worth a number */

void hist_init(struct hist *h)
{
	memset(h, 0, sizeof(*h));
}

unsigned int hist_index(int64_t value)
{
	unsigned int shift;

	if (value < 2 * SUB)
		return (unsigned int)value;
	shift = 63 - (unsigned int)__builtin_clzll((uint64_t)value) - HIST_SUB_BITS;
	return (shift << HIST_SUB_BITS) + (unsigned int)(value >> shift);
}

int64_t hist_lower(unsigned int index)
{
	if (index < 2 * SUB)
		return index;
	return (int64_t)(SUB + index % SUB) << (index / SUB - 1);
}

int64_t hist_upper(unsigned int index)
{
	if (index < 2 * SUB)
		return index;
	return hist_lower(index) + ((INT64_C(1) << (index / SUB - 1)) - 1);
}

void hist_add(struct hist *h, int64_t value)
{
	if (value < 0) {
		h->negative++;
		return;
	}
	if (!h->count || value < h->min)
		h->min = value;
	if (!h->count || value > h->max)
		h->max = value;
	h->count++;
	h->sum += (double)value;
	h->bucket[hist_index(value)]++;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	unsigned int i;

	into->negative += from->negative;
	if (!from->count)
		return;
	if (!into->count || from->min < into->min)
		into->min = from->min;
	if (!into->count || from->max > into->max)
		into->max = from->max;
	into->count += from->count;
	into->sum += from->sum;
	for (i = 0; i < HIST_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
}

/* How many values, in ascending order, the quantile asks for: 1..count. */
static uint64_t rank_of(const struct hist *h, double quantile)
{
	/* 0.07 * 100 is 7.000000000000001 in a double: a hair is taken off, so that it asks for 7 and not for 8. */
	double want = quantile * (double)h->count * (1 - 1e-12);
	uint64_t rank = want > 0 ? (uint64_t)want : 0;

	if ((double)rank < want)
		rank++;
	if (rank < 1)
		rank = 1;
	return rank < h->count ? rank : h->count;
}

int64_t hist_quantile(const struct hist *h, double quantile)
{
	uint64_t rank, seen = 0;
	unsigned int i;

	if (!h->count)
		return 0;
	rank = rank_of(h, quantile);
	for (i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank)
			return hist_upper(i) < h->max ? hist_upper(i) : h->max;
	}
	return h->max;
}

int hist_knows(const struct hist *h, double quantile)
{
	return h->count && h->count - rank_of(h, quantile) >= KNOWN_ABOVE;
}
