/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ctl_port.h"

static void put_cycle(struct out *o, const struct gcl *gcl)
{
	int64_t num, den;

	if (!gcl->frac_num) {
		out_int(o, "admin-cycle-time", gcl->cycle_ns, NULL);
		return;
	}
	gcl_cycle_seconds(gcl->cycle_ns, gcl->frac_num, gcl->frac_den, &num, &den);
	out_object(o, "admin-cycle-time");
	out_int(o, "numerator", num, NULL);
	out_int(o, "denominator", den, NULL);
	out_end(o);
}

/* As conf_parse_gate() reads it. */
static void put_profile(struct out *o, const char *key, const struct gcl *gcl)
{
	uint32_t i;

	if (!gcl) {
		out_null(o, key, NULL);
		return;
	}
	out_object(o, key);
	out_bool(o, "gate-enabled", gcl->enabled, NULL);
	out_uint(o, "admin-gate-states", gcl->initial_gates, NULL);
	out_int(o, "admin-base-time", gcl->t_base, NULL);
	put_cycle(o, gcl);
	out_int(o, "admin-cycle-time-extension", gcl->extension_ns, NULL);
	out_array(o, "queue-max-sdu");
	for (i = 0; i < TSN_CLASSES; i++)
		out_uint(o, NULL, gcl->max_sdu[i], NULL);
	out_end(o);
	out_array(o, "admin-control-list");
	for (i = 0; i < gcl->n_entries; i++) {
		out_object(o, NULL);
		out_int(o, "time-interval-value", gcl->entries[i].interval_ns, NULL);
		out_uint(o, "gate-states-value", gcl->entries[i].gates, NULL);
		out_end(o);
	}
	out_end(o);
	out_end(o);
}

void ctl_put_gate(struct out *o, const struct bridge_port *p)
{
	out_object(o, "gate");
	out_uint(o, "states", p->gate_states, NULL);
	out_uint(o, "oper-generation", p->oper ? p->oper->generation : 0, NULL);
	put_profile(o, "oper", p->oper);
	out_uint(o, "admin-generation", p->admin ? p->admin->generation : 0, NULL);
	put_profile(o, "admin", p->admin);
	put_profile(o, "held", p->held);
	if (p->admin)
		out_int(o, "t_change", p->t_change, NULL);
	else
		out_null(o, "t_change", NULL);
	out_end(o);
}

/* What orders or shapes a class, if anything does. */
static void put_shaper(struct out *o, const struct conf_port *c, int tc)
{
	const char *kind = c->cbs.idle_bps[tc] ? "credit-based" : c->launch[tc].enabled ? "launch-time" : c->ats >> tc & 1 ? "asynchronous" : "";

	out_str(o, "shaper", kind, NULL);
	out_int(o, "admin-idle-slope", c->cbs.idle_bps[tc], NULL);
}

static void put_counters(struct out *o, const struct stat_port *s, const struct conf_port *c)
{
	static const char *const verdicts[] = {
#define X(id, name, help) name,
		PKT_VERDICTS(X)
#undef X
	};
	int i;

	out_object(o, "counters");
#define X(id, help) out_uint(o, #id, s->id, NULL);
	STAT_PORT(X)
#undef X
	out_end(o);
	out_object(o, "verdicts");
	for (i = 0; i < VERDICT_COUNT; i++)
		out_uint(o, verdicts[i], s->verdict[i], NULL);
	out_end(o);
	out_array(o, "classes");
	for (i = 0; i < TSN_CLASSES; i++) {
		out_object(o, NULL);
		out_int(o, "tc", i, NULL);
		put_shaper(o, c, i);
		out_uint(o, "sent", s->class_tx[i], NULL);
		out_uint(o, "overruns", s->class_overruns[i], NULL);
		out_uint(o, "over_hi", s->class_over_hi[i], NULL);
		out_uint(o, "queued", s->class_queued[i], NULL);
		out_end(o);
	}
	out_end(o);
}

void ctl_put_port(struct out *o, const struct bridge_port *p)
{
	static const char *const kinds[] = {[PORT_GUEST] = "guest", [PORT_WIRE] = "wire", [PORT_MEM] = "mem"};
	const struct conf_port *c = p->conf;
	uint32_t i;

	out_object(o, NULL);
	out_str(o, "name", c->name, NULL);
	out_str(o, "kind", kinds[c->kind], NULL);
	out_str(o, "device", c->kind == PORT_GUEST ? c->guest : c->wire, NULL);
	out_bool(o, "up", p->up, NULL);
	out_str(o, "ring", p->ring, NULL);
	if (p->peer_pid)
		out_int(o, "peer_pid", p->peer_pid, NULL);
	else
		out_null(o, "peer_pid", NULL);
	out_int(o, "link-speed", c->link_bps, NULL);
	out_int(o, "mtu", c->mtu, NULL);
	out_int(o, "pvid", c->pvid, NULL);
	out_array(o, "vlans");
	for (i = 0; i < c->n_vlans; i++)
		out_uint(o, NULL, c->vlans[i], NULL);
	out_end(o);
	out_str(o, "ptp-role", role_name[c->ptp.role], NULL);
	put_counters(o, &p->stat, c);
	ctl_put_gate(o, p);
	out_end(o);
}
