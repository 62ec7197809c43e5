/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/worker_pvt.h"

static_assert(PKT_MAX_STAY_NS + WORKER_STALL_NS < UINT32_MAX, "a hop has 32 bits");

/* Hand a schedule back to the control thread; keep it for later when that is slow. */
void worker_retire(struct worker *w, const struct gcl *gcl)
{
	if (gcl)
		w->retired[w->n_retired++] = gcl;
	while (w->n_retired && spsc_push(&w->spent, (void *)w->retired[w->n_retired - 1]))
		w->n_retired--;
}

void worker_publish(struct worker *w, const struct port *port)
{
	struct worker_gate_view *v = &w->view[port->index];
	const struct gate *g = &port->egress.gate;

	atomic_store_explicit(&v->oper, g->oper, memory_order_release);
	atomic_store_explicit(&v->admin, g->admin, memory_order_release);
	atomic_store_explicit(&v->t_change, g->t_change, memory_order_release);
	atomic_store_explicit(&v->t_last, g->t_last, memory_order_release);
}

/* Bring a port's egress to t; schedules that ended on the way go back to the control thread. */
void worker_account(struct worker *w, struct port *port, int64_t t)
{
	struct egress *e = &port->egress;
	uint64_t changes = e->gate.config_changes;
	const struct gcl *gcl;

	while ((gcl = egress_account(e, t))) {
		worker_publish(w, port); /* before the old one can be freed */
		worker_retire(w, gcl);
	}
	if (e->gate.config_changes != changes) {
		stat_set(port->stat.gate_changes, e->gate.config_changes);
		worker_publish(w, port);
	}
}

/*
 * The clock jumped by delta since the last read, or this thread stood still for so long. What a port may have received
 * meanwhile it received while time went by.
 */
static void shift(struct worker *w, int64_t delta, bool stood)
{
	uint32_t i;

	for (i = 0; i < w->n_ports; i++) {
		worker_account(w, w->port[i], w->t_now);
		egress_shift(&w->port[i]->egress, delta, w->t_now + delta);
		if (w->port[i]->police)
			police_step(w->port[i]->police, delta, w->t_now + delta);
		role_meter_step(&w->port[i]->ptp.meter, delta);
		role_meter_step(&w->port[i]->time.meter, delta);
		w->port[i]->t_visit += stood ? 0 : delta;
		w->port[i]->t_dry += stood ? 0 : delta;
		worker_publish(w, w->port[i]);
	}
	ratio_shift(&w->ingress.ratio, delta);
	owner_shift(&w->ingress.owner, delta);
	fdb_shift(w->ingress.fdb, delta);
	w->t_open += delta;
	w->t_stall += delta;
	w->t_visited += delta;
	w->t_now += delta;
}

/* The only place where the worker reads its clock. */
int64_t worker_clock(struct worker *w, enum rec_where where)
{
	int64_t stepped;
	int64_t t = clk_now(&w->clk, &stepped);
	int64_t gap_ns;

	if (stepped != w->stepped) {
		shift(w, stepped - w->stepped, false); /* as if right at the last read; the time since is looked at below */
		w->stepped = stepped;
		stat_add(w->stat.clock_steps, 1);
	}
	gap_ns = t - w->t_now;
	if (gap_ns <= 0)
		return w->t_now;
	if (gap_ns >= w->poll_gap_ns) {
		recw_gap(&w->rec, w->t_now, t, where);
		stat_add(w->stat.gaps, 1);
		stat_add(w->stat.gap_ns, gap_ns);
	}
	if (gap_ns >= WORKER_STALL_NS) {
		shift(w, gap_ns, true);
		w->t_stall = t;
	}
	w->t_now = t;
	return t;
}
