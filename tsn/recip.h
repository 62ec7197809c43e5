/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recip: divide by a number that changes seldom, without dividing: multiply by its reciprocal, shift.
 *
 * Exact, not nearly: for 2^(l-1) < d <= 2^l and m = ceil(2^(62+l) / d), m * d is over 2^(62+l) by less than d <= 2^l,
 * so for n < 2^62 the floor of n * m / 2^(62+l) is the floor of n / d (Granlund and Montgomery, "Division by Invariant
 * Integers using Multiplication", theorem 4.2). No correction step is needed.
 *
 * recip_init() divides: for configuration and changes of schedule. Pure; any thread.
 */
#ifndef TAKT_TSN_RECIP_H
#define TAKT_TSN_RECIP_H

#include <stdint.h>

#define RECIP_MAX_N (INT64_C(1) << 62)	/* dividends are below */
#define RECIP_MAX_D (INT64_C(1) << 62)	/* divisors are 1 to this */

struct recip {
	uint64_t mul;
	uint8_t shift;
};

static inline void recip_init(struct recip *r, int64_t d)
{
	unsigned int l = d > 1 ? 64u - (unsigned int)__builtin_clzll((uint64_t)d - 1) : 0;

	r->shift = (uint8_t)(62 + l);
	r->mul = (uint64_t)((((unsigned __int128)1 << r->shift) + (uint64_t)d - 1) / (uint64_t)d);
}

/* floor(n / d) for 0 <= n < RECIP_MAX_N. */
static inline int64_t recip_div(const struct recip *r, int64_t n)
{
	return (int64_t)((unsigned __int128)r->mul * (uint64_t)n >> r->shift);
}

#endif
