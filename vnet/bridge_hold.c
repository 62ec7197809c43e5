/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Schedules that wait for the clock to be good. Until then the worker has none of them: gates without a list are open,
 * and those that are to be shut have one that says so until the end of days, and lets any frame pass after that.
 * When the clock is good the lists go to the worker like any that is set, which holds them to its cycles' starts.
 */
#include "vnet/bridge_pvt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/ns.h"
#include "tsn/police_list.h"

#define STUCK_TICKS 10 /* a mailbox that is full empties before, some 100 ms each */

static const char *state_name(const struct bridge *b)
{
	return b->conf.clock.hold == HOLD_CLOSED ? "shut" : "open";
}

const char *bridge_held(const struct bridge *b)
{
	return b->holding ? state_name(b) : NULL;
}

bool bridge_holds(const struct bridge *b, uint32_t port)
{
	return b->holding && port >= b->released;
}

static bool has_list(const struct conf_stream_gate *g)
{
	return g->gate.enabled && g->gate.n_entries;
}

/* -- until then ---------------------------------------------------------------------------------------------------- */

/* All gates shut, and no frame too long: it waits. */
static int make_shut(struct gcl **out, const struct wire *wire, struct why *why)
{
	struct gcl_entry all = {.gates = 0xff, .interval_ns = NS_PER_MS};
	const struct gcl_conf conf = {
		.enabled = true,
		.t_base = GCL_MAX_BASE_NS,
		.entries = &all,
		.n_entries = 1,
	};

	return gcl_create(out, &conf, wire, why);
}

int bridge_hold_list(struct bridge *b, uint32_t port, struct police_list **out, const struct conf_stream_gate *g, struct why *why)
{
	struct conf_stream_gate none = {
		.row = g->row,
		.gate = {.initial_open = b->conf.clock.hold == HOLD_OPEN, .initial_ipv = g->gate.initial_ipv},
	};

	return conf_police_list(out, &none, &b->port[port].egress.wire, why);
}

static int hold_stream_gate(struct bridge *b, uint32_t port, uint32_t i, struct why *why)
{
	struct police_list *list, *back[3];
	int k, err = bridge_hold_list(b, port, &list, &b->conf.port[port].police.gates[i], why);

	if (err)
		return err;
	police_gate_change(b->port[port].police, i, list, b->worker.t_now, back);
	for (k = 0; k < 3; k++)
		police_list_destroy(back[k]);
	return 0;
}

/* Gates of a port that is opened, before the worker's first turn. */
int bridge_hold_port(struct bridge *b, uint32_t port, struct gcl *gcl, struct why *why)
{
	struct egress *e = &b->port[port].egress;
	struct gcl *shut;
	int err;

	b->held[port] = gcl;
	if (b->conf.clock.hold == HOLD_OPEN)
		return 0;
	err = make_shut(&shut, &e->wire, why);
	if (err)
		return err;
	egress_set(e, shut, b->worker.t_now);
	return 0;
}

int bridge_hold_stream_gates(struct bridge *b, uint32_t port, struct why *why)
{
	const struct conf_police *c = &b->conf.port[port].police;
	uint32_t i;
	int err;

	for (i = 0; i < c->n_gates; i++) {
		if (!has_list(&c->gates[i]))
			continue;
		err = hold_stream_gate(b, port, i, why);
		if (err)
			return err;
	}
	return 0;
}

/* A schedule that is set meanwhile takes the place of the one that waits; the first of its port shuts its gates. */
int bridge_hold_gcl(struct bridge *b, uint32_t port, struct gcl *gcl, struct why *why)
{
	bool first = !b->held[port] && b->conf.clock.hold == HOLD_CLOSED;
	struct worker_mail *m = first ? bridge_mail(b, MAIL_GATE, port, why) : NULL;
	struct gcl *shut = NULL;
	int err = 0;

	if (first && !m)
		return -ENOMEM;
	if (first) {
		err = make_shut(&shut, &b->port[port].egress.wire, why);
		m->gcl = shut;
		if (!err)
			err = bridge_post(b, m, why);
		if (err) {
			bridge_mail_free(m, false);
			return err;
		}
	}
	gcl_destroy(b->held[port]);
	b->held[port] = gcl;
	return 0;
}

void bridge_drop_held(struct bridge *b)
{
	uint32_t i;

	for (i = 0; i < PKT_MAX_PORTS; i++) {
		gcl_destroy(b->held[i]);
		b->held[i] = NULL;
	}
}

/* -- and then ------------------------------------------------------------------------------------------------------ */

static int release_gates(struct bridge *b, uint32_t port)
{
	struct worker_mail *m;

	if (!b->held[port])
		return 0;
	m = bridge_mail(b, MAIL_GATE, port, NULL);
	if (!m)
		return -ENOMEM;
	m->gcl = b->held[port];
	if (bridge_post(b, m, NULL)) {
		free(m);
		return -EBUSY;
	}
	b->held[port] = NULL;
	b->n_released++;
	return 0;
}

static int release_stream_gate(struct bridge *b, uint32_t port, uint32_t i)
{
	struct worker_mail *m = bridge_mail(b, MAIL_POLICE_SET, port, NULL);

	if (!m)
		return -ENOMEM;
	m->police_gate = (uint8_t)i;
	if (conf_police_list(&m->police_list, &b->conf.port[port].police.gates[i], &b->port[port].egress.wire, NULL) || bridge_post(b, m, NULL)) {
		bridge_mail_free(m, false);
		return -EBUSY;
	}
	b->n_released++;
	return 0;
}

/* One port's. When the mailbox is full it goes on at the next tick, where it was. */
static int release_port(struct bridge *b, uint32_t port)
{
	const struct conf_police *c = &b->conf.port[port].police;
	int err = release_gates(b, port);

	for (; !err && b->released_gates < c->n_gates; b->released_gates++)
		if (has_list(&c->gates[b->released_gates]))
			err = release_stream_gate(b, port, b->released_gates);
	return err;
}

void bridge_hold_tick(struct bridge *b)
{
	const struct why *why;
	int err;

	if (!b->holding)
		return;
	if (!b->released && !b->n_released && !timebase_good(b->timebase, &why)) {
		if (!b->hold_told)
			log_info("gates are held %s until the clock is good: %s%s", state_name(b), why->text,
				 b->conf.clock.ptp4l[0] && b->conf.clock.hold == HOLD_CLOSED
					 ? "; shut gates hold PTP too: if that ptp4l's passes this taktd, use hold-gates: open" : "");
		b->hold_told = true;
		return;
	}
	for (; b->released < b->n_ports; b->released++, b->released_gates = 0) {
		err = release_port(b, b->released);
		if (!err)
			continue;
		if (++b->stuck == STUCK_TICKS)
			log_warn("port %s: its schedule cannot start (%s), gates are held %s meanwhile: it is tried again at each tick",
				 b->conf.port[b->released].name, strerror(-err), state_name(b));
		return;
	}
	b->holding = false;
	log_info("schedules start, %u of them: gates were held %s", b->n_released, state_name(b));
}
