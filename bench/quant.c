/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/quant.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/chance.h"

const struct quant_step quant_steps[QUANT_STEPS] = {
	[QUANT_P50] = {"p50", 0.5},	   [QUANT_P90] = {"p90", 0.9},	       [QUANT_P99] = {"p99", 0.99},
	[QUANT_P999] = {"p99.9", 0.999}, [QUANT_P9999] = {"p99.99", 0.9999}, [QUANT_P99999] = {"p99.999", 0.99999},
};

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void quant_sort(int64_t *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), by_value);
}

size_t quant_rank(size_t n, double p)
{
	double rank = (double)n * p, whole = nearbyint(rank);

	if (fabs(rank - whole) > 1e-9 * (double)n)
		whole = ceil(rank);
	return !n ? 0 : whole < 1 ? 1 : whole > (double)n ? n : (size_t)whole;
}

/* The smallest k of 0..n+1 for which `falls` holds, which is false up to some k and true from there on. */
static size_t first(size_t n, double p, double tail, bool (*falls)(size_t k, size_t n, double p, double tail))
{
	size_t low = 0, high = n + 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (falls(middle, n, p, tail))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool is_above(size_t k, size_t n, double p, double tail)	/* rank k is at or above the quantile, surely enough */
{
	return chance_at_least(k, n, p) <= tail;
}

static bool is_not_below(size_t k, size_t n, double p, double tail)	/* rank k + 1 is not below it any more */
{
	return chance_at_most(k, n, p) > tail;
}

bool quant_ranks(size_t n, double p, double confidence, size_t *lower, size_t *upper)
{
	double tail = (1 - confidence) / 2;

	*lower = *upper = 0;
	if (!n || chance_at_most(0, n, p) > tail || chance_at_least(n, n, p) > tail)
		return false;
	*lower = first(n, p, tail, is_not_below);
	*upper = first(n, p, tail, is_above);
	return true;
}

uint64_t quant_needs(double p, double confidence)
{
	double tail = (1 - confidence) / 2, rare = p < 0.5 ? p : 1 - p;
	double n = ceil(log(tail) / log1p(-rare) - 1e-9);

	return n < 1 ? 1 : (uint64_t)n;
}

const char *quant_name(char buf[static 24], double p)
{
	snprintf(buf, 24, "p%.9g", p * 100);
	return buf;
}

/* 368887 as "368,887" */
static const char *grouped(char buf[static 32], uint64_t n)
{
	char digits[24];
	int i, len = snprintf(digits, sizeof(digits), "%" PRIu64, n), to = 0;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[to++] = ',';
		buf[to++] = digits[i];
	}
	buf[to] = '\0';
	return buf;
}

int quant_find(struct quant *q, const int64_t *sorted, size_t n, double p, double confidence, struct why *why)
{
	char name[24], need[32], have[32];
	size_t lower, upper;

	memset(q, 0, sizeof(*q));
	q->p = p;
	q->needs = quant_needs(p, confidence);
	if (!quant_ranks(n, p, confidence, &lower, &upper))
		return why_fail(why, ENODATA, "%s takes %s samples, there are %s", quant_name(name, p), grouped(need, q->needs),
				grouped(have, n));
	q->known = true;
	q->ns = sorted[quant_rank(n, p) - 1];
	q->lower_ns = sorted[lower - 1];
	q->upper_ns = sorted[upper - 1];
	return 0;
}

void quant_ladder(struct quant q[QUANT_STEPS], const int64_t *sorted, size_t n, double confidence)
{
	int i;

	for (i = 0; i < QUANT_STEPS; i++)
		quant_find(&q[i], sorted, n, quant_steps[i].p, confidence, NULL);
}

/* Delays of a clock that is broken may be anything: differences stop at the ends. */
static int64_t less(int64_t a, int64_t b)
{
	int64_t d;

	return __builtin_sub_overflow(a, b, &d) ? a < b ? INT64_MIN : INT64_MAX : d;
}

void quant_sum(struct quant_sum *s, const int64_t *v, size_t n)
{
	double mean = 0, squares = 0;
	size_t i;

	memset(s, 0, sizeof(*s));
	s->n = n;
	if (!n)
		return;
	s->min = s->max = v[0];
	for (i = 0; i < n; i++) {
		double off = (double)v[i] - mean;

		s->min = v[i] < s->min ? v[i] : s->min;
		s->max = v[i] > s->max ? v[i] : s->max;
		mean += off / (double)(i + 1);
		squares += off * ((double)v[i] - mean);
	}
	s->mean = mean;
	s->sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
	s->peak_to_peak = less(s->max, s->min);
}

void quant_pdv(int64_t *out, const int64_t *v, size_t n)
{
	int64_t min = n ? v[0] : 0;
	size_t i;

	for (i = 1; i < n; i++)
		min = v[i] < min ? v[i] : min;
	for (i = 0; i < n; i++)
		out[i] = less(v[i], min);
}

size_t quant_ipdv(int64_t *out, const int64_t *v, const uint32_t *seqid, size_t n)
{
	size_t i, m = 0;

	for (i = 1; i < n; i++)
		if (!seqid || seqid[i] == seqid[i - 1] + 1)
			out[m++] = less(v[i], v[i - 1]);
	return m;
}

/* The p that makes `chance` of k of n `tail`; it grows with p or falls. */
static double share_bound(double (*chance)(uint64_t k, uint64_t n, double p), uint64_t k, uint64_t n, double tail, bool grows)
{
	double low = 0, high = 1;
	int i;

	for (i = 0; i < 100 && high - low > 1e-15; i++) {
		double middle = (low + high) / 2;

		if ((chance(k, n, middle) < tail) == grows)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

void quant_share(struct quant_share *s, uint64_t k, uint64_t n, double confidence)
{
	double tail = (1 - confidence) / 2;

	*s = (struct quant_share){.k = k, .n = n, .upper = 1};
	if (!n)
		return;
	s->share = (double)k / (double)n;
	if (k)
		s->lower = share_bound(chance_at_least, k, n, tail, true);
	if (k < n)
		s->upper = share_bound(chance_at_most, k, n, tail, false);
}
