/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/hop_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/key.h"
#include "base/ns.h"

static const struct {
	const char *title, *key;
	double quantile;
} quantiles[] = {{"p50", "p50_ns", 0.5}, {"p99", "p99_ns", 0.99}, {"p99.9", "p99_9_ns", 0.999}};

#define QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))

void hop_print_titles(struct out *o)
{
	size_t i;

	out_text(o, " %10s", "min");
	for (i = 0; i < QUANTILES; i++)
		out_text(o, " %10s", quantiles[i].title);
	out_text(o, " %10s\n", "max");
}

void hop_print_times(struct out *o, const struct hist *x)
{
	char buf[NS_STR_LEN];
	size_t i;

	out_int(o, "min_ns", x->min, " %10s", ns_str(buf, x->min));
	for (i = 0; i < QUANTILES; i++) {
		int64_t v = hist_quantile(x, quantiles[i].quantile);

		if (hist_knows(x, quantiles[i].quantile))
			out_int(o, quantiles[i].key, v, " %10s", ns_str(buf, v));
		else
			out_null(o, quantiles[i].key, " %10s", "-");
	}
	out_int(o, "max_ns", x->max, " %10s", ns_str(buf, x->max));
	out_uint(o, "negative", x->negative, NULL);
	if (x->negative)
		out_text(o, "  %s%" PRIu64 " negative%s", out_style(o, OUT_RED), x->negative, out_style(o, OUT_PLAIN));
	out_text(o, "%s\n", out_style(o, OUT_PLAIN));
}

void hop_print_bar(struct out *o, int width, int64_t from, int64_t len, int64_t whole)
{
	int a = whole > 0 ? (int)(from * width / whole) : 0;
	int b = whole > 0 ? (int)(((from + len) * width + whole - 1) / whole) : 0;
	char bar[HOP_PRINT_BAR_MAX];
	int i;

	for (i = 0; i < width; i++)
		bar[i] = len && i >= a && i < b ? '#' : ' ';
	out_text(o, "  |%.*s|", width, bar);
}

void hop_print_key(struct out *o, uint64_t key)
{
	char text[2 + 16 + 1];

	snprintf(text, sizeof(text), "0x%016" PRIx64, key);
	out_str(o, "key", text, ", key %s", text);
	if (key_is_numbered(key))
		out_uint(o, "seqid", key_seqid(key), " (number %" PRIu32 " of its sender)", key_seqid(key));
	else
		out_null(o, "seqid", NULL);
}
