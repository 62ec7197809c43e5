/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ctl_dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void put_gate(struct out *o, const struct bridge_port *p)
{
	if (!p->oper || !p->admin)
		return;
	out_object(o, NULL);
	out_str(o, "port", p->conf->name, NULL);
	out_uint(o, "oper-generation", p->oper->generation, NULL);
	out_int(o, "t_change", p->t_change, NULL);
	out_end(o);
}

static void put_stream_gates(struct out *o, struct bridge *b, uint32_t port)
{
	const struct conf_port *c = &bridge_conf(b)->port[port];
	const struct police *p = bridge_police(b, port);
	struct police_gate_view v;
	uint32_t i;

	for (i = 0; p && i < c->police.n_gates; i++) {
		police_gate_get(p, i, bridge_now(b), &v);
		if (!v.pending || !v.running)
			continue;
		out_object(o, NULL);
		out_str(o, "port", c->name, NULL);
		out_str(o, "gate", c->police.gates[i].row.id, NULL);
		out_int(o, "t_change", v.t_change, NULL);
		out_end(o);
	}
}

/* What runs until then would be lost in a restart from the file. */
static void put_pending(struct out *o, struct bridge *b)
{
	struct bridge_port p;
	uint32_t i;

	out_array(o, "pending");
	for (i = 0; i < bridge_ports(b); i++) {
		bridge_port_get(b, i, &p);
		put_gate(o, &p);
		put_stream_gates(o, b, i);
	}
	out_end(o);
}

int ctl_put_dump(struct out *o, struct bridge *b, struct why *why)
{
	char *yaml = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&yaml, &len);
	int err;

	if (!f)
		return why_fail(why, ENOMEM, "out of memory");
	err = conf_dump(bridge_conf(b), f);
	if (fclose(f) || err) {
		err = why_fail(why, ENOMEM, "out of memory");
	} else {
		out_str(o, "yaml", yaml, NULL);
		put_pending(o, b);
	}
	free(yaml);
	return err;
}
