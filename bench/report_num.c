/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report_num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"

#define NO_BOUND 30

const char *report_count(char buf[static REPORT_NUM_LEN], uint64_t n)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n), i, at = 0;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[at++] = ',';
		buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return buf;
}

const char *report_frames(char buf[static REPORT_NUM_LEN], uint64_t n)
{
	char text[REPORT_NUM_LEN];

	snprintf(buf, REPORT_NUM_LEN, "%.32s frame%s", report_count(text, n), n == 1 ? "" : "s");
	return buf;
}

const char *report_bounds(char buf[static REPORT_NUM_LEN], int64_t lower_ns, int64_t upper_ns)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];
	const char *unit_a, *unit_b;

	ns_str(a, lower_ns);
	ns_str(b, upper_ns);
	unit_a = strchr(a, ' ');
	unit_b = strchr(b, ' ');
	if (unit_a && unit_b && !strcmp(unit_a, unit_b))
		snprintf(buf, REPORT_NUM_LEN, "%.*s to %s", (int)(unit_a - a), a, b);
	else
		snprintf(buf, REPORT_NUM_LEN, "%s to %s", a, b);
	return buf;
}

const char *report_share(char buf[static REPORT_NUM_LEN], uint64_t k, uint64_t n)
{
	double percent = n ? 100 * (double)k / (double)n : 0;

	if (!k)
		snprintf(buf, REPORT_NUM_LEN, "none");
	else if (k >= n)
		snprintf(buf, REPORT_NUM_LEN, "all");
	else if (percent > 99.9)
		snprintf(buf, REPORT_NUM_LEN, "> 99.9 %%");
	else
		snprintf(buf, REPORT_NUM_LEN, percent < .0001 ? "< 0.0001 %%" : "%.3g %%", percent);
	return buf;
}

bool report_bounded(const struct quant *q)
{
	return q->known && q->lower_ns >= q->ns / NO_BOUND && q->upper_ns / NO_BOUND <= q->ns;
}

const char *report_beneath(char buf[static REPORT_NUM_LEN], const struct quant *q, bool by_frames)
{
	char text[REPORT_NUM_LEN];

	if (!q->known)
		snprintf(buf, REPORT_NUM_LEN, "takes %.24s frames", report_count(text, q->needs));
	else if (!report_bounded(q))
		snprintf(buf, REPORT_NUM_LEN, "runs differ: no bound");
	else
		snprintf(buf, REPORT_NUM_LEN, "%s%.64s", by_frames ? "~" : "", report_bounds(text, q->lower_ns, q->upper_ns));
	return buf;
}
