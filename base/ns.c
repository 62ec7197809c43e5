/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/ns.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_DIGITS 19	/* of the whole part or the fraction: INT64_MAX has 19, and products with an hour stay within 128 bits */

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

/* Digits at *p, *p moved behind them; their number without leading zeros. With more than MAX_DIGITS the value is useless. */
static int read_digits(const char **p, __int128 *value)
{
	int n = 0;

	for (*value = 0; **p >= '0' && **p <= '9'; (*p)++) {
		if (*value || **p != '0')
			n++;
		if (n <= MAX_DIGITS)
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

static int too_long(const char *text, struct why *why)
{
	return why_fail(why, ERANGE, "\"%.40s\" is too long: a duration reaches 292 years", text);
}

static int no_unit(const char *text, struct why *why)
{
	return why_fail(why, EINVAL, "\"%.40s\" has no unit: write ns, us, ms, s, min or h behind it", text);
}

/* ".25" at *p, *p moved behind it: *value / *scale. Zeros at the end are not looked at. */
static int read_fraction(const char **p, __int128 *value, __int128 *scale, const char *text, struct why *why)
{
	const char *start = *p + 1;
	int n = 0, i;

	for (*p = start; **p >= '0' && **p <= '9'; (*p)++)
		n++;
	if (!n)
		return why_fail(why, EINVAL, "\"%.40s\" is no duration: a digit is missing after the point", text);
	while (n && start[n - 1] == '0')
		n--;
	if (n > MAX_DIGITS)
		return why_fail(why, EINVAL, "\"%.40s\" is finer than a nanosecond: round it", text);
	*scale = power_of_ten(n);
	for (*value = 0, i = 0; i < n; i++)
		*value = *value * 10 + (start[i] - '0');
	return 0;
}

int ns_parse(int64_t *out, const char *text, struct why *why)
{
	const char *p = text + strspn(text, " \t");
	const struct unit *unit = units;
	__int128 whole, fraction = 0, scale = 1, v;
	bool negative = *p == '-';
	bool pointed = false;
	int digits, err;

	p += negative || *p == '+';
	if (*p < '0' || *p > '9')
		return why_fail(why, EINVAL, "\"%.40s\" is no duration: write a number and a unit, e.g. 250us", text);
	digits = read_digits(&p, &whole);
	if (*p == '.') {
		pointed = true;
		err = read_fraction(&p, &fraction, &scale, text, why);
		if (err)
			return err;
	}
	p += strspn(p, " \t");
	if (*p)
		unit = find_unit(p);
	if (!unit)
		return why_fail(why, EINVAL, "\"%.40s\" ends in no unit: use ns, us, ms, s, min or h", text);
	if (pointed && !*p)
		return no_unit(text, why);
	if (fraction * unit->ns % scale)
		return why_fail(why, EINVAL, "\"%.40s\" is finer than a nanosecond: round it", text);
	v = whole * unit->ns + fraction * unit->ns / scale;
	if (digits > MAX_DIGITS || v > INT64_MAX)
		return too_long(text, why);
	*out = negative ? -(int64_t)v : (int64_t)v;
	return 0;
}

int ns_parse_unit(int64_t *out, const char *text, struct why *why)
{
	int64_t v;
	int err = ns_parse(&v, text, why);

	if (err)
		return err;
	if (v > 0 && !strpbrk(text, "nsumh"))	/* each unit has one of these */
		return no_unit(text, why);
	*out = v;
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
