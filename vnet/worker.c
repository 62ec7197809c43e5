/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/worker.h"

#include <errno.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/worker_pvt.h"

#define TURN_MAX_NS	(50 * NS_PER_US) /* a turn longer than this was interrupted */
#define VISIT_MAX_NS	(100 * NS_PER_US) /* all ports are received from at least this often, whatever gate is about to open */
#define TURN_SHIFT	10   /* a turn's expected length loses 1/1024 of itself per busy turn */
#define HEARTBEAT_TURNS 1024 /* turns between two updates of t_worker in the shared memory; a power of two */

int worker_init(struct worker *w, const struct clk *clk, const struct pktbuf *buf, int64_t ageing_ns, int64_t poll_gap_ns)
{
	memset(w, 0, sizeof(*w));
	w->clk = *clk;
	w->t_now = clk_now(clk, &w->stepped);
	w->t_visited = w->t_now;
	w->poll_gap_ns = poll_gap_ns;
	w->ingress = (struct ingress){.ports = w->port, .buf = *buf, .fdb = fdb_create(ageing_ns)};
	return w->ingress.fdb ? 0 : -ENOMEM;
}

void worker_fini(struct worker *w)
{
	fdb_destroy(w->ingress.fdb);
}

void worker_add_port(struct worker *w, struct port *port)
{
	egress_expect(&port->egress, w->poll_gap_ns);
	port->t_visit = port->t_dry = w->t_now;
	w->port[w->n_ports++] = port;
	w->ingress.n_ports = w->n_ports;
}

static void flush_port(struct worker *w, struct port *port)
{
	uint8_t tc;

	worker_account(w, port, w->t_now);
	for (tc = 0; tc < TSN_CLASSES; tc++)
		while (egress_head(&port->egress, tc))
			worker_discard_queued(w, port, tc, VERDICT_FLUSHED);
}

void worker_flush(struct worker *w)
{
	uint32_t i;

	worker_clock(w, REC_AT_TURN);
	for (i = 0; i < w->n_ports; i++)
		flush_port(w, w->port[i]);
}

static void set_schedule(struct worker *w, struct port *port, struct worker_mail *m)
{
	worker_account(w, port, w->t_now);
	m->dropped = egress_set(&port->egress, m->gcl, w->t_now);
	stat_set(port->stat.gate_errors, port->egress.gate.config_change_errors);
	worker_publish(w, port);
}

static void read_mail(struct worker *w)
{
	struct worker_mail *m;
	struct port *port;

	worker_retire(w, NULL);
	if (w->n_retired)
		return; /* first what went before */
	m = spsc_pop(&w->mail);
	if (!m)
		return;
	worker_clock(w, REC_AT_TURN); /* it was set now, not when the last turn looked: we may have been away since */
	port = w->port[m->port];
	switch (m->kind) {
	case MAIL_GATE:
		set_schedule(w, port, m);
		break;
	case MAIL_POLICE_RESET:
		police_reset(port->police);
		break;
	case MAIL_POLICE_SET:
		police_gate_change(port->police, m->police_gate, m->police_list, w->t_now, m->police_back);
		break;
	case MAIL_CBS_SET:
		worker_account(w, port, w->t_now);
		egress_shape(&port->egress, m->limits);
		break;
	case MAIL_CBS_ASK:
		worker_account(w, port, w->t_now);
		egress_credit(&port->egress, m->cbs);
		break;
	}
	spsc_push(&w->done, m);
}

/* Came up, or went away: a port that is gone keeps no frames and no addresses. */
static void watch_port(struct worker *w, struct port *port)
{
	bool up = port->ops->up(port);

	if (up == port->was_up)
		return;
	port->was_up = up;
	if (up) {
		stat_add(port->stat.attached, 1);
	} else {
		stat_add(port->stat.detached, 1);
		flush_port(w, port);
		fdb_flush_port(w->ingress.fdb, port->index);
		owner_forget(&w->ingress.owner, port->index);
	}
}

/*
 * Is a gate about to open for a waiting frame, or has it just? Then there is no time for another visit: sends come first. But behind a gate that
 * opens every few microseconds a backlog would keep all other ports waiting, and no record would tell.
 */
static bool opening_soon(const struct worker *w)
{
	return w->t_opening - w->t_now < w->turn_ns && w->t_now - w->t_visited < VISIT_MAX_NS;
}

static bool receive_all(struct worker *w)
{
	bool busy = false;
	uint32_t i;

	for (i = 0; i < w->n_ports; i++)
		watch_port(w, w->port[i]); /* all before the first frame: it may be for any of them */
	for (i = 0; i < w->n_ports; i++) {
		if (!w->port[i]->was_up)
			continue;
		busy |= worker_receive(w, w->port[i]);
		worker_clock(w, REC_AT_RECEIVE);
		if (opening_soon(w))
			return busy;
	}
	w->t_visited = w->t_now;
	return busy;
}

static bool send_all(struct worker *w)
{
	bool busy = false;
	uint32_t i;

	w->t_opening = NS_NEVER;
	for (i = 0; i < w->n_ports; i++)
		if (w->port[i]->was_up)
			busy |= worker_send(w, w->port[i]);
	return busy;
}

/* What a turn takes that was not interrupted: the most seen of late. */
static void learn_turn(struct worker *w, int64_t took_ns)
{
	if (w->turn_ns)
		w->turn_ns -= (w->turn_ns >> TURN_SHIFT) + 1;
	if (took_ns > w->turn_ns && took_ns < TURN_MAX_NS)
		w->turn_ns = took_ns;
}

void worker_poll(struct worker *w)
{
	bool busy = false;
	int64_t t_begin;

	read_mail(w);
	t_begin = worker_clock(w, REC_AT_TURN);
	if (!opening_soon(w)) {
		busy = receive_all(w);
		if (busy)
			learn_turn(w, w->t_now - t_begin);
	}
	busy |= send_all(w);
	stat_add(w->stat.turns, 1);
	if (!(w->stat.turns % HEARTBEAT_TURNS))
		atomic_store_explicit(&w->rec.shm->t_worker, w->t_now, memory_order_relaxed);
	if (!busy)
		stat_add(w->stat.idle_turns, 1);
}
