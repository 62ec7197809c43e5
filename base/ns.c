/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/ns.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_DIGITS 18	/* of a whole part or a fraction: keeps every product below within 128 bits */

struct unit {
	const char *name;
	int64_t ns;
};

static const struct unit units[] = {
	{"ns", 1}, {"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_SEC},
	{"min", 60 * NS_PER_SEC}, {"h", 3600 * NS_PER_SEC},
};

#define N_UNITS (sizeof(units) / sizeof(units[0]))
#define N_PRINTED 4	/* min and h are read, not printed */

static const struct unit *find_unit(const char *name)
{
	size_t i;

	for (i = 0; i < N_UNITS; i++)
		if (!strcmp(units[i].name, name))
			return &units[i];
	return NULL;
}

/* Digits at *p to *value, *p moved behind them; their number. Beyond MAX_DIGITS the value is useless, the number says so. */
static int read_digits(const char **p, int64_t *value)
{
	int n = 0;

	for (*value = 0; **p >= '0' && **p <= '9'; (*p)++) {
		if (*value || **p != '0')
			n++;
		if (n <= MAX_DIGITS + 1)
			*value = *value * 10 + (**p - '0');
	}
	return n;
}

static __int128 power_of_ten(int n)
{
	__int128 p = 1;

	while (n--)
		p *= 10;
	return p;
}

int ns_parse(int64_t *out, const char *text, struct why *why)
{
	const char *p = text + strspn(text, " \t");
	const struct unit *unit = units;
	int64_t whole = 0, frac = 0;
	bool negative = *p == '-';
	bool fraction = false;
	int frac_digits = 0;
	__int128 v, scale;
	const char *start;

	if (*p == '-' || *p == '+')
		p++;
	start = p;
	if (*p < '0' || *p > '9')
		return why_fail(why, EINVAL, "\"%.40s\" is not a duration: write a number and a unit, e.g. 250us", text);
	if (read_digits(&p, &whole) > MAX_DIGITS + 1)
		return why_fail(why, ERANGE, "\"%.40s\" is too long: a duration reaches 292 years", text);
	if (*p == '.') {
		start = ++p;
		while (*p >= '0' && *p <= '9')
			p++;
		frac_digits = (int)(p - start);
		while (frac_digits && start[frac_digits - 1] == '0')
			frac_digits--;
		fraction = true;
		if (p == start)
			return why_fail(why, EINVAL, "\"%.40s\" is not a duration: a digit is missing after the point", text);
	}
	p += strspn(p, " \t");
	if (*p)
		unit = find_unit(p);
	if (!unit)
		return why_fail(why, EINVAL, "\"%.40s\" ends in an unknown unit: use ns, us, ms, s, min or h", text);
	if (fraction && !*p)
		return why_fail(why, EINVAL, "\"%.40s\" has no unit: write ns, us, ms, s, min or h behind it", text);
	if (frac_digits > MAX_DIGITS)
		return why_fail(why, EINVAL, "\"%.40s\" is finer than a nanosecond", text);
	scale = power_of_ten(frac_digits);
	if (frac_digits)
		for (v = 0; v < frac_digits; v++)
			frac = frac * 10 + (start[v] - '0');
	v = (__int128)frac * unit->ns;
	if (v % scale)
		return why_fail(why, EINVAL, "\"%.40s\" is finer than a nanosecond", text);
	v = (__int128)whole * unit->ns + v / scale;
	if (v > INT64_MAX)
		return why_fail(why, ERANGE, "\"%.40s\" is too long: a duration reaches 292 years", text);
	*out = negative ? -(int64_t)v : (int64_t)v;
	return 0;
}

const char *ns_str(char buf[static NS_STR_LEN], int64_t ns)
{
	double v = ns < 0 ? -(double)ns : (double)ns;
	const char *sign = ns < 0 ? "-" : "";
	size_t i;

	if (ns == NS_NEVER)
		snprintf(buf, NS_STR_LEN, "never");
	else if (v < 1000)
		snprintf(buf, NS_STR_LEN, "%" PRId64 " ns", ns);
	if (ns == NS_NEVER || v < 1000)
		return buf;
	/* 999.6 us rounds to 1000: it is 1.00 ms, so the unit is chosen by the rounded value. */
	for (i = 1; i < N_PRINTED - 1 && v / (double)units[i].ns >= 999.5; i++)
		;
	v /= (double)units[i].ns;
	snprintf(buf, NS_STR_LEN, "%s%.*f %s", sign, v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v, units[i].name);
	return buf;
}

const char *ns_exact(char buf[static NS_STR_LEN], int64_t ns)
{
	size_t i = N_PRINTED - 1;

	while (ns % units[i].ns || (!ns && i))
		i--;
	snprintf(buf, NS_STR_LEN, "%" PRId64 "%s", ns / units[i].ns, units[i].name);
	return buf;
}
