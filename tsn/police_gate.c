/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/police_gate.h"

#include <string.h>

#include "base/ns.h"

#define NONE	INT64_MIN	/* no occurrence of an entry */
#define NO_LIST UINT32_MAX

#define tell(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELEASE)
#define hear(field)	   __atomic_load_n(&(field), __ATOMIC_ACQUIRE)

/* Nothing runs from here on, or until this list does. */
static void stand(struct police_gate *g, const struct police_list *list, int64_t now)
{
	uint64_t errors = g->gate.config_change_errors;

	gate_init(&g->gate, now);
	g->gate.config_change_errors = errors;
	g->gate.initial_gates = list->initial_open;
}

void police_gate_init(struct police_gate *g, struct police_list *list, int64_t now)
{
	memset(g, 0, sizeof(*g));
	g->t_interval = NONE;
	g->t_change = NS_NEVER;
	stand(g, list, now);
	if (list->gcl) {
		gate_set(&g->gate, list->gcl, now);
		g->admin = list;
		g->t_change = g->gate.t_change;
	} else {
		g->oper = list;
	}
}

void police_gate_fini(struct police_gate *g)
{
	police_list_destroy(g->oper);
	police_list_destroy(g->admin);
	police_list_destroy(g->spent);
}

/* Come to now; the pending list is in force once the gate has adopted it. */
static void advance(struct police_gate *g, int64_t now)
{
	gate_advance(&g->gate, now);
	if (!g->admin || g->gate.oper != g->admin->gcl)
		return;
	g->spent = g->oper; /* there is room: the last one was handed back when this list was set */
	tell(g->oper, g->admin);
	tell(g->admin, NULL);
	tell(g->t_change, NS_NEVER);
}

void police_gate_set(struct police_gate *g, struct police_list *list, int64_t now, struct police_list *back[3])
{
	struct police_list *oper, *admin;

	advance(g, now);
	oper = g->oper;
	admin = g->admin;
	back[0] = g->spent;
	back[1] = admin;
	back[2] = NULL;
	g->spent = NULL;
	if (!list->gcl || (oper && !oper->gcl)) {
		back[2] = oper;
		stand(g, list, now);
		g->t_interval = NONE;
	}
	if (list->gcl)
		gate_set(&g->gate, list->gcl, now);
	tell(g->t_change, g->gate.t_change);
	/* For views there is one of the two at any time. */
	if (!list->gcl)
		tell(g->oper, list);
	tell(g->admin, list->gcl ? list : NULL);
	if (list->gcl && back[2])
		tell(g->oper, NULL);
	tell(g->errors, g->gate.config_change_errors);
}

/* Whose initial state holds while no list runs, and whose latches are enabled: the latest that was set says. */
static const struct police_list *latest(const struct police_gate *g)
{
	return g->admin ? g->admin : g->oper;
}

enum police_verdict police_gate_frame(struct police_gate *g, uint32_t octets, int64_t now, int8_t *ipv)
{
	const struct police_gate_entry *e;
	int64_t t_interval = NONE;
	uint32_t i;

	advance(g, now);
	if (g->invalid_rx || g->octets_exceeded)
		return POLICE_GATE;
	if (!(gate_states(&g->gate) & 1)) {
		tell(g->invalid_rx, latest(g)->latch_invalid_rx);
		return POLICE_GATE;
	}
	i = gate_entry(&g->gate, &t_interval);
	if (i == NO_LIST) {
		*ipv = latest(g)->initial_ipv;
		return POLICE_PASS;
	}
	e = &g->oper->entries[i];
	if (e->octets_max) {
		if (t_interval != g->t_interval)
			g->octets_left = e->octets_max;
		g->t_interval = t_interval;
		if (octets > g->octets_left) {
			tell(g->octets_exceeded, latest(g)->latch_octets);
			return POLICE_OCTETS;
		}
		g->octets_left -= octets;
	}
	*ipv = e->ipv;
	return POLICE_PASS;
}

/*
 * Within one interval a small step gives no new octets; what comes round again after a larger one is a new occurrence.
 */
void police_gate_step(struct police_gate *g, int64_t now)
{
	int64_t t_interval = NONE;

	gate_step(&g->gate, now);
	gate_entry(&g->gate, &t_interval);
	if (t_interval != g->t_interval)
		g->t_interval = NONE;
	tell(g->t_change, g->gate.t_change);
}

void police_gate_reset(struct police_gate *g)
{
	tell(g->invalid_rx, false);
	tell(g->octets_exceeded, false);
}

/*
 * A gate of the reader's own, whose list was set a while ago, is where the owner's is: lists do not change, and cycles
 * count from the base time.
 */
void police_gate_look(const struct police_gate *g, int64_t now, struct police_gate_view *out)
{
	const struct police_list *oper, *admin;
	struct gate here;
	uint32_t i;
	int64_t t;

	do { /* neither: the owner moved one between the two looks */
		admin = hear(g->admin);
		oper = hear(g->oper);
	} while (!admin && !oper);
	t = hear(g->t_change);
	if (admin && now >= t) { /* no frame has come since: it is in force all the same */
		oper = admin;
		admin = NULL;
	}
	*out = (struct police_gate_view){.pending = admin, .t_change = admin ? t : NS_NEVER, .errors = hear(g->errors),
					 .invalid_rx = hear(g->invalid_rx),
					 .octets_exceeded = hear(g->octets_exceeded)};
	gate_init(&here, now);
	here.initial_gates = (admin ? admin : oper)->initial_open;
	out->ipv = (admin ? admin : oper)->initial_ipv;
	if (oper && oper->gcl) {
		t = now - 2 * oper->gcl->cycle_ns - 2;
		gate_init(&here, t);
		gate_set(&here, oper->gcl, t);
		gate_advance(&here, now);
	}
	i = gate_entry(&here, &t);
	out->open = gate_states(&here) & 1;
	out->running = i != NO_LIST;
	if (out->running) {
		out->entry = i;
		out->ipv = oper->entries[i].ipv;
	}
}
