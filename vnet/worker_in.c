/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/worker_pvt.h"

#include <string.h>

#include "base/key.h"

/* A frame's stay is over without a send: record why, give the buffer back. t: now. */
void worker_discard(struct worker *w, struct pkt *p, enum pkt_verdict verdict, int64_t t)
{
	struct pkt *rec = recw_slot(&w->rec, 0);

	p->verdict = verdict;
	*rec = *p;
	*recw_key(&w->rec, 0) = *pktbuf_key(p);
	rec->t_out = t;
	rec->hop_ns[HOP_SEND] = 0; /* may still hold its eligibility */
	recw_publish(&w->rec, 1);
	stat_add(w->stat.records, w->rec.on);
	stat_add(w->port[p->in_port]->stat.verdict[verdict], 1);
	pktbuf_free(&w->ingress.buf, p);
}

/* It never came to a queue: what its hops were to tell one is cleared. */
static void refuse(struct worker *w, struct pkt *p, enum pkt_verdict verdict, int64_t t)
{
	memset(&p->hop_ns[HOP_QUEUE], 0, (HOP_COUNT - HOP_QUEUE) * sizeof(p->hop_ns[0]));
	worker_discard(w, p, verdict, t);
}

static void enqueue(struct worker *w, struct pkt *p, int64_t t_copied, int64_t t_queued)
{
	struct port *out;

	p->hop_ns[HOP_COPY] = (uint32_t)(t_copied - p->t_seen);
	p->hop_ns[HOP_CLASS] = (uint32_t)(t_queued - t_copied);
	if (p->verdict != VERDICT_SENT) {
		refuse(w, p, p->verdict, t_queued);
		return;
	}
	out = w->port[p->out_port];
	worker_account(w, out, t_queued);
	if (!port_may_wait(out, w->port[p->in_port]) || !egress_put(&out->egress, p)) {
		refuse(w, p, VERDICT_QUEUE_FULL, t_queued);
		return;
	}
	out->waiting[p->in_port]++;
	stat_set(out->stat.class_queued[p->tc], egress_queued(&out->egress, p->tc));
}

/*
 * Classify a burst and queue it. The whole burst shares its three stamps. Copies of flooded frames are staged with the rest, so
 * the stage is sized for a burst in which every frame goes to every port.
 */
static void take_in(struct worker *w, struct port *port, struct pkt **p, uint16_t n)
{
	struct pkt *stage[PORT_BURST * INGRESS_STAGE];
	uint32_t staged = 0;
	uint64_t bytes = 0, copied = 0;
	int64_t t_copied, t_queued;
	uint32_t i, copies, len;

	w->t_open = w->t_now;
	t_copied = worker_clock(w, REC_AT_RECEIVE);
	for (i = 0; i < n; i++) {
		p[i]->t_seen = w->t_open;
		p[i]->seq = w->seq++;
		p[i]->flags = port->ops->guest ? PKT_FROM_GUEST : 0;
		p[i]->in_port = port->index;
		memset(p[i]->hop_ns, 0, sizeof(p[i]->hop_ns));
		if (w->rec.on)
			*pktbuf_key(p[i]) = key_of(p[i]->data, p[i]->len); /* before anything is written into it */
		len = p[i]->len;
		copies = ingress_frame(&w->ingress, p[i], t_copied, stage + staged);
		bytes += len;
		copied += (uint64_t)len * copies;
		staged += copies;
	}
	if (copied > PORT_VISIT_BYTES)
		port->burst = (uint16_t)(port->burst + 1) / 2;
	else if (port->burst < PORT_BURST && copied < PORT_VISIT_BYTES / 2)
		port->burst++;
	stat_add(port->stat.rx_frames, n);
	stat_add(port->stat.rx_bytes, bytes);
	stat_add(port->stat.copies, staged - n);
	w->t_open = t_copied;
	t_queued = worker_clock(w, REC_AT_TURN);
	/* w->t_open moved along if the clock was stepped meanwhile; what it moved by, t_seen has to move by. */
	for (i = 0; i < staged; i++) {
		stage[i]->t_seen += w->t_open - t_copied;
		enqueue(w, stage[i], w->t_open, t_queued);
	}
}

bool worker_receive(struct worker *w, struct port *port)
{
	struct pkt *p[PORT_BURST];
	uint16_t asked = port->burst, n;

	port->t_visit = w->t_now;
	n = port->ops->rx(port, p, asked);
	if (n)
		take_in(w, port, p, n);
	if (n < asked)
		port->t_dry = port->t_visit;
	return n;
}
