/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/judge_clock.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ns.h"

#define BOUND_NS NS_PER_SEC	/* the clock thread may be late by so much on a busy machine */
#define GOOD 2	/* a look is kept when it was not wider than so many times the narrowest */

static int64_t on_line(const struct judge_look *a, const struct judge_look *b, uint64_t tsc)
{
	double rate = (double)(b->tai - a->tai) / (double)(b->tsc - a->tsc);

	return a->tai + (int64_t)((double)(int64_t)(tsc - a->tsc) * rate);
}

int64_t judge_clock_tai(const struct judge_clock *c, uint64_t tsc)
{
	size_t low = 0, high = c->n - 1, mid;

	while (high - low > 1) {
		mid = (low + high) / 2;
		if (c->look[mid].tsc <= tsc)
			low = mid;
		else
			high = mid;
	}
	return on_line(&c->look[low], &c->look[low + 1], tsc);
}

static void find_error(struct judge_clock *c)
{
	uint64_t half = 0;
	int64_t off;
	size_t i;

	c->error_ns = 0;
	for (i = 0; i < c->n; i++)
		half = c->look[i].half_ticks > half ? c->look[i].half_ticks : half;
	for (i = 1; i + 1 < c->n; i++) {
		off = llabs(c->look[i].tai - on_line(&c->look[i - 1], &c->look[i + 1], c->look[i].tsc));
		c->error_ns = off > c->error_ns ? off : c->error_ns;
	}
	c->error_ns += (int64_t)((double)half * c->ns_per_tick) + 1;
}

int judge_clock_init(struct judge_clock *c, const struct judge_look *look, size_t n, struct why *why)
{
	uint64_t narrowest = UINT64_MAX;
	size_t i;

	*c = (struct judge_clock){0};
	for (i = 0; i < n; i++)
		narrowest = look[i].half_ticks < narrowest ? look[i].half_ticks : narrowest;
	c->look = malloc((n + 1) * sizeof(*c->look));
	if (!c->look)
		return why_fail(why, ENOMEM, "out of memory");
	for (i = 0; i < n; i++)
		if (look[i].half_ticks <= narrowest * GOOD && (!c->n || look[i].tsc > c->look[c->n - 1].tsc))
			c->look[c->n++] = look[i];
	if (c->n < 2) {
		judge_clock_fini(c);
		return why_fail(
			why, EINVAL,
			"the judge looked at the clock %zu times, %zu of them undisturbed: too few to date its stamps",
			n, c->n);
	}
	c->ns_per_tick =
		(double)(c->look[c->n - 1].tai - c->look[0].tai) / (double)(c->look[c->n - 1].tsc - c->look[0].tsc);
	find_error(c);
	return 0;
}

void judge_clock_fini(struct judge_clock *c)
{
	free(c->look);
	*c = (struct judge_clock){0};
}

int64_t clock_bound_at(const struct clock_bound *b, size_t n, int64_t t)
{
	size_t low = 0, high = n, mid;
	int64_t most = 0;

	while (low < high) {
		mid = (low + high) / 2;
		if (b[mid].t < t - BOUND_NS)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < n && b[low].t <= t + BOUND_NS; low++)
		most = b[low].ns > most ? b[low].ns : most;
	return most;
}
