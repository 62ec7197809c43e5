/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cpu_list.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITS   (8 * sizeof(unsigned long))
#define LONGS  (CPU_LIST_MAX / BITS)

/* One "2" or "2-3" from *s on; *s is then behind it. */
static bool take_range(struct cpu_list *out, const char **s)
{
	long lo, hi, i;
	char *end;

	if (!isdigit((unsigned char)**s))
		return false;
	lo = hi = strtol(*s, &end, 10);
	if (*end == '-') {
		if (!isdigit((unsigned char)end[1]))
			return false;
		hi = strtol(end + 1, &end, 10);
	}
	if (hi < lo || hi >= CPU_LIST_MAX)
		return false;
	for (i = lo; i <= hi; i++)
		cpu_list_add(out, (int)i);
	*s = end;
	return true;
}

/* Up to `end`, which is where the list ends. */
static bool take_list(struct cpu_list *out, const char *s, const char *end)
{
	memset(out, 0, sizeof(*out));
	while (take_range(out, &s)) {
		if (s == end)
			return true;
		if (*s++ != ',')
			return false;
	}
	return false;
}

int cpu_list_parse(struct cpu_list *out, const char *text, struct why *why)
{
	if (!take_list(out, text, text + strlen(text)))
		return why_fail(why, EINVAL, "\"%.40s\" is not a list of CPUs: write it as 0,2-3", text);
	return 0;
}

int cpu_list_read(struct cpu_list *out, const char *text)
{
	const char *end;

	text += strspn(text, " \t\n");
	for (end = text + strlen(text); end > text && strchr(" \t\n", end[-1]); end--)
		;
	memset(out, 0, sizeof(*out));
	return text == end || take_list(out, text, end) ? 0 : -EINVAL;
}

const char *cpu_list_str(char buf[static CPU_LIST_STR_LEN], const struct cpu_list *l)
{
	size_t len = 0;
	int lo, hi, n;

	buf[0] = '\0';
	for (lo = 0; lo < CPU_LIST_MAX; lo = hi + 1) {
		for (hi = lo; cpu_list_has(l, hi) && cpu_list_has(l, hi + 1); hi++)
			;
		if (!cpu_list_has(l, lo))
			continue;
		n = snprintf(buf + len, CPU_LIST_STR_LEN - len, hi > lo ? "%s%d-%d" : "%s%d", len ? "," : "", lo, hi);
		if (len + (size_t)n > CPU_LIST_STR_LEN - 4) {
			strcpy(buf + len, "...");
			break;
		}
		len += (size_t)n;
	}
	return buf;
}

bool cpu_list_has(const struct cpu_list *l, int cpu)
{
	return cpu >= 0 && cpu < CPU_LIST_MAX && l->bits[(size_t)cpu / BITS] >> (size_t)cpu % BITS & 1;
}

bool cpu_list_empty(const struct cpu_list *l)
{
	size_t i;

	for (i = 0; i < LONGS; i++)
		if (l->bits[i])
			return false;
	return true;
}

void cpu_list_add(struct cpu_list *l, int cpu)
{
	l->bits[(size_t)cpu / BITS] |= 1ul << (size_t)cpu % BITS;
}

struct cpu_list cpu_list_or(struct cpu_list a, const struct cpu_list *b)
{
	size_t i;

	for (i = 0; i < LONGS; i++)
		a.bits[i] |= b->bits[i];
	return a;
}

struct cpu_list cpu_list_and(struct cpu_list a, const struct cpu_list *b)
{
	size_t i;

	for (i = 0; i < LONGS; i++)
		a.bits[i] &= b->bits[i];
	return a;
}

struct cpu_list cpu_list_without(struct cpu_list a, const struct cpu_list *b)
{
	size_t i;

	for (i = 0; i < LONGS; i++)
		a.bits[i] &= ~b->bits[i];
	return a;
}
