/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tc_value: words, numbers, and what stands behind a keyword of tc.
 */
#include "tsn/tc_line_pvt.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define BLANKS    " \t\r\n\v\f"

/* -- words --------------------------------------------------------------------------------------------------- */

void tc_step(struct tc_line *l)
{
	size_t n;

	for (;;) {
		if (*l->next == '\n')
			l->n_line++;
		else if (!(*l->next == '\\' && (l->next[1] == '\n' || l->next[1] == '\r')) && (!*l->next || !strchr(BLANKS, *l->next)))
			break;
		l->next++;
	}
	n = strcspn(l->next, BLANKS);
	snprintf(l->word, sizeof(l->word), "%.*s", (int)(n < TC_WORD_LEN ? n : TC_WORD_LEN - 1), l->next);
	l->next += n;
	l->n_word++;
}

int tc_refuse(struct tc_line *l, const char *fmt, ...)
{
	char text[WHY_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	why_fail(l->why, EINVAL, "%s", text);
	if (l->word[0])
		why_at(l->why, "word %d, \"%.40s\"", l->n_word, l->word);
	else
		why_at(l->why, "after word %d, at the end", l->n_word - 1);
	if (l->lines)
		why_at(l->why, "line %d", l->n_line);
	return -EINVAL;
}

/* The word as a whole number in tc's notation; `base` 0: 0x is hexadecimal, a leading 0 octal, as tc has it. */
bool tc_number(const char *word, int base, int64_t *v)
{
	char *end;

	if (!strchr("0123456789+-abcdefABCDEF", word[0]) || !word[0])
		return false;
	errno = 0;
	*v = strtoll(word, &end, base);
	return !errno && end != word && !*end;
}

static bool looks_numeric(const char *word)
{
	return word[0] && strchr("0123456789+-", word[0]);
}

static void store(void *field, size_t size, int64_t v)
{
	if (size == 1)
		*(uint8_t *)field = (uint8_t)v;
	else if (size == 2)
		*(uint16_t *)field = (uint16_t)v;
	else if (size == 4)
		*(uint32_t *)field = (uint32_t)v;
	else
		*(int64_t *)field = v;
}

/* -- values: the word is the first one behind the keyword, and the one behind the value when they return ------ */

static int read_one(struct tc_line *l, const struct tc_key *k, void *field)
{
	int64_t v;

	if (!tc_number(l->word, 0, &v))
		return tc_refuse(l, "%s needs a whole number: give %" PRId64 " to %" PRId64, k->name, k->min, k->max);
	if (v < k->min || v > k->max)
		return tc_refuse(l, "%s is out of range: give %" PRId64 " to %" PRId64, k->name, k->min, k->max);
	store(field, k->size, v);
	return 0;
}

int tc_read_number(struct tc_line *l, const struct tc_key *k, void *field)
{
	int err = read_one(l, k, field);

	if (!err)
		tc_step(l);
	return err;
}

int tc_read_list(struct tc_line *l, const struct tc_key *k, void *field)
{
	int n, err;

	if (!looks_numeric(l->word))
		return tc_refuse(l, "%s needs numbers behind it: give up to %d, one for each", k->name, QDISC_MAX_TC);
	memset(field, 0, k->size * QDISC_MAX_TC);	/* what is left away is 0, whatever the default was */
	for (n = 0; looks_numeric(l->word); n++) {
		if (n == QDISC_MAX_TC)
			return tc_refuse(l, "%s has more than %d numbers: leave the rest away", k->name, QDISC_MAX_TC);
		err = read_one(l, k, (char *)field + k->size * (size_t)n);
		if (err)
			return err;
		tc_step(l);
	}
	return 0;
}

int tc_read_flag(struct tc_line *l, const struct tc_key *k, void *field)
{
	(void)l;
	(void)k;
	*(bool *)field = true;
	return 0;
}

/* cbs has "offload 1", unlike etf. */
int tc_read_bool(struct tc_line *l, const struct tc_key *k, void *field)
{
	uint8_t v = 0;
	int err = tc_read_number(l, k, &v);

	if (!err)
		*(bool *)field = v;
	return err;
}

int tc_read_clock(struct tc_line *l, const struct tc_key *k, void *field)
{
	int32_t *clockid = field;
	int64_t v;

	*clockid = qdisc_clock_find(l->word);
	if (*clockid == QDISC_NO_CLOCK) {
		if (!tc_number(l->word, 0, &v) || v < INT_MIN || v > INT_MAX)
			return tc_refuse(l, "%s needs a clock: give CLOCK_TAI, CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME", k->name);
		*clockid = (int32_t)v;
	}
	tc_step(l);
	return 0;
}

int tc_read_queues(struct tc_line *l, const struct tc_key *k, void *field)
{
	struct qdisc_map *map = field;
	char *at, *end, *end2;
	unsigned long count, offset;
	int n;

	for (n = 0; looks_numeric(l->word); n++) {
		at = strchr(l->word, '@');
		if (n == QDISC_MAX_TC)
			return tc_refuse(l, "%s names more than %d classes: leave the rest away", k->name, QDISC_MAX_TC);
		count = strtoul(l->word, &end, 10);
		offset = at ? strtoul(at + 1, &end2, 10) : 0;
		if (!at || end != at || !at[1] || *end2 || count > UINT16_MAX || offset > UINT16_MAX)
			return tc_refuse(l, "%s are written COUNT@FIRST, a pair for each class: give e.g. 1@0 1@1 2@2", k->name);
		map->count[n] = (uint16_t)count;
		map->offset[n] = (uint16_t)offset;
		tc_step(l);
	}
	return n ? 0 : tc_refuse(l, "%s need a pair for each class: give e.g. 1@0 1@1 2@2", k->name);
}

int tc_read_fp(struct tc_line *l, const struct tc_key *k, void *field)
{
	uint16_t *preemptible = field;
	int n;

	for (n = 0; !strcmp(l->word, "E") || !strcmp(l->word, "P"); n++) {
		if (n == QDISC_MAX_TC)
			return tc_refuse(l, "%s has more than %d letters: leave the rest away", k->name, QDISC_MAX_TC);
		if (l->word[0] == 'P')
			*preemptible |= (uint16_t)(1u << n);
		tc_step(l);
	}
	return n ? 0 : tc_refuse(l, "%s needs a letter for each class: give E (express) or P (preemptible)", k->name);
}

int tc_read_max_sdu(struct tc_line *l, const struct tc_key *k, void *field)
{
	uint32_t all[QDISC_MAX_TC] = {0};
	int n, err = tc_read_list(l, k, all);

	for (n = TSN_CLASSES; !err && n < QDISC_MAX_TC; n++)
		if (all[n])
			return tc_refuse(l, "%s before this word limits class %d: only classes 0 to 7 have limits here", k->name, n);
	if (!err)
		memcpy(field, all, TSN_CLASSES * sizeof(all[0]));
	return err;
}

/* Names are numbered from 1. */
static int read_name(struct tc_line *l, const struct tc_key *k, const char *const names[2], void *field)
{
	int v;

	for (v = 0; v < 2; v++) {
		if (strcmp(l->word, names[v]))
			continue;
		store(field, k->size, v + 1);
		tc_step(l);
		return 0;
	}
	return tc_refuse(l, "this %s is unknown: give %s or %s", k->name, names[0], names[1]);
}

int tc_read_mode(struct tc_line *l, const struct tc_key *k, void *field)
{
	return read_name(l, k, (const char *const[]){"dcb", "channel"}, field);
}

int tc_read_shaper(struct tc_line *l, const struct tc_key *k, void *field)
{
	return read_name(l, k, (const char *const[]){"dcb", "bw_rlimit"}, field);
}

/* tc's rates: bit/s with an optional SI or binary unit; bps means bytes. */
static bool rate(const char *word, uint64_t *bytes)
{
	static const struct {
		const char *unit;
		double bits;
	} units[] = {
		{"", 1},       {"bit", 1},     {"kbit", 1e3}, {"mbit", 1e6},  {"gbit", 1e9},  {"tbit", 1e12},
		{"bps", 8},    {"kbps", 8e3},  {"mbps", 8e6}, {"gbps", 8e9},  {"tbps", 8e12}, {"kibit", 1024},
		{"mibit", 1024.0 * 1024}, {"gibit", 1024.0 * 1024 * 1024},
	};
	char *end;
	double v = strtod(word, &end);
	size_t i;

	for (i = 0; i < COUNT(units); i++) {
		if (strcasecmp(end, units[i].unit))
			continue;
		v = v * units[i].bits / 8;
		*bytes = v >= 0 && v < 1e18 ? (uint64_t)v : 0;
		return end != word && v >= 0 && v < 1e18;
	}
	return false;
}

int tc_read_rates(struct tc_line *l, const struct tc_key *k, void *field)
{
	struct qdisc_mqprio *m = &l->q->mqprio;
	uint8_t *n = field;
	uint64_t *rates = n == &m->n_min_rate ? m->min_rate : m->max_rate;

	for (; looks_numeric(l->word); tc_step(l)) {
		if (*n == QDISC_MAX_TC)
			return tc_refuse(l, "%s has more than %d rates: leave the rest away", k->name, QDISC_MAX_TC);
		if (!rate(l->word, &rates[*n]))
			return tc_refuse(l, "%s is no rate: give e.g. 100Mbit, one for each class", k->name);
		(*n)++;
	}
	return *n ? 0 : tc_refuse(l, "%s needs a rate for each class: give e.g. 100Mbit", k->name);
}
