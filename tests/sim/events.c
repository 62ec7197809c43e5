/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/sim/events.h"

#include <stdlib.h>

static int by_time(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->t != b->t)
		return a->t < b->t ? -1 : 1;
	if (a->what != b->what)
		return a->what < b->what ? -1 : 1;
	return a->n < b->n ? -1 : 1;
}

uint32_t events_gather(struct event *e, const struct sim_records *rec, uint8_t port, uint8_t tc)
{
	const struct pkt *r;
	uint32_t n = 0;
	uint64_t i;

	for (i = 0; i < rec->n; i++) {
		r = &rec->rec[i];
		if (r->out_port != port || r->tc != tc)
			continue;
		e[n++] = (struct event){.t = r->t_seen + r->hop_ns[HOP_COPY] + r->hop_ns[HOP_CLASS], .what = COMES, .n = i};
		if (r->verdict == VERDICT_SENT)
			e[n++] = (struct event){.t = r->t_out - r->hop_ns[HOP_SEND], .what = GOES, .n = i};
		else
			e[n++] = (struct event){.t = r->t_out, .what = DROPPED, .n = i};
	}
	qsort(e, n, sizeof(*e), by_time);
	return n;
}

const struct sim_schedule *events_list(const struct sim *s, const struct sim_phase *p)
{
	return p->gen ? &s->schedule[p->gen - 1] : NULL;
}

int64_t events_open_ns(const struct sim_schedule *c, uint8_t tc, int64_t from, int64_t to)
{
	if (from >= to)
		return 0;
	return c ? to - from - sim_shut_ns(c, tc, from, to) : to - from;
}

bool events_phase(const struct sim *s, uint8_t port, uint32_t *phase, int64_t t)
{
	const struct sim_phase *p = &s->phase[port][*phase];

	for (; t >= p->t_to && *phase + 1 < s->n_phases[port] && t >= p[1].t_from; p++)
		++*phase;
	return t < p->t_to;
}
