/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ptp_arrival.h"

#include "ptp/resid.h"

/* By the port's own stamp, if that makes sense: a step of either clock beside its reading makes it fall out of this. */
static bool stamped(struct port *from, const struct pkt *p, const struct msg *m, int64_t now, int64_t *t)
{
	return from->ops->arrived && from->ops->arrived(from, p->data, m, t) && *t > p->t_seen - PKT_MAX_STAY_NS && *t <= now;
}

bool ptp_arrival(struct port *from, struct ratio *ratio, struct pkt *p, const struct msg *m, int64_t now)
{
	int64_t t = p->t_seen, half_ns = 0, interval;

	if (m->event && stamped(from, p, m, now, &t)) {
		stat_add(from->stat.ptp_stamped, 1);
	} else if (m->event) {
		half_ns = (now - from->t_dry) / 2;
		t = now - half_ns;
	}
	if (half_ns > PORT_PTP_DOUBT_NS)
		return !from->ptp.correction; /* nothing is said of it then that could be wrong */
	ratio_take(ratio, p->data, m, t);
	if (!m->event || !from->ptp.correction)
		return true;
	interval = resid_interval(p->t_seen - t + from->ptp.ingress_latency_ns, 0);
	if (m->type == MSG_SYNC || m->type == MSG_PDELAY_RESP) /* 11.6.2, 11.6.5 */
		interval = resid_sum(interval, resid_interval(from->ptp.asymmetry_ns, 0));
	resid_apply(p->data, m, interval, false);
	return true;
}
