/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/worker_ptp.h"

#include <string.h>

#include "ptp/be.h"
#include "ptp/resid.h"

/* A message completes an event that left by this port: the rest of its correction goes with it. False: that event is in doubt. */
static bool complete(struct worker *w, const struct port *port, struct pkt *p, bool drop)
{
	struct pair_note *note;
	struct msg m;

	if (msg_find(&m, p->data, p->len) != MSG_FOUND)
		return true;
	note = pair_find(&w->ingress.pair, p->data, &m, PAIR_OUT, port->index);
	if (!note)
		return true;
	if (note->doubt && !drop)
		return false;
	note->used = false;
	resid_apply(p->data, &m, note->interval, false);
	return !note->doubt;
}

/* The event message at the head came before the thread stood still, and its stay does not say for how long. */
static bool outlived(struct worker *w, struct port *port, const struct pkt *p)
{
	if (p->t_seen >= w->t_stall)
		return false;
	worker_discard_queued(w, port, p->tc, VERDICT_PTP_DOUBT);
	return true;
}

uint32_t worker_ptp_cut(struct worker *w, struct port *port, const struct egress_pick *picks, uint32_t n)
{
	struct pkt *p;
	uint32_t i;

	for (i = 0; i < n; i++) {
		p = picks[i].p;
		if (p->flags & PKT_PTP_EVENT && w->port[p->in_port]->ptp.correction)
			return i ? i : !outlived(w, port, p);
		if (!(p->flags & PKT_PTP_GENERAL) || complete(w, port, p, !i))
			continue;
		if (!i) /* only a head can be dropped; another will be one in the next hand-over */
			worker_discard_queued(w, port, p->tc, VERDICT_PTP_DOUBT);
		return i;
	}
	return n;
}

void worker_ptp_write(struct worker *w, struct port *port, struct pkt *p, int64_t t_start, struct worker_ptp_out *out)
{
	const struct msg *m = &out->m;
	int64_t interval, more_ns = port->ptp.egress_latency_ns;

	out->event = p->flags & PKT_PTP_EVENT && w->port[p->in_port]->ptp.correction && msg_find(&out->m, p->data, p->len) == MSG_FOUND;
	if (!out->event)
		return;
	memcpy(out->head, p->data + m->at, m->len < WORKER_PTP_HEAD ? m->len : WORKER_PTP_HEAD);
	out->checksum = m->udp ? be_get16(p->data + m->udp + MSG_UDP_CHECKSUM) : 0;
	if (m->type == MSG_DELAY_REQ || m->type == MSG_PDELAY_REQ)
		more_ns -= port->ptp.asymmetry_ns; /* 11.6.3, 11.6.4 */
	interval = resid_interval(t_start - p->t_seen, ratio_get(&w->ingress.ratio, p->data, m, t_start));
	interval = resid_sum(interval, resid_interval(more_ns, 0));
	resid_apply(p->data, m, interval, false);
}

void worker_ptp_undo(struct pkt *p, const struct worker_ptp_out *out)
{
	const struct msg *m = &out->m;

	if (!out->event)
		return;
	memcpy(p->data + m->at + MSG_CORRECTION, out->head + MSG_CORRECTION, sizeof(uint64_t));
	if (m->udp)
		be_put16(p->data + m->udp + MSG_UDP_CHECKSUM, out->checksum);
}

/*
 * How much later than its hand-over began it went out, by the port's own stamp. False when that is not known, or not
 * closely enough.
 */
static bool departed_later(struct port *port, int64_t t_hand, int64_t t_out, int64_t *later_ns)
{
	int64_t t;

	if (port->ops->departed && port->ops->departed(port, &t) && t >= t_hand && t <= t_out) {
		*later_ns = t - t_hand;
		return true;
	}
	*later_ns = 0;
	return t_out - t_hand <= 2 * PORT_PTP_DOUBT_NS;
}

void worker_ptp_sent(struct worker *w, struct port *port, const struct worker_ptp_out *out, int64_t t_hand, int64_t t_out)
{
	struct msg m = out->m;
	int64_t later_ns = 0;
	bool known;

	if (!out->event)
		return;
	stat_add(port->stat.ptp_corrected, 1);
	known = w->t_stall != t_out && departed_later(port, t_hand, t_out, &later_ns); /* else t_hand has moved, and it may have left before */
	stat_add(port->stat.ptp_doubts, !known);
	if (known && !later_ns)
		return;
	m.at = 0;
	pair_put(&w->ingress.pair, out->head, &m, port->index, resid_interval(later_ns, 0), !known);
}
