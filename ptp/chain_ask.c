/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/chain_ask.h"

#include <errno.h>
#include <string.h>

/* The one answer to a question about the clock; a refusal is an error like silence. */
static int ask_clock(struct pmc_sock *s, enum pmc_id id, struct pmc_reply *r, struct why *why)
{
	int n = pmc_sock_ask(s, id, r, 1, why);

	if (n < 0)
		return n;
	if (r->error)
		return why_fail(why, EPROTO, "%s: refuses %s with %s", pmc_sock_path(s), pmc_name(id), pmc_error(r->error));
	return 0;
}

/* Names and time stamping of the ports: nice to have, and refused on a read-only socket. */
static int ask_properties(struct chain_ptp *p, struct pmc_sock *s, struct why *why)
{
	struct pmc_reply r[CHAIN_PORTS];
	int i, k, n = pmc_sock_ask(s, PMC_PORT_PROPERTIES_NP, r, CHAIN_PORTS, why);

	if (n < 0)
		return n;
	for (i = 0; i < n; i++) {
		const struct pmc_port_properties *from = &r[i].port_properties;

		if (r[i].error)
			continue;
		for (k = 0; k < p->ports; k++) {
			struct chain_port *port = &p->port[k];

			if (port->ds.identity.number != from->identity.number)
				continue;
			port->properties = true;
			port->timestamping = from->timestamping;
			memcpy(port->interface, from->interface, sizeof(port->interface));
		}
	}
	return 0;
}

static int ask_ports(struct chain_ptp *p, struct pmc_sock *s, struct why *why)
{
	struct pmc_reply r[CHAIN_PORTS];
	int i, n = pmc_sock_ask(s, PMC_PORT_DS, r, CHAIN_PORTS, why);

	if (n < 0)
		return n;
	for (i = 0; i < n; i++)
		if (!r[i].error)
			p->port[p->ports++].ds = r[i].port;
	return 0;
}

static int ask_state(struct chain_ptp *p, struct pmc_sock *s, struct why *why)
{
	struct pmc_reply r;
	int err = ask_clock(s, PMC_CURRENT_DS, &r, why);

	if (err)
		return err;
	p->current = r.current;
	err = ask_clock(s, PMC_PARENT_DS, &r, why);
	if (err)
		return err;
	p->parent = r.parent;
	err = ask_clock(s, PMC_TIME_PROPERTIES_DS, &r, why);
	if (err)
		return err;
	p->time = r.time_properties;
	err = ask_clock(s, PMC_TIME_STATUS_NP, &r, why);
	if (err)
		return err;
	p->status = r.time_status;
	return ask_ports(p, s, why);
}

int chain_ask(struct chain_ptp *p, struct pmc_sock *s)
{
	int err;

	memset(p, 0, sizeof(*p));
	p->clock = *pmc_sock_clock(s);
	err = ask_state(p, s, &p->missing);
	if (!err)
		err = ask_properties(p, s, &p->missing);
	p->known = !err;
	return err;
}
