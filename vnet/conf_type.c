/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/conf_type.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ns.h"
#include "vnet/conf.h"

int conf_refuse(const struct conf_at *at, int line, const char *key, const char *fmt, ...)
{
	char sentence[WHY_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return why_fail(at->why, EINVAL, "%s:%d: %s%s%s", at->where, line, key ? key : "", key ? ": " : "", sentence);
}

static int refuse_kind(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, const char *wanted)
{
	if (n->kind != YML_SCALAR)
		return conf_refuse(at, n->line, k->key, "is %s: give %s", yml_kind_name(n), wanted);
	return conf_refuse(at, n->line, k->key, "\"%.80s\" is wrong: give %s", n->text, wanted);
}

/* -- text -------------------------------------------------------------------------------------------------- */

static int read_text(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	const char *s;

	if (n->kind != YML_SCALAR || !n->text[0])
		return refuse_kind(at, k, n, "some text");
	if (strlen(n->text) >= (size_t)k->max)
		return conf_refuse(at, n->line, k->key, "\"%.80s\" is too long: at most %" PRId64 " characters",
				   n->text, k->max - 1);
	for (s = n->text; *s; s++)
		if (iscntrl((unsigned char)*s))
			return conf_refuse(at, n->line, k->key, "has a control character in it: take it out");
	snprintf(field, (size_t)k->max, "%s", n->text);
	return 0;
}

static int read_name(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	const char *s;

	if (n->kind != YML_SCALAR || !n->text[0])
		return refuse_kind(at, k, n, "a name");
	for (s = n->text; *s; s++)
		if (!isalnum((unsigned char)*s) && (s == n->text || !strchr("-_.", *s)))
			return refuse_kind(
				at, k, n,
				"a name that begins with a letter or digit and has only those and - _ . in it");
	return read_text(at, k, n, field);
}

static int read_path(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	if (n->kind != YML_SCALAR || n->text[0] != '/')
		return refuse_kind(at, k, n, "a path that begins with /");
	return read_text(at, k, n, field);
}

static bool is_plain(const char *text)
{
	struct yml_node n = {.kind = YML_SCALAR, .text = text};
	const char *s;
	bool b;

	if ((!isalpha((unsigned char)text[0]) && text[0] != '/') || !yml_bool(&n, &b) || !strcmp(text, "null"))
		return false;
	for (s = text; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("/_.-", *s))
			return false;
	return true;
}

void conf_print_text(const char *text, FILE *f, int indent)
{
	const char *s;

	if (indent != CONF_JSON && is_plain(text)) {
		fputs(text, f);
		return;
	}
	fputc('"', f);
	for (s = text; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void print_text(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_print_text(field, f, indent);
}

const struct conf_type conf_type_text = {.name = "text", .read = read_text, .print = print_text};
const struct conf_type conf_type_name = {.name = "name", .read = read_name, .print = print_text};
const struct conf_type conf_type_path = {.name = "path", .read = read_path, .print = print_text};

/* -- numbers ----------------------------------------------------------------------------------------------- */

int conf_read_int(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, int64_t *out)
{
	int64_t v;

	if (yml_int(n, &v))
		return refuse_kind(at, k, n, "a whole number, decimal or 0x...");
	if (!v && k->flags & CONF_OR_0) {
		*out = 0;
		return 0;
	}
	if (v < k->min || v > k->max)
		return conf_refuse(at, n->line, k->key, "%" PRId64 " is out of range: give %" PRId64 " to %" PRId64 "%s",
				   v, k->min, k->max, k->flags & CONF_OR_0 ? ", or 0" : "");
	if ((k->flags & CONF_POW2) && (v & (v - 1)))
		return conf_refuse(at, n->line, k->key, "%" PRId64 " is no power of two: give 1024, 2048, ...", v);
	*out = v;
	return 0;
}

static int read_int(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	return conf_read_int(at, k, n, field);
}

static void print_int(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	(void)indent;
	fprintf(f, "%" PRId64, *(const int64_t *)field);
}

const struct conf_type conf_type_int = {.name = "whole number", .read = read_int, .print = print_int};

int conf_read_ns(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, int64_t *out)
{
	char low[NS_STR_LEN], high[NS_STR_LEN];
	struct why why = {""};
	int64_t v;

	if (n->kind != YML_SCALAR)
		return refuse_kind(at, k, n, "a duration such as 20us, or nanoseconds");
	if (ns_parse(&v, n->text, &why))
		return conf_refuse(at, n->line, k->key, "%s", why.text);
	if (v < k->min || v > k->max)
		return conf_refuse(at, n->line, k->key, "%.64s is out of range: give %s to %s", n->text,
				   ns_exact(low, k->min), ns_exact(high, k->max));
	*out = v;
	return 0;
}

static int read_ns(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	return conf_read_ns(at, k, n, field);
}

void conf_print_ns(int64_t ns, FILE *f, int indent)
{
	char buf[NS_STR_LEN];

	fprintf(f, indent == CONF_JSON ? "\"%s\"" : "%s", ns_exact(buf, ns));
}

static void print_ns(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_print_ns(*(const int64_t *)field, f, indent);
}

const struct conf_type conf_type_ns = {.name = "duration", .read = read_ns, .print = print_ns};

static const struct {
	const char *unit;
	int64_t bps;
} speeds[] = {
	{"Gb/s", 1000000000}, {"Mb/s", 1000000}, {"kb/s", 1000}, {"b/s", 1}, {"Gbit/s", 1000000000}, {"Mbit/s", 1000000}, {"", 1},
};

/* "2.5Gb/s": digits, at most nine of them behind the point, and a unit. -1 when it is no speed. */
int64_t conf_speed(const char *text)
{
	const char *s = text;
	int64_t value = 0, scale = 1;
	bool point = false;
	size_t i;

	if (!isdigit((unsigned char)*s))
		return -1;
	for (; isdigit((unsigned char)*s) || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		if (value > INT64_C(1000000000000) || scale > INT64_C(100000000))
			return -1;
		value = value * 10 + (*s - '0');
		scale *= point ? 10 : 1;
	}
	while (*s == ' ')
		s++;
	for (i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (!strcasecmp(s, speeds[i].unit)) {
			if (value > INT64_MAX / speeds[i].bps || value * speeds[i].bps % scale)
				return -1;
			return value * speeds[i].bps / scale;
		}
	return -1;
}

static void print_speed(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	int64_t bps = *(const int64_t *)field;
	size_t i = 0;

	(void)k;
	while (bps % speeds[i].bps)
		i++;
	fprintf(f, indent == CONF_JSON ? "\"%" PRId64 "%s\"" : "%" PRId64 "%s", bps / speeds[i].bps, speeds[i].unit);
}

int conf_parse_speed(int64_t *out, const char *text, struct why *why)
{
	int64_t bps = conf_speed(text);

	if (bps < WIRE_MIN_BPS || bps > WIRE_MAX_BPS)
		return why_fail(why, EINVAL,
				"\"%.32s\" is wrong: give a speed from 1Mb/s to 400Gb/s, such as 100Mb/s, 2.5Gb/s "
				"or 1000000000",
				text);
	*out = bps;
	return 0;
}

static int read_speed(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct why why = {""};

	if (n->kind != YML_SCALAR)
		return refuse_kind(at, k, n, "a speed such as 1Gb/s");
	if (conf_parse_speed(field, n->text, &why))
		return conf_refuse(at, n->line, k->key, "%s", why.text);
	return 0;
}

const struct conf_type conf_type_speed = {.name = "speed", .read = read_speed, .print = print_speed};

/* -- choices ----------------------------------------------------------------------------------------------- */

static int read_bool(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	if (yml_bool(n, field))
		return refuse_kind(at, k, n, "yes or no");
	return 0;
}

static void print_bool(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	(void)indent;
	fputs(*(const bool *)field ? "true" : "false", f);
}

const struct conf_type conf_type_bool = {.name = "yes or no", .read = read_bool, .print = print_bool};

static int read_choice(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	char wanted[128] = "";
	unsigned int i;

	for (i = 0; k->words[i]; i++) {
		if (n->kind == YML_SCALAR && !strcmp(n->text, k->words[i])) {
			*(unsigned int *)field = i;
			return 0;
		}
		snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s%s", i ? " or " : "",
			 k->words[i]);
	}
	return refuse_kind(at, k, n, wanted);
}

static void print_choice(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	conf_print_text(k->words[*(const unsigned int *)field], f, indent);
}

const struct conf_type conf_type_choice = {.name = "choice", .read = read_choice, .print = print_choice};
