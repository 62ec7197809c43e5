/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ctl_police.h"

#include <stdio.h>

static void put_or_null(struct out *o, const char *key, int32_t v, int32_t none)
{
	if (v == none)
		out_null(o, key, NULL);
	else
		out_int(o, key, v, NULL);
}

static void put_ref(struct out *o, const char *key, const char *id)
{
	if (id[0])
		out_str(o, key, id, NULL);
	else
		out_null(o, key, NULL);
}

static void put_match(struct out *o, const struct police_filter_conf *f)
{
	const uint8_t *a = f->dst;
	char mac[18];

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3], a[4], a[5]);
	put_ref(o, "destination-mac", f->any_dst ? "" : mac);
	put_or_null(o, "vlan", f->vid, POLICE_ANY);
	put_or_null(o, "priority-spec", f->pcp, POLICE_ANY);
	out_uint(o, "max-sdu-size", f->max_sdu, NULL);
}

static void put_filter(struct out *o, const struct conf_filter *f, const struct police *p, uint32_t i)
{
	struct police_counters c;
	bool blocked;

	police_counters_get(p, i, &c, &blocked);
	out_object(o, NULL);
	out_str(o, "stream-filter-instance-id", f->row.id, NULL);
	put_match(o, &f->filter);
	put_ref(o, "stream-gate-ref", f->gate);
	put_ref(o, "flow-meter-ref", f->meter_enable ? f->meter : "");
	put_ref(o, "scheduler-ref", f->scheduler_enable ? f->scheduler : "");
	out_bool(o, "stream-blocked-due-to-oversize-frame", blocked, NULL);
#define X(id, name, help) out_uint(o, name, c.id, NULL);
	POLICE_COUNTERS(X)
#undef X
	out_end(o);
}

static void put_gate(struct out *o, const struct conf_stream_gate *g, const struct police *p, uint32_t i, int64_t now)
{
	struct police_gate_view v;

	police_gate_get(p, i, now, &v);
	out_object(o, NULL);
	out_str(o, "stream-gate-instance-id", g->row.id, NULL);
	out_str(o, "oper-gate-state", v.open ? "open" : "closed", NULL);
	put_or_null(o, "oper-ipv", v.ipv, POLICE_NONE);
	put_or_null(o, "entry", v.running ? (int32_t)v.entry : -1, -1);
	out_bool(o, "gate-closed-due-to-invalid-rx", v.invalid_rx, NULL);
	out_bool(o, "gate-closed-due-octets-exceeded", v.octets_exceeded, NULL);
	out_bool(o, "config-pending", v.pending, NULL);
	if (v.pending)
		out_int(o, "config-change-time", v.t_change, NULL);
	else
		out_null(o, "config-change-time", NULL);
	out_uint(o, "config-change-error", v.errors, NULL);
	out_end(o);
}

void ctl_put_police(struct out *o, const struct conf_police *c, const struct police *p, int64_t now)
{
	uint32_t i;

	out_array(o, "stream-filters");
	for (i = 0; p && i < c->n_filters; i++)
		put_filter(o, &c->filters[i], p, i);
	out_end(o);
	out_array(o, "stream-gates");
	for (i = 0; p && i < c->n_gates; i++)
		put_gate(o, &c->gates[i], p, i, now);
	out_end(o);
	out_array(o, "flow-meters");
	for (i = 0; p && i < c->n_meters; i++) {
		out_object(o, NULL);
		out_str(o, "flow-meter-instance-id", c->meters[i].row.id, NULL);
		out_bool(o, "mark-all-frames-red", police_meter_all_red(p, i), NULL);
		out_end(o);
	}
	out_end(o);
}
