/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/timeline.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/ns.h"

size_t timeline_at(const struct timeline *tl, size_t n, int64_t t)
{
	size_t low = 0, high = n, mid;

	while (high - low > 1) {
		mid = (low + high) / 2;
		if (tl->plan[mid].t_change <= t)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* The gates at t, and the stretch [*from, *to) of the entry that t lies in, cut where its plan begins and ends. */
static uint8_t gates_at(const struct timeline *tl, size_t n, int64_t t, int64_t *from, int64_t *to)
{
	size_t at = timeline_at(tl, n, t);
	const struct timeline_plan *p = &tl->plan[at];
	int64_t start = t - ns_mod(t - p->t_change, p->list.cycle_ns);
	uint32_t i;

	for (i = 0; i + 1 < p->list.n && start + p->list.entry[i].ns <= t; i++)
		start += p->list.entry[i].ns;
	*from = at && start < p->t_change ? p->t_change : start;
	*to = start + p->list.entry[i].ns;
	if (at + 1 < n && *to > p[1].t_change)
		*to = p[1].t_change;
	return p->list.entry[i].gates;
}

bool timeline_open(const struct timeline *tl, size_t n, unsigned int tc, int64_t t)
{
	int64_t from, to;

	return gates_at(tl, n, t, &from, &to) >> tc & 1;
}

int64_t timeline_close(const struct timeline *tl, size_t n, unsigned int tc, int64_t t, int64_t limit_ns)
{
	int64_t at = t, from, to;

	while (at < t + limit_ns && gates_at(tl, n, at, &from, &to) >> tc & 1)
		at = to;
	return at < t + limit_ns ? at : t + limit_ns;
}

int64_t timeline_begin(const struct timeline *tl, size_t n, unsigned int tc, int64_t t, int64_t limit_ns)
{
	int64_t begin = NS_NEVER, at = t, from, to;

	while (at >= t - limit_ns && gates_at(tl, n, at, &from, &to) >> tc & 1) {
		begin = from;
		at = from - 1;
	}
	return begin == NS_NEVER || begin > t - limit_ns ? begin : t - limit_ns;
}

size_t timeline_known(const struct timeline *tl, int64_t t, size_t *sure)
{
	size_t n = tl->n;

	while (n > 1 && tl->plan[n - 1].t_asked > t)
		n--;
	*sure = n;
	while (*sure > 1 && tl->plan[*sure - 1].t_known > t)
		(*sure)--;
	return n;
}

int64_t timeline_change_time(const struct timeline_list *list, int64_t t)
{
	if (list->t_base >= t)
		return list->t_base;
	return t + ns_mod(list->t_base - t, list->cycle_ns);
}

void timeline_write(char *text, size_t size, const struct timeline_list *list)
{
	size_t n;
	uint32_t i;

	n = (size_t)snprintf(text, size, "{\"admin-base-time\": %" PRId64 ", \"admin-control-list\": [", list->t_base);
	for (i = 0; i < list->n && n < size; i++)
		n += (size_t)snprintf(text + n, size - n,
				      "%s{\"time-interval-value\": %" PRId64 ", \"gate-states-value\": %u}",
				      i ? ", " : "", list->entry[i].ns, list->entry[i].gates);
	if (n < size)
		snprintf(text + n, size - n, "]}");
}
