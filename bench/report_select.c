/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report_draw.h"

#include <stdlib.h>

static int64_t rank_ns(const struct report *rep, const struct report_group *g)
{
	return g->lossy ? INT64_MAX : rep->rank < 0 ? g->sum.max : g->q[rep->rank].ns;
}

static int by_rank(const void *a, const void *b, void *rep)
{
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	int64_t x = rank_ns(rep, &((const struct report *)rep)->group[i]), y = rank_ns(rep, &((const struct report *)rep)->group[k]);

	return x != y ? (x > y) - (x < y) : (i > k) - (i < k);
}

static int by_index(const void *a, const void *b)
{
	size_t i = *(const size_t *)a, k = *(const size_t *)b;

	return (i > k) - (i < k);
}

size_t report_select(const struct report *rep, bool (*fits)(const struct report_group *g), size_t max, size_t *chosen, char *note)
{
	size_t *all = calloc(rep->n_groups + 1, sizeof(*all)), n = 0, i, half = max / 2;

	for (i = 0; all && i < rep->n_groups; i++)
		if (rep->group[i].n && (!fits || fits(&rep->group[i])))
			all[n++] = i;
	if (n > max) {
		qsort_r(all, n, sizeof(*all), by_rank, (void *)rep);
		snprintf(note, REPORT_NOTE_LEN, "There are %zu; drawn are the %zu fastest and the %zu slowest, by %s.", n, max - half, half,
			 rep->rank < 0 ? "their slowest frame" : quant_steps[rep->rank].name);
		for (i = 0; i < half; i++)
			all[max - half + i] = all[n - half + i];
		n = max;
		qsort(all, n, sizeof(*all), by_index);
	}
	for (i = 0; i < n; i++)
		chosen[i] = all[i];
	free(all);
	return n;
}
