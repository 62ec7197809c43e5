/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where cycles begin and end, from what was asked for: rational cycle times, and the last cycle before a change, which may be cut or held
 * (802.1Q-2022 8.6.9.1.1). Cycle by cycle, each one's end decided at its beginning and again when something is set.
 */
#include "tests/sim/sim.h"

#include "base/ns.h"

#define MAX_ODD (int)(sizeof(((struct sim_schedule *)0)->odd) / sizeof(((struct sim_schedule *)0)->odd[0]))

int64_t sim_cycle_ns(const struct gcl_conf *c)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < c->n_entries; i++)
		sum += c->entries[i].interval_ns;
	return c->cycle_ns ? c->cycle_ns : sum;
}

/* The regular start of a cycle that is the first not before t. */
int64_t sim_cycle_from(const struct gcl_conf *c, int64_t t)
{
	int64_t cycle = sim_cycle_ns(c), den = c->cycle_frac_num ? c->cycle_frac_den : 1;
	__int128 n = (__int128)(t - c->t_base) * den / ((__int128)cycle * den + c->cycle_frac_num) - 2;
	int64_t start;

	do {
		__int128 rest = n * c->cycle_frac_num; /* in 1/den ns */

		start = c->t_base + (int64_t)(n * cycle + rest / den - (rest % den < 0));
		n++;
	} while (start < t);
	return start;
}

static int64_t cycle_of(const struct gcl_conf *c, int64_t t)
{
	int64_t start = sim_cycle_from(c, t - sim_cycle_ns(c) - 1), next;

	while ((next = sim_cycle_from(c, start + 1)) <= t)
		start = next;
	return start;
}

/* The cycle that t lies in, as it was: [*start, *end). */
static void find_cycle(const struct sim_schedule *sch, int64_t t, int64_t *start, int64_t *end)
{
	int i;

	for (i = 0; i < sch->n_odd; i++)
		if (t >= sch->odd[i].start && t < sch->odd[i].end) {
			*start = sch->odd[i].start;
			*end = sch->odd[i].end;
			return;
		}
	*start = cycle_of(&sch->conf, t);
	*end = sim_cycle_from(&sch->conf, *start + 1);
}

bool sim_open_at(const struct sim_schedule *sch, uint8_t tc, int64_t t, int64_t *until)
{
	const struct gcl_conf *c = &sch->conf;
	int64_t start, end, at;
	uint32_t i;

	*until = NS_NEVER;
	if (!c->enabled)
		return true;
	find_cycle(sch, t, &start, &end);
	for (i = 0, at = start; i < c->n_entries; i++) {
		at += c->entries[i].interval_ns;
		if (i + 1 == c->n_entries || at >= start + sim_cycle_ns(c))
			at = end; /* nothing begins within the rest of a rational cycle, nor when it is held */
		if (at > end)
			at = end;
		if (t < at)
			break;
	}
	*until = at;
	return c->entries[i].gates >> tc & 1;
}

int64_t sim_shut_ns(const struct sim_schedule *sch, uint8_t tc, int64_t from, int64_t to)
{
	int64_t shut = 0;
	int64_t until;
	bool open;

	while (from < to) {
		open = sim_open_at(sch, tc, from, &until);
		if (until > to)
			until = to;
		if (!open)
			shut += until - from;
		from = until;
	}
	return shut;
}

static void put_odd(struct sim_schedule *sch, int64_t start, int64_t end)
{
	if (sch->n_odd && sch->odd[sch->n_odd - 1].start == start)
		sch->n_odd--;
	if (end != sim_cycle_from(&sch->conf, start + 1)) {
		if (sch->n_odd == MAX_ODD)
			sch->t_sure = start < sch->t_sure ? start : sch->t_sure;
		else
			sch->odd[sch->n_odd++] = (struct sim_odd){start, end};
	}
}

/* `next` was set while sch ran; what was set after it came at t_more. Does the change to it end sch's time? */
static bool run_out(struct sim_schedule *sch, const struct sim_schedule *next, int64_t t_more)
{
	const struct gcl_conf *c = &sch->conf;
	int64_t now = next->t_set, start, end, regular;

	find_cycle(sch, now, &start, &end);
	while (start <= t_more) {
		regular = sim_cycle_from(c, start + 1);
		end = sim_cycle_from(c, start >= now ? start + 1 : now > regular ? now : regular);
		if (next->t_start <= regular + c->extension_ns || next->t_start <= end)
			end = next->t_start;
		put_odd(sch, start, end);
		if (end == next->t_start)
			return end <= t_more;
		start = end;
	}
	return false;
}

void sim_plan(struct sim *s)
{
	struct sim_schedule *sch, *next;
	uint32_t i, j, k;

	for (i = 0; i < s->n_schedules; i++) {
		sch = &s->schedule[i];
		sch->t_sure = NS_NEVER;
		if (!sch->conf.enabled || sch->t_start == NS_NEVER)
			continue;
		for (j = i + 1; j < s->n_schedules; j = k) {
			next = &s->schedule[j];
			for (k = j + 1; k < s->n_schedules && s->schedule[k].port != sch->port; k++)
				;
			if (next->port != sch->port || next->t_set < 0)
				continue;
			if (next->t_set_from <= sch->t_start) {
				if (next->t_set >= sch->t_start)
					sch->t_sure = sch->t_start; /* it may have run, with a first cycle that was held: nobody can tell */
				break;
			}
			if (sim_cycle_from(&sch->conf, next->t_set_from + 1) <= next->t_set && next->t_set_from < sch->t_sure)
				sch->t_sure = next->t_set_from; /* in which cycle was it set? */
			if (run_out(sch, next, k < s->n_schedules && s->schedule[k].t_set >= 0 ? s->schedule[k].t_set_from : NS_NEVER))
				break;
		}
	}
}
