/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ns: instants and durations.
 *
 * Every instant is TAI nanoseconds since 1970-01-01 in an int64_t named t_x; every duration is an int64_t named
 * x_ns. Both reach 292 years. Units change when something is printed or parsed, nowhere else.
 */
#ifndef TAKT_BASE_NS_H
#define TAKT_BASE_NS_H

#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

#define NS_PER_US  INT64_C(1000)
#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_SEC INT64_C(1000000000)
#define NS_NEVER   INT64_MAX	/* an instant that does not come */
#define NS_STR_LEN 32		/* room for any ns_str() */

/*
 * Parse a duration: a decimal number with a unit ns, us, ms, s (min, h), or a bare integer, which is ns.
 * "125us", "1.5 ms", "-20us", "250000". Fractions of a nanosecond are refused (-EINVAL),
 * and so is what does not fit (-ERANGE); *out is untouched then.
 */
int ns_parse(int64_t *out, const char *text, struct why *why);

/* The same of what a person types: a bare integer above 0 is refused, too, for who writes 5 seldom means 5 ns. */
int ns_parse_unit(int64_t *out, const char *text, struct why *why);

/* Print a duration with three significant digits and its unit ("873 ns", "12.4 us", "1.00 s", NS_NEVER as "never"); returns buf. */
const char *ns_str(char buf[static NS_STR_LEN], int64_t ns);

/* Print a duration exactly, in the largest unit that divides it ("100us", "1ms", "672ns"): ns_parse() reads it back. */
const char *ns_exact(char buf[static NS_STR_LEN], int64_t ns);

/* Floor division and the remainder that goes with it (always 0 <= mod < d), d > 0: for configuration, not the hot path. */
static inline int64_t ns_div_floor(int64_t a, int64_t d)
{
	int64_t q = a / d;

	return q - (a % d < 0);
}

static inline int64_t ns_mod(int64_t a, int64_t d)
{
	int64_t r = a % d;

	return r < 0 ? r + d : r;
}

#endif
