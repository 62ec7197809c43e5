/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/wire.h"

#include <errno.h>
#include <inttypes.h>

#define FIT_ALL INT64_C(1000000000000) /* ns: any frame fits in a quarter of an hour; the product below stays in range */

int wire_init(struct wire *w, int64_t rate_bps, struct why *why)
{
	if (rate_bps < WIRE_MIN_BPS || rate_bps > WIRE_MAX_BPS)
		return why_fail(why, ERANGE, "link-speed %" PRId64 " bit/s is out of range: give %" PRId64 " to %" PRId64, rate_bps,
				WIRE_MIN_BPS, WIRE_MAX_BPS);
	w->rate_bps = rate_bps;
	w->ps_per_byte = (INT64_C(8000000000000) + rate_bps - 1) / rate_bps;
	return 0;
}

uint32_t wire_fit(const struct wire *w, int64_t ns)
{
	int64_t bytes;

	if (ns >= FIT_ALL)
		return UINT32_MAX;
	bytes = ns * 1000 / w->ps_per_byte - WIRE_OVERHEAD - WIRE_FCS;
	if (bytes > UINT32_MAX)
		return UINT32_MAX;
	return bytes < WIRE_MIN_FRAME ? 0 : (uint32_t)bytes;
}
