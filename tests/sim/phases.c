/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the worker says about schedules and slopes that were set: from when on they held, as far as that is beyond doubt.
 */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

/* The earliest instant at which a list may differ from its regular cycles because of what comes next. */
static int64_t held_from(const struct gcl_conf *c, const struct sim_schedule *next)
{
	return next->t_start - sim_cycle_ns(c) - c->extension_ns - 1;
}

/* The worker was last known to turn at t_before: another schedule has been set since, or has even begun. */
static void note_phase(struct sim *s, uint32_t port, int64_t t_before)
{
	const struct gcl *oper = s->worker.view[port].oper, *admin = s->worker.view[port].admin;
	struct sim_phase *p = &s->phase[port][s->n_phases[port] - 1];
	int64_t t_to = NS_NEVER;

	if (p->gen ? admin && !s->schedule[p->gen - 1].conf.enabled : oper || admin)
		t_to = t_before; /* its initial gate states hold */
	if (oper && oper->generation != p->gen) {
		if (p->gen)
			t_to = held_from(&s->schedule[p->gen - 1].conf, &s->schedule[oper->generation - 1]);
		p[1] = (struct sim_phase){.t_from = s->schedule[oper->generation - 1].t_start, .t_to = NS_NEVER, .gen = oper->generation};
		memcpy(p[1].limits, s->limits[port], sizeof(p[1].limits));
		s->n_phases[port]++;
	}
	if (t_to < p->t_to)
		p->t_to = t_to;
}

/* What was pending never ran, but the present cycle may have been held for it, and then goes on to a regular start. */
static void note_dropped(struct sim *s, uint32_t port, const struct sim_schedule *dropped)
{
	struct sim_phase *p = &s->phase[port][s->n_phases[port] - 1];
	int64_t t_to = p->gen ? held_from(&s->schedule[p->gen - 1].conf, dropped) : NS_NEVER;

	if (t_to < s->worker.t_now && t_to < p->t_to)
		p->t_to = t_to;
}

/* Other slopes hold since some instant in the last turn. */
static void note_rates(struct sim *s, const struct worker_mail *m, int64_t t_before)
{
	struct sim_phase *p = &s->phase[m->port][s->n_phases[m->port]++ - 1];

	p[1] = *p;
	p[1].t_from = s->worker.t_now;
	memcpy(p[1].limits, m->limits, sizeof(p[1].limits));
	memcpy(s->limits[m->port], m->limits, sizeof(m->limits));
	if (t_before < p->t_to)
		p->t_to = t_before;
}

/* The begin of a cycle that is not before t; a list that is not enabled begins at once. */
static int64_t change_time(const struct gcl_conf *c, int64_t t)
{
	if (!c->enabled)
		return t;
	return c->t_base >= t ? c->t_base : sim_cycle_from(c, t);
}

/* Mail that the worker has read: note when, and from when on its schedule holds (802.1Q 8.6.9.3). */
void sim_read_back(struct sim *s, int64_t t_before)
{
	struct worker_mail *m;
	const struct gcl *pending;
	struct sim_schedule *sch;
	struct gcl *gcl;
	uint32_t i;

	while ((m = spsc_pop(&s->worker.done))) {
		if (m->kind == MAIL_CBS_SET) {
			note_rates(s, m, t_before);
			free(m);
			continue;
		}
		sch = &s->schedule[m->gcl->generation - 1];
		sch->t_set = s->worker.t_now;
		sch->t_set_from = t_before;
		if (m->dropped)
			note_dropped(s, sch->port, &s->schedule[m->dropped->generation - 1]);
		gcl_destroy((struct gcl *)m->dropped);
		sch->t_start = s->worker.view[sch->port].t_change;
		if (sch->t_start == NS_NEVER)
			sch->t_start = change_time(&sch->conf, t_before); /* in force within the same turn */
		free(m);
	}
	while ((gcl = spsc_pop(&s->worker.spent)))
		gcl_destroy(gcl);
	for (i = 0; i < s->n_ports; i++) {
		pending = s->worker.view[i].admin; /* a step or a stop moves its time */
		if (pending)
			s->schedule[pending->generation - 1].t_start = s->worker.view[i].t_change;
		note_phase(s, i, t_before);
	}
}
