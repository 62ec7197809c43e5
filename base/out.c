/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/out.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

void out_init(struct out *o, FILE *f, bool json)
{
	*o = (struct out){.f = f, .json = json, .first = {true}};
	o->colour = !json && isatty(fileno(f)) && !getenv("NO_COLOR");
}

static void put_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if (*s == '\n')
			fputs("\\n", f);
		else if ((unsigned char)*s < 0x20)
			fprintf(f, "\\u%04x", *s);
		else
			fputc(*s, f);
	}
	fputc('"', f);
}

/* Comma and key of the next member. */
static void member(struct out *o, const char *key)
{
	if (!o->first[o->depth])
		fputc(',', o->f);
	o->first[o->depth] = false;
	if (o->depth)
		fputc(' ', o->f);
	if (key) {
		put_string(o->f, key);
		fputs(": ", o->f);
	}
}

static void nest(struct out *o, const char *key, char open, char close)
{
	if (!o->json)
		return;
	member(o, key);
	fputc(open, o->f);
	o->close[++o->depth] = close;
	o->first[o->depth] = true;
}

void out_object(struct out *o, const char *key)
{
	nest(o, key, '{', '}');
}

void out_array(struct out *o, const char *key)
{
	nest(o, key, '[', ']');
}

void out_end(struct out *o)
{
	if (!o->json)
		return;
	fputc(o->close[o->depth--], o->f);
}

static void put_text(struct out *o, const char *text, va_list ap)
{
	if (!o->json && text)
		vfprintf(o->f, text, ap);
}

/* Text for people; true when the value is to follow as JSON. */
#define EITHER(o, key, text)             \
	do {                             \
		va_list ap;              \
		va_start(ap, text);      \
		put_text(o, text, ap);   \
		va_end(ap);              \
		if (!(o)->json)          \
			return;          \
		member(o, key);          \
	} while (0)

void out_int(struct out *o, const char *key, int64_t v, const char *text, ...)
{
	EITHER(o, key, text);
	fprintf(o->f, "%" PRId64, v);
}

void out_uint(struct out *o, const char *key, uint64_t v, const char *text, ...)
{
	EITHER(o, key, text);
	fprintf(o->f, "%" PRIu64, v);
}

void out_real(struct out *o, const char *key, double v, const char *text, ...)
{
	EITHER(o, key, text);
	if (isfinite(v))
		fprintf(o->f, "%.9g", v);
	else
		fputs("null", o->f);
}

void out_bool(struct out *o, const char *key, bool v, const char *text, ...)
{
	EITHER(o, key, text);
	fputs(v ? "true" : "false", o->f);
}

void out_str(struct out *o, const char *key, const char *v, const char *text, ...)
{
	EITHER(o, key, text);
	put_string(o->f, v);
}

void out_null(struct out *o, const char *key, const char *text, ...)
{
	EITHER(o, key, text);
	fputs("null", o->f);
}

void out_text(struct out *o, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	put_text(o, text, ap);
	va_end(ap);
}

int out_fini(struct out *o)
{
	if (o->json)
		fputc('\n', o->f);
	if (fflush(o->f) || ferror(o->f))
		return errno ? -errno : -EIO;
	return 0;
}

const char *out_style(const struct out *o, enum out_style style)
{
	static const char *const code[] = {
		[OUT_PLAIN] = "\033[0m", [OUT_BOLD] = "\033[1m",   [OUT_DIM] = "\033[2m",
		[OUT_RED] = "\033[31m",	 [OUT_GREEN] = "\033[32m", [OUT_YELLOW] = "\033[33m",
	};

	return o->colour ? code[style] : "";
}
