/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/bridge_pvt.h"

#include <errno.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/cycle.h"
#include "vnet/port_guest.h"

const struct conf *bridge_conf(const struct bridge *b)
{
	return &b->conf;
}

uint32_t bridge_ports(const struct bridge *b)
{
	return b->n_ports;
}

int bridge_port_find(const struct bridge *b, const char *name)
{
	uint32_t i;

	for (i = 0; i < b->n_ports; i++)
		if (!strcmp(b->port[i].name, name))
			return (int)i;
	return -ENOENT;
}

int64_t bridge_now(struct bridge *b)
{
	int64_t stepped;

	return tscmap_now(timebase_map(b->timebase), &stepped);
}

void bridge_clock_get(struct bridge *b, struct timebase_state *out)
{
	timebase_get(b->timebase, out);
}

/* Gate states now, from the profiles themselves: the worker need not publish them. */
static uint8_t states_now(const struct gcl *oper, const struct gcl *admin, int64_t t_last, int64_t now)
{
	uint8_t states = 0;
	struct cycle c;
	unsigned int tc;

	if (!oper || !oper->enabled)
		return admin ? admin->initial_gates : 0xff;
	cycle_at(oper, now, &c);
	if (now >= t_last)
		c.t = t_last; /* held until the change, or cut by it */
	for (tc = 0; tc < TSN_CLASSES; tc++)
		states |= (uint8_t)(gcl_open_at_offset(oper, tc, now - c.t) << tc);
	return states;
}

void bridge_port_get(struct bridge *b, uint32_t i, struct bridge_port *out)
{
	struct worker_gate_view *v = &b->worker.view[i];
	struct port *port = &b->port[i];
	const uint64_t *from = (const uint64_t *)&port->stat;
	uint64_t *to = (uint64_t *)&out->stat;
	size_t k;

	out->conf = &b->conf.port[i];
	out->up = port->ops->ring(port)[0] || (out->conf->kind != PORT_GUEST && port->was_up);
	out->ring = port->ops->ring(port);
	out->peer_pid = out->conf->kind == PORT_GUEST ? port_guest_peer(port) : 0;
	for (k = 0; k < sizeof(out->stat) / sizeof(*to); k++)
		to[k] = stat_get(from[k]);
	out->oper = atomic_load_explicit(&v->oper, memory_order_acquire);
	out->admin = atomic_load_explicit(&v->admin, memory_order_acquire);
	out->held = b->held[i];
	out->t_change = atomic_load_explicit(&v->t_change, memory_order_acquire);
	out->gate_states = states_now(out->oper, out->admin, atomic_load_explicit(&v->t_last, memory_order_acquire), bridge_now(b));
	if (out->admin && !out->admin->generation)
		out->admin = NULL; /* it only keeps gates shut (bridge_hold.c) */
}

const struct police *bridge_police(const struct bridge *b, uint32_t port)
{
	return b->port[port].police;
}

int bridge_worker_tid(const struct bridge *b)
{
	return b->running ? b->worker_tid : 0;
}

void bridge_worker_get(struct bridge *b, struct stat_worker *out)
{
	const uint64_t *from = (const uint64_t *)&b->worker.stat;
	uint64_t *to = (uint64_t *)out;
	size_t k;

	for (k = 0; k < sizeof(*out) / sizeof(*to); k++)
		to[k] = stat_get(from[k]);
}
