/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ptp_arrival.h"

#include "ptp/resid.h"

/*
 * By the port's own stamp, if that makes sense: it came after the port was last empty (the kernel may be held up between
 * stamp and ring), and before now. A stamp of another message with the same name does not, nor one read beside a step.
 */
static bool stamped(struct port *from, const struct pkt *p, const struct msg *m, int64_t now, int64_t *t)
{
	return from->ops->arrived && from->ops->arrived(from, p->data, m, t) && *t >= from->t_dry - PORT_PTP_DOUBT_NS && *t <= now;
}

/* A message that completes an event which left by the port that this one comes in at. False: that event is in doubt. */
static bool complete(struct ingress *in, const struct port *from, struct pkt *p, const struct msg *m)
{
	struct pair_note *note = pair_find(&in->pair, p->data, m, PAIR_IN, from->index);

	if (!note)
		return true;
	note->used = false;
	resid_apply(p->data, m, note->interval, false);
	return !note->doubt;
}

bool ptp_arrival(struct ingress *in, struct port *from, struct pkt *p, const struct msg *m, int64_t now)
{
	int64_t t = now, half_ns = 0, interval;

	if (m->event && stamped(from, p, m, now, &t)) {
		stat_add(from->stat.ptp_stamped, 1);
	} else if (m->event) {
		half_ns = (now - from->t_dry) / 2;
		t = now - half_ns;
	}
	if (half_ns > PORT_PTP_DOUBT_NS)
		return !from->ptp.correction; /* nothing is said of it then that could be wrong */
	ratio_take(&in->ratio, p->data, m, t);
	if (!m->event)
		return complete(in, from, p, m);
	if (!from->ptp.correction)
		return true;
	interval = resid_interval(p->t_seen - t + from->ptp.ingress_latency_ns, 0);
	if (m->type == MSG_SYNC || m->type == MSG_PDELAY_RESP) /* 11.6.2, 11.6.5 */
		interval = resid_sum(interval, resid_interval(from->ptp.asymmetry_ns, 0));
	resid_apply(p->data, m, interval, false);
	return true;
}
