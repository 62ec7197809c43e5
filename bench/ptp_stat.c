/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ptp_stat.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ptp_stat_settle(struct ptp_stat *s, struct ptp_sample *v, size_t *n, int64_t settle_ns, int64_t interval_ns)
{
	size_t i, first = 0, kept = 0;
	int64_t steps, t_from;

	while (first < *n && !v[first].delay_ns)
		first++;
	t_from = first < *n ? v[first].t_ingress + settle_ns : 0;
	for (i = first; i < *n; i++) {
		if (v[i].t_ingress < t_from)
			continue;
		if (kept) {
			steps = (v[i].t_ingress - v[kept - 1].t_ingress + interval_ns / 2) / interval_ns;
			s->missing += steps > 1 ? (uint64_t)(steps - 1) : 0;
		}
		v[kept++] = v[i];
	}
	s->left_out += *n - kept;
	*n = kept;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The smallest value such that at least this share of all are not above it; v is sorted. */
static int64_t quantile(const int64_t *v, size_t n, double share)
{
	size_t i = (size_t)ceil(share * (double)n);

	return v[i ? i - 1 : 0];
}

int ptp_stat_make(struct ptp_stat *s, const struct ptp_sample *v, size_t n)
{
	int64_t *sorted = malloc((n + 1) * sizeof(*sorted));
	double sum = 0, squares = 0;
	size_t i;

	if (!sorted)
		return -ENOMEM;
	*s = (struct ptp_stat){.samples = n, .left_out = s->left_out, .missing = s->missing};
	for (i = 0; i < n; i++) {
		sum += (double)v[i].offset_ns;
		squares += (double)v[i].offset_ns * (double)v[i].offset_ns;
		sorted[i] = v[i].offset_ns < 0 ? -v[i].offset_ns : v[i].offset_ns;
	}
	if (n) {
		s->mean_ns = sum / (double)n;
		s->rms_ns = sqrt(squares / (double)n);
		qsort(sorted, n, sizeof(*sorted), ascending);
		s->median_ns = quantile(sorted, n, .5);
		s->p99_ns = quantile(sorted, n, .99);
		s->max_ns = sorted[n - 1];
		for (i = 0; i < n; i++)
			sorted[i] = v[i].delay_ns;
		qsort(sorted, n, sizeof(*sorted), ascending);
		s->delay_ns = quantile(sorted, n, .5);
	}
	free(sorted);
	return 0;
}

enum ptp_line ptp_stat_line(const char *line, int64_t *offset_ns)
{
	/* linuxptp 3.1.1 and 4.x; a client whose master is lost says the last. */
	static const char *const trouble[] = {
		"timed out while polling for tx timestamp",
		"without timestamp",
		"FAULT",
		"clock jumped",
		"running slower than expected",
		"running faster than expected",
		"bad timestamps",
		"send sync failed",
		"send delay request failed",
		"UNCALIBRATED to LISTENING",
		"UNCALIBRATED to MASTER",
	};
	const char *at = strstr(line, "master offset ");
	int whole = 0;
	size_t i;

	if (at && sscanf(at, "master offset %" SCNd64 " s%*d freq %*d path delay %*d%n", offset_ns, &whole) == 1 && whole)
		return PTP_LINE_OFFSET;
	for (i = 0; i < sizeof(trouble) / sizeof(trouble[0]); i++)
		if (strstr(line, trouble[i]))
			return PTP_LINE_TROUBLE;
	return PTP_LINE_OTHER;
}

bool ptp_stat_has(const struct ptp_sample *v, size_t n, int64_t offset_ns)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].offset_ns == offset_ns)
			return true;
	return false;
}
