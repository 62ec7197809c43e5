/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/ns.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{"ns", 1}, {"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_SEC}, {"min", 60 * NS_PER_SEC}, {"h", 3600 * NS_PER_SEC},
};

#define N_UNITS (sizeof(units) / sizeof(units[0]))

/* The unit's length in ns; none is ns, an unknown one is 0. */
static int64_t unit_ns(const char *text)
{
	size_t i;

	if (!*text)
		return 1;
	for (i = 0; i < N_UNITS; i++)
		if (!strcmp(text, units[i].name))
			return units[i].ns;
	return 0;
}

/* whole.fraction * unit, exactly. -ERANGE beyond 64 bits, -EDOM when something smaller than a nanosecond is left. */
static int scale(int64_t *out, int64_t whole, int64_t fraction, int64_t divisor, int64_t unit)
{
	int64_t v, part;

	if (__builtin_mul_overflow(whole, unit, &v) || __builtin_mul_overflow(fraction, unit, &part))
		return -ERANGE;
	if (part % divisor)
		return -EDOM;
	return __builtin_add_overflow(v, part / divisor, out) ? -ERANGE : 0;
}

/* Digits at *p into *v; how many there were. -1 when they do not fit. */
static int digits(const char **p, int64_t *v, int64_t *power)
{
	int n = 0;

	for (*v = 0, *power = 1; isdigit((unsigned char)**p); (*p)++, n++)
		if (__builtin_mul_overflow(*v, 10, v) || __builtin_add_overflow(*v, **p - '0', v) ||
		    __builtin_mul_overflow(*power, 10, power))
			return -1;
	return n;
}

int ns_parse(int64_t *out, const char *text, struct why *why)
{
	int64_t whole, fraction = 0, divisor = 1, power, v = 0;
	const char *p = text;
	bool negative;
	int n, m = 0, err;

	while (isspace((unsigned char)*p))
		p++;
	negative = *p == '-';
	p += negative || *p == '+';
	n = digits(&p, &whole, &power);
	if (*p == '.' && n >= 0) {
		p++;
		m = digits(&p, &fraction, &divisor);
	}
	if (n < 0 || m < 0)
		return why_fail(why, ERANGE, "\"%s\" is too large for a duration: the most is 292 years", text);
	while (isspace((unsigned char)*p))
		p++;
	if (n + m == 0 || !unit_ns(p))
		return why_fail(why, EINVAL, "\"%s\" is no duration: write a number and ns, us, ms, s, min or h, e.g. 125us", text);
	err = scale(&v, whole, fraction, divisor, unit_ns(p));
	if (err == -EDOM)
		return why_fail(why, EINVAL, "\"%s\" is no whole number of nanoseconds: round it", text);
	if (err)
		return why_fail(why, ERANGE, "\"%s\" is too large for a duration: the most is 292 years", text);
	*out = negative ? -v : v;
	return 0;
}

const char *ns_str(char buf[static NS_STR_LEN], int64_t ns)
{
	double v = (double)ns;
	double a = v < 0 ? -v : v;

	if (a < 1e3)
		snprintf(buf, NS_STR_LEN, "%" PRId64 " ns", ns);
	else if (a < 1e6)
		snprintf(buf, NS_STR_LEN, a < 1e5 ? "%.2f us" : "%.1f us", v / 1e3);
	else if (a < 1e9)
		snprintf(buf, NS_STR_LEN, a < 1e8 ? "%.2f ms" : "%.1f ms", v / 1e6);
	else
		snprintf(buf, NS_STR_LEN, "%.2f s", v / 1e9);
	return buf;
}

const char *ns_exact(char buf[static NS_STR_LEN], int64_t ns)
{
	size_t i = 3; /* seconds: minutes and hours would read oddly for base times */

	while (i && (ns % units[i].ns || !ns))
		i--;
	snprintf(buf, NS_STR_LEN, "%" PRId64 "%s", ns / units[i].ns, units[i].name);
	return buf;
}
