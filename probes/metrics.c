/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/metrics.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/ns.h"

static const char *const types[] = {
	[METRICS_COUNTER] = "counter", [METRICS_GAUGE] = "gauge", [METRICS_HISTOGRAM] = "histogram",
};

int64_t metrics_bound(int i)
{
	static const int step[] = { 1, 2, 5 };
	int64_t v = 100;
	int k;

	for (k = 0; k < i / 3; k++)
		v *= 10;
	return v * step[i % 3];
}

int metrics_bucket(int64_t ns)
{
	int i = 0;

	while (i < METRICS_BOUNDS && ns > metrics_bound(i))
		i++;
	return i;
}

void metrics_family(struct metrics *m, const char *name, enum metrics_type type, const char *unit, const char *help)
{
	const char *suffix = m->old && type == METRICS_COUNTER ? "_total" : "";
	size_t i;

	snprintf(m->family, sizeof(m->family), "%s", name);
	for (i = 0; m->family[i]; i++)
		if (!isalnum((unsigned char)m->family[i]))
			m->family[i] = '_';
	m->type = type;
	fprintf(m->f, "# TYPE %s%s %s\n", m->family, suffix, types[type]);
	if (unit[0] && !m->old)
		fprintf(m->f, "# UNIT %s %s\n", m->family, unit);
	fprintf(m->f, "# HELP %s%s %s\n", m->family, suffix, help);
}

/* The first bytes of well-formed UTF-8; any other byte is a question mark. Quotes, backslashes and ends of lines are escaped. */
static size_t put_char(char *to, const unsigned char *s, int *used)
{
	int len = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : *s >= 0xe0 && *s < 0xf0 ? 3 : *s >= 0xf0 && *s < 0xf5 ? 4 : 0;
	int i;

	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			len = 0;
	*used = len ? len : 1;
	if (*s == '"' || *s == '\\' || *s == '\n')
		return (size_t)sprintf(to, "\\%c", *s == '\n' ? 'n' : *s);
	if (!len)
		return (size_t)sprintf(to, "?");
	memcpy(to, s, (size_t)len);
	return (size_t)len;
}

/* name="value",... ; a value that is too long is cut, what would not fit is left off as a whole. */
static void put_labels(char buf[METRICS_LABELS], va_list ap)
{
	const char *name, *value;
	size_t n = 0;

	buf[0] = '\0';
	while ((name = va_arg(ap, const char *))) {
		char text[128];
		size_t len = 0;
		int used;

		for (value = va_arg(ap, const char *); *value && len + 8 < sizeof(text); value += used)
			len += put_char(text + len, (const unsigned char *)value, &used);
		text[len] = '\0';
		if (n + strlen(name) + len + 5 < METRICS_LABELS)
			n += (size_t)snprintf(buf + n, METRICS_LABELS - n, "%s%s=\"%s\"", n ? "," : "", name, text);
	}
}

static void put_number(FILE *f, double v)
{
	if (v == floor(v) && fabs(v) < 1e15)
		fprintf(f, "%.0f", v);
	else
		fprintf(f, "%.17g", v);
}

/* ns as seconds, exactly. */
static void put_seconds(FILE *f, int64_t ns)
{
	fprintf(f, "%s%" PRId64 ".%09" PRId64, ns < 0 ? "-" : "", (ns < 0 ? -ns : ns) / NS_PER_SEC, (ns < 0 ? -ns : ns) % NS_PER_SEC);
}

void metrics_value(struct metrics *m, double value, ...)
{
	char labels[METRICS_LABELS];
	va_list ap;

	va_start(ap, value);
	put_labels(labels, ap);
	va_end(ap);
	fprintf(m->f, "%s%s{%s} ", m->family, m->type == METRICS_COUNTER ? "_total" : "", labels);
	put_number(m->f, value);
	fputc('\n', m->f);
}

void metrics_histogram(struct metrics *m, const struct metrics_histogram *h, int tai_offset_s, ...)
{
	char labels[METRICS_LABELS];
	uint64_t total = 0;
	va_list ap;
	int i;

	va_start(ap, tai_offset_s);
	put_labels(labels, ap);
	va_end(ap);
	for (i = 0; i <= METRICS_BOUNDS; i++) {
		total += h->count[i];
		fprintf(m->f, "%s_bucket{%s,le=\"", m->family, labels);
		if (i < METRICS_BOUNDS)
			fprintf(m->f, "%.10g", (double)metrics_bound(i) / NS_PER_SEC);
		else
			fputs("+Inf", m->f);
		fprintf(m->f, "\"} %" PRIu64, total);
		if (h->exemplar[i].t && !m->old) {
			fprintf(m->f, " # {seq=\"%" PRIu64 "\"", h->exemplar[i].seq);
			if (h->exemplar[i].numbered)
				fprintf(m->f, ",seqid=\"%" PRIu32 "\"", h->exemplar[i].seqid);
			fputs("} ", m->f);
			put_seconds(m->f, h->exemplar[i].ns);
			fputc(' ', m->f);
			put_seconds(m->f, h->exemplar[i].t - tai_offset_s * NS_PER_SEC);
		}
		fputc('\n', m->f);
	}
	fprintf(m->f, "%s_count{%s} %" PRIu64 "\n%s_sum{%s} ", m->family, labels, total, m->family, labels);
	put_seconds(m->f, h->sum_ns);
	fputc('\n', m->f);
}

void metrics_end(struct metrics *m)
{
	fputs("# EOF\n", m->f);
}
