/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_wakes.h"

#include <math.h>

uint64_t host_wakes_lower(uint32_t bucket)
{
	uint32_t shift;

	if (bucket < 2u << HOST_SUB)
		return bucket;
	shift = (bucket >> HOST_SUB) - 1;
	return (uint64_t)((bucket & ((1u << HOST_SUB) - 1)) | 1u << HOST_SUB) << shift;
}

uint64_t host_wakes_upper(uint32_t bucket)
{
	return bucket + 1 < HOST_BUCKETS ? host_wakes_lower(bucket + 1) - 1 : UINT64_MAX;
}

uint64_t host_wakes_quantile(const struct host_wakes *w, double quantile)
{
	uint64_t count = 0, wanted, below = 0;
	uint32_t i;

	for (i = 0; i < HOST_BUCKETS; i++)
		count += w->bucket[i];
	if (!count || (1 - quantile) * (double)count < 10)
		return 0;
	wanted = (uint64_t)ceil(quantile * (double)count);
	for (i = 0; i < HOST_BUCKETS; i++) {
		below += w->bucket[i];
		if (below >= wanted)
			return host_wakes_upper(i);
	}
	return 0;
}
