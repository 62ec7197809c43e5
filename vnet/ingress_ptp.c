/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress_ptp.h"

void ingress_ptp_look(struct ingress_ptp *x, struct port *from, struct pkt *p)
{
	*x = (struct ingress_ptp){.found = MSG_NOT_PTP};
	if (!msg_maybe(p->data, p->len))
		return;
	x->found = msg_find(&x->m, p->data, p->len);
	if (x->found == MSG_NOT_PTP)
		return;
	if (x->found != MSG_FOUND) {
		stat_add(from->stat.ptp_unread, 1);
		return;
	}
	p->flags |= x->m.event ? PKT_PTP_EVENT : PKT_PTP_GENERAL;
	if (x->m.event)
		stat_add(from->stat.ptp_events, 1);
	else
		stat_add(from->stat.ptp_general, 1);
}

enum pkt_verdict ingress_ptp_admit(const struct ingress_ptp *x, struct owner *owner, struct port *from, const struct pkt *p)
{
	if (!role_lets_in(from->ptp.role, from->ptp.peer != PKT_NO_PORT, x->found, x->m.type))
		return VERDICT_PTP_ROLE;
	if (x->found == MSG_FOUND &&
	    !owner_hear(owner, p->data, &x->m, from->index, from->ptp.role == ROLE_TRANSPARENT, p->t_seen))
		return VERDICT_PTP_CLOCK;
	if (x->found == MSG_FOUND && !role_meter_take(&from->ptp.meter, p->t_seen))
		return VERDICT_PTP_RATE;
	return VERDICT_SENT;
}

uint32_t ingress_ptp_let_out(const struct ingress_ptp *x, const struct port *from, struct port **ports, uint32_t mask)
{
	uint32_t left, out = 0;
	struct port *port;

	if (!role_lets_in(from->ptp.role, false, x->found, x->m.type))
		mask &= UINT32_C(1) << from->ptp.peer;
	for (left = mask; left; left &= left - 1) {
		port = ports[__builtin_ctz(left)];
		if (role_lets_out(port->ptp.role, x->found, x->m.type))
			out |= left & -left;
		else
			stat_add(port->stat.ptp_kept, 1);
	}
	return out;
}
