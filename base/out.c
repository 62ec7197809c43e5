/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/out.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void out_init(struct out *o, FILE *f, bool json)
{
	const char *no_colour = getenv("NO_COLOR");

	memset(o, 0, sizeof(*o));
	o->f = f;
	o->json = json;
	o->colour = !json && isatty(fileno(f)) && !(no_colour && *no_colour);
	o->first[0] = true;
}

static void check(struct out *o, int rc)
{
	if (rc < 0 && !o->err)
		o->err = errno ? errno : EIO;
}

#define PUT(o, ...) check(o, fprintf((o)->f, __VA_ARGS__))

/* Length of the well-formed UTF-8 sequence at s (RFC 3629: shortest form, no surrogates, up to U+10FFFF), 0 when there is none. */
static int utf8_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last;	/* range of the first byte */
		unsigned char low, high;	/* range of the second */
		int len;
	} forms[] = {
		{0x00, 0x7f, 0, 0, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t i;
	int k;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (forms[i].len > 1 && (s[1] < forms[i].low || s[1] > forms[i].high))
			return 0;
		for (k = 2; k < forms[i].len; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return forms[i].len;
	}
	return 0;
}

static void put_string(struct out *o, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	int len;

	PUT(o, "\"");
	for (; *s; s += len ? len : 1) {
		len = utf8_len(s);
		if (!len)
			PUT(o, "\\ufffd");	/* a name from outside may hold anything; JSON may not */
		else if (*s == '"' || *s == '\\')
			PUT(o, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			PUT(o, "\\u%04x", *s);
		else
			PUT(o, "%.*s", len, (const char *)s);
	}
	PUT(o, "\"");
}

/* What stands before a value: a comma when it is not the first, and its key inside an object. */
static void put_key(struct out *o, const char *key)
{
	if (!o->first[o->depth])
		PUT(o, "%s", o->depth ? ", " : "\n");
	o->first[o->depth] = false;
	if (!o->depth || o->close[o->depth] != '}')
		return;
	put_string(o, key ? key : "");
	PUT(o, ": ");
}

static void open_level(struct out *o, const char *key, char open, char close)
{
	assert(o->depth < OUT_DEPTH - 1);
	if (o->json) {
		put_key(o, key);
		PUT(o, "%c", open);
	}
	o->depth++;
	o->close[o->depth] = close;
	o->first[o->depth] = true;
}

void out_object(struct out *o, const char *key)
{
	open_level(o, key, '{', '}');
}

void out_array(struct out *o, const char *key)
{
	open_level(o, key, '[', ']');
}

void out_end(struct out *o)
{
	assert(o->depth > 0);
	if (o->json)
		PUT(o, "%c", o->close[o->depth]);
	o->depth--;
	if (o->json && !o->depth) {
		PUT(o, "\n");
		o->first[0] = true;
	}
}

/* In text mode print `text`; in JSON mode its value was printed before. */
#define PUT_TEXT(o, text)						\
	do {								\
		va_list ap;						\
									\
		if ((o)->json || !(text))				\
			break;						\
		va_start(ap, text);					\
		check(o, vfprintf((o)->f, text, ap));			\
		va_end(ap);						\
	} while (0)

#define PUT_VALUE(o, key, ...)						\
	do {								\
		if (!(o)->json)						\
			break;						\
		put_key(o, key);					\
		PUT(o, __VA_ARGS__);					\
	} while (0)

void out_int(struct out *o, const char *key, int64_t v, const char *text, ...)
{
	PUT_VALUE(o, key, "%" PRId64, v);
	PUT_TEXT(o, text);
}

void out_uint(struct out *o, const char *key, uint64_t v, const char *text, ...)
{
	PUT_VALUE(o, key, "%" PRIu64, v);
	PUT_TEXT(o, text);
}

void out_real(struct out *o, const char *key, double v, const char *text, ...)
{
	char number[32];

	if (isfinite(v)) {
		snprintf(number, sizeof(number), "%.15g", v);
		if (strtod(number, NULL) != v)
			snprintf(number, sizeof(number), "%.17g", v);
	} else {
		snprintf(number, sizeof(number), "null");	/* JSON has no other word for it */
	}
	PUT_VALUE(o, key, "%s", number);
	PUT_TEXT(o, text);
}

void out_bool(struct out *o, const char *key, bool v, const char *text, ...)
{
	PUT_VALUE(o, key, "%s", v ? "true" : "false");
	PUT_TEXT(o, text);
}

void out_str(struct out *o, const char *key, const char *v, const char *text, ...)
{
	if (o->json) {
		put_key(o, key);
		if (v)
			put_string(o, v);
		else
			PUT(o, "null");
	}
	PUT_TEXT(o, text);
}

void out_null(struct out *o, const char *key, const char *text, ...)
{
	PUT_VALUE(o, key, "null");
	PUT_TEXT(o, text);
}

void out_text(struct out *o, const char *text, ...)
{
	PUT_TEXT(o, text);
}

int out_fini(struct out *o)
{
	while (o->depth)
		out_end(o);
	if (o->json && !o->first[0])
		PUT(o, "\n");
	errno = 0;
	check(o, fflush(o->f));
	if (ferror(o->f))
		check(o, -1);
	return -o->err;
}

const char *out_style(const struct out *o, enum out_style style)
{
	static const char *const codes[] = {
		[OUT_PLAIN] = "\033[0m", [OUT_BOLD] = "\033[1m", [OUT_DIM] = "\033[2m",
		[OUT_RED] = "\033[31m", [OUT_GREEN] = "\033[32m", [OUT_YELLOW] = "\033[33m",
	};

	return o->colour ? codes[style] : "";
}
