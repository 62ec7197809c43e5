/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hist.h"

#include <string.h>

#define SUB   (1u << HIST_SUB_BITS) /* buckets per power of two */
#define FIRST (2u * SUB)	    /* values below have a bucket each */

unsigned int hist_index(int64_t value)
{
	unsigned int shift;

	if (value < FIRST)
		return (unsigned int)value;
	shift = 63u - (unsigned int)__builtin_clzll((unsigned long long)value) - HIST_SUB_BITS;
	return (shift << HIST_SUB_BITS) + (unsigned int)(value >> shift);
}

int64_t hist_lower(unsigned int index)
{
	unsigned int shift = index < FIRST ? 0 : (index >> HIST_SUB_BITS) - 1;

	return (int64_t)(index - (shift << HIST_SUB_BITS)) << shift;
}

int64_t hist_upper(unsigned int index)
{
	unsigned int shift = index < FIRST ? 0 : (index >> HIST_SUB_BITS) - 1;

	return hist_lower(index) + (INT64_C(1) << shift) - 1;
}

void hist_init(struct hist *h)
{
	memset(h, 0, sizeof(*h));
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

int64_t hist_quantile(const struct hist *h, double quantile)
{
	double want = quantile * (double)h->count;
	uint64_t seen = 0;
	unsigned int i;
	int64_t v;

	if (!h->count)
		return 0;
	for (i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen && (double)seen >= want)
			break;
	}
	v = i < HIST_BUCKETS ? hist_upper(i) : h->max;
	return v > h->max ? h->max : v;
}

int hist_knows(const struct hist *h, double quantile)
{
	return (1 - quantile) * (double)h->count >= 10 - 1e-6;
}
