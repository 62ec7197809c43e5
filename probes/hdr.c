/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/hdr.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define DIGITS	  3
#define SUB_BITS  11			/* 2^11 is the first power of two that holds 2 * 10^DIGITS */
#define HALF	  (1u << (SUB_BITS - 1))
#define TICKS	  5			/* of the table, per halving */
#define COOKIE	  (0x1c849303u | 0x10)	/* V2; 0x10: counts as ZigZag LEB128 */
#define COOKIE_Z  (0x1c849304u | 0x10)	/* V2, compressed */
#define HEADER	  40			/* bytes */
#define COUNT_MAX 9			/* bytes of a count */

void hdr_init(struct hdr *h)
{
	memset(h, 0, sizeof(*h));
	h->highest = HDR_HIGHEST;
}

void hdr_fini(struct hdr *h)
{
	free(h->count);
	hdr_init(h);
}

void hdr_reset(struct hdr *h)
{
	struct hdr old = *h;

	hdr_init(h);
	h->highest = old.highest;
	h->n = old.n;
	h->count = old.count;
	if (h->n)
		memset(h->count, 0, h->n * sizeof(*h->count));
}

/* The first 2 * HALF values have a count each; then each power of two has HALF of them. */
uint32_t hdr_index(int64_t value)
{
	int shift = value >= 2 * (int64_t)HALF ? 64 - __builtin_clzll((uint64_t)value) - SUB_BITS : 0;

	return (uint32_t)shift * HALF + (uint32_t)(value >> shift);
}

int64_t hdr_lower(uint32_t index)
{
	uint32_t shift = index < 2 * HALF ? 0 : index / HALF - 1;

	return (int64_t)(index - shift * HALF) << shift;
}

int64_t hdr_upper(uint32_t index)
{
	return hdr_lower(index + 1) - 1;
}

static int grow(struct hdr *h, uint32_t index)
{
	uint32_t n = (index / HALF + 1) * HALF;
	uint64_t *more;

	if (index < h->n)
		return 0;
	more = realloc(h->count, n * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memset(more + h->n, 0, (n - h->n) * sizeof(*more));
	h->count = more;
	h->n = n;
	return 0;
}

int hdr_add(struct hdr *h, int64_t value)
{
	if (value < 0) {
		h->negative++;
		return 0;
	}
	if (value > h->highest) {
		h->saturated++;
		value = h->highest;
	}
	if (grow(h, hdr_index(value)))
		return -ENOMEM;
	if (!h->total || value < h->min)
		h->min = value;
	if (!h->total || value > h->max)
		h->max = value;
	h->total++;
	h->sum += (double)value;
	h->count[hdr_index(value)]++;
	return 0;
}

int64_t hdr_quantile(const struct hdr *h, double quantile)
{
	double want = quantile * (double)h->total * (1 - 1e-12);	/* a hair less: see base/hist.c */
	uint64_t seen = 0;
	uint32_t i;

	for (i = 0; i < h->n; i++) {
		seen += h->count[i];
		if (seen && (double)seen >= want)
			return hdr_upper(i);
	}
	return 0;
}

/* -- the encoding ------------------------------------------------------------------------------------------------------ */

static uint8_t *put_be(uint8_t *at, uint64_t v, int bytes)
{
	while (bytes--)
		*at++ = (uint8_t)(v >> 8 * bytes);
	return at;
}

/* ZigZag, then seven bits a byte, low ones first; a ninth byte has all its eight. */
static uint8_t *put_count(uint8_t *at, int64_t v)
{
	uint64_t z = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
	int i;

	for (i = 0; i < COUNT_MAX - 1 && z >> 7; i++, z >>= 7)
		*at++ = (uint8_t)(z | 0x80);
	*at++ = (uint8_t)z;
	return at;
}

/* Counts up to the highest value's; a run of two zeros or more is its length, negative. */
static uint8_t *put_counts(uint8_t *at, const struct hdr *h)
{
	uint32_t i = 0, end = hdr_index(h->max) + 1, run;

	while (i < end) {
		for (run = 0; i + run < end && (i + run >= h->n || !h->count[i + run]); run++)
			;
		if (run > 1) {
			at = put_count(at, -(int64_t)run);
			i += run;
		} else {
			at = put_count(at, run ? 0 : (int64_t)h->count[i]);
			i++;
		}
	}
	return at;
}

static size_t serialize(const struct hdr *h, uint8_t *buf)
{
	const double ratio = 1;
	uint8_t *end = put_counts(buf + HEADER, h), *at;
	uint64_t bits;

	memcpy(&bits, &ratio, 8);
	at = put_be(buf, COOKIE, 4);
	at = put_be(at, (uint64_t)(end - buf - HEADER), 4);
	at = put_be(at, 0, 4);		/* normalizing index offset */
	at = put_be(at, DIGITS, 4);
	at = put_be(at, 1, 8);		/* lowest discernible value */
	at = put_be(at, (uint64_t)h->highest, 8);
	put_be(at, bits, 8);		/* integer to double value conversion ratio */
	return (size_t)(end - buf);
}

static char *base64(const uint8_t *data, size_t len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = malloc((len + 2) / 3 * 4 + 1), *at = text;
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)data[i] << 16 | (i + 1 < len ? data[i + 1] << 8 : 0) | (i + 2 < len ? data[i + 2] : 0);

		*at++ = digit[v >> 18];
		*at++ = digit[v >> 12 & 63];
		*at++ = i + 1 < len ? digit[v >> 6 & 63] : '=';
		*at++ = i + 2 < len ? digit[v & 63] : '=';
	}
	*at = '\0';
	return text;
}

char *hdr_encode(const struct hdr *h)
{
	size_t room = HEADER + ((size_t)hdr_index(h->max) + 1) * COUNT_MAX, len;
	uint8_t *plain = malloc(room), *packed = NULL;
	char *text = NULL;
	uLongf packed_len;

	if (!plain)
		return NULL;
	len = serialize(h, plain);
	packed_len = compressBound(len);
	packed = malloc(8 + packed_len);
	if (packed && compress(packed + 8, &packed_len, plain, len) == Z_OK) {
		put_be(put_be(packed, COOKIE_Z, 4), packed_len, 4);
		text = base64(packed, 8 + packed_len);
	}
	free(packed);
	free(plain);
	return text;
}

/* -- the table --------------------------------------------------------------------------------------------------------- */

static void print_footer(const struct hdr *h, double unit, FILE *f)
{
	double mean = 0, variance = 0, middle;
	uint32_t i;

	/* From the counts, as the others work them out from theirs: the middle of each. */
	for (i = 0; i < h->n; i++)
		mean += (double)h->count[i] * (double)(hdr_lower(i) + ((hdr_upper(i) - hdr_lower(i) + 1) >> 1));
	mean = h->total ? mean / (double)h->total : 0;
	for (i = 0; i < h->n; i++) {
		middle = (double)(hdr_lower(i) + ((hdr_upper(i) - hdr_lower(i) + 1) >> 1));
		variance += (double)h->count[i] * (middle - mean) * (middle - mean);
	}
	variance = h->total ? variance / (double)h->total : 0;
	fprintf(f, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean / unit, sqrt(variance) / unit);
	fprintf(f, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n", h->total ? (double)hdr_upper(hdr_index(h->max)) / unit : 0, h->total);
	fprintf(f, "#[Buckets = %12d, SubBuckets     = %12u]\n", 64 - __builtin_clzll((uint64_t)h->highest) - SUB_BITS + 1, 2 * HALF);
}

void hdr_print(const struct hdr *h, double unit, FILE *f)
{
	double level = 0, ticks;
	uint64_t seen = 0;
	uint32_t i;

	fprintf(f, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
	for (i = 0; i < h->n && seen < h->total; i++) {
		seen += h->count[i];
		/* One count may be where several steps end, until all values are told. */
		while (h->count[i] && 100.0 * (double)seen / (double)h->total >= level) {
			fprintf(f, "%12.3f %2.12f %10" PRIu64 " %14.2f\n", (double)hdr_upper(i) / unit, level / 100, seen, 1 / (1 - level / 100));
			ticks = TICKS * pow(2, floor(log2(100 / (100 - level))) + 1);
			level += 100 / ticks;
			if (seen == h->total)
				break;
		}
	}
	if (h->total)
		fprintf(f, "%12.3f %2.12f %10" PRIu64 "\n", (double)hdr_upper(hdr_index(h->max)) / unit, 1.0, h->total);
	print_footer(h, unit, f);
}
