/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report_draw.h"

#include <stdlib.h>

#include "bench/report_pvt.h"

/* As the table ranks; where nothing does, the slowest frame. */
static double rank_of(const struct report *rep, const struct report_group *g)
{
	return rep->rank < 0 ? (double)g->sum.max : report_rank_of(g);
}

static int by_rank(const void *a, const void *b, void *rep)
{
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	double x = rank_of(rep, &((const struct report *)rep)->group[i]), y = rank_of(rep, &((const struct report *)rep)->group[k]);

	return x < y ? -1 : x > y ? 1 : (i > k) - (i < k);
}

static int by_index(const void *a, const void *b)
{
	size_t i = *(const size_t *)a, k = *(const size_t *)b;

	return (i > k) - (i < k);
}

/* Those of the floor are not ranked. Returns how many are left. */
static size_t without_floor(const struct report *rep, size_t *all, size_t n)
{
	size_t i, left = 0;

	for (i = 0; i < n; i++)
		if (!rep->group[all[i]].floor)
			all[left++] = all[i];
	return left;
}

size_t report_select(const struct report *rep, bool (*fits)(const struct report_group *g), size_t max, size_t *chosen, char *note)
{
	size_t *all = calloc(rep->n_groups + 1, sizeof(*all)), n = 0, i, half = max / 2, of;

	for (i = 0; all && i < rep->n_groups; i++)
		if (rep->group[i].n && (!fits || fits(&rep->group[i])))
			all[n++] = i;
	of = n;
	if (n > max) {
		n = without_floor(rep, all, n);
		snprintf(note, REPORT_NOTE_LEN, "There are %zu cells; drawn are those that are not of the floor.", of);
	}
	if (n > max) {
		qsort_r(all, n, sizeof(*all), by_rank, (void *)rep);
		snprintf(note, REPORT_NOTE_LEN, "There are %zu cells; drawn are the %zu fastest and the %zu slowest%s, by %s.", of, max - half, half, n < of ? ", the floor left out" : "",
			 rep->rank < 0 ? "their slowest frame" : "what ranks in the table");
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
