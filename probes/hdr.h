/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hdr: a histogram in HdrHistogram's geometry, and its two texts: the V2 encoding of interval logs, and the table of percentiles.
 *
 * Values are ns from 0 to HDR_HIGHEST, three significant digits, lowest discernible value 1: below 2,048 ns each value has a count of its own, above a
 * count's values differ by less than 1/1,000. base/hist is coarser (1/64); so what is exported is recorded here from the frames themselves,
 * and nothing is converted from one geometry into the other.
 *
 * Counts grow as values come. One thread.
 */
#ifndef TAKT_PROBES_HDR_H
#define TAKT_PROBES_HDR_H

#include <stdint.h>
#include <stdio.h>

#define HDR_HIGHEST INT64_C(3600000000000)	/* ns: an hour */

struct hdr {
	int64_t highest;	/* as the encoding tells it: HDR_HIGHEST */
	uint64_t total;
	uint64_t negative;	/* values below 0, in no count: HdrHistogram knows none */
	uint64_t saturated;	/* values above `highest`, counted there */
	int64_t min, max;	/* exact; 0 while total is 0 */
	double sum;		/* ns, exact but for a double's rounding */
	uint32_t n;		/* counts there are */
	uint64_t *count;
};

void hdr_init(struct hdr *h);
void hdr_fini(struct hdr *h);
void hdr_reset(struct hdr *h);			/* counts keep their memory */
int hdr_add(struct hdr *h, int64_t value);	/* -ENOMEM */
uint32_t hdr_index(int64_t value);		/* of the count; value >= 0 */
int64_t hdr_lower(uint32_t index);		/* a count's lowest and highest value */
int64_t hdr_upper(uint32_t index);

/* The value that `quantile` (0..1) of all values do not exceed, at a count's upper edge. 0: no values. */
int64_t hdr_quantile(const struct hdr *h, double quantile);

/*
 * V2, compressed, in base64: what starts with "HISTF". free() it; NULL: no memory. The same bytes as the reference implementations', where zlib
 * is the same.
 */
char *hdr_encode(const struct hdr *h);

/*
 * The table of percentiles that .hgrm files are, footer included; values are divided by `unit` ns. Five steps for each halving of what
 * is left, as the others have it by default.
 */
void hdr_print(const struct hdr *h, double unit, FILE *f);

#endif
