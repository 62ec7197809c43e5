/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress_time.h"
#include "vnet/worker_ptp.h"

static_assert(EGRESS_BURST <= 32, "port->no_call has a bit for each");

/* The frame was in a class queue: its waits so far belong into the record. */
void worker_discard_queued(struct worker *w, struct port *port, uint8_t tc, enum pkt_verdict verdict)
{
	struct pkt *p = egress_drop_head(&port->egress, tc);

	egress_waits(&port->egress, p);
	port->waiting[p->in_port]--;
	stat_set(port->stat.class_queued[tc], egress_queued(&port->egress, tc));
	stat_add(port->stat.launch_missed, verdict == VERDICT_LAUNCH_MISSED);
	worker_discard(w, p, verdict, port->egress.t_now);
}

/* Behind a head that may still go there is none to be dropped. */
static void drop_hopeless(struct worker *w, struct port *port)
{
	struct egress *e = &port->egress;
	enum pkt_verdict verdict;
	uint32_t left;
	uint8_t tc;

	for (left = e->backlog; left; left &= left - 1) {
		tc = (uint8_t)__builtin_ctz(left);
		while (egress_head(e, tc) && (verdict = egress_hopeless(e, tc)) != VERDICT_SENT)
			worker_discard_queued(w, port, tc, verdict);
	}
}

/* Write the records of what is about to be handed over, all but t_out: the driver may reuse the buffers at once. */
static void draft_records(struct worker *w, const struct port *port, const struct egress_pick *picks, uint32_t n)
{
	const struct gcl *oper = port->egress.gate.oper;
	struct pkt *rec;
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (picks[i].p->in_port == port->index)
			ingress_time_stamp(picks[i].p);
		rec = recw_slot(&w->rec, i);
		if (!w->rec.on) {
			rec->in_port = picks[i].p->in_port; /* what counters want to know when the buffer is gone */
			rec->tc = picks[i].tc;
			rec->len = picks[i].len;
			continue;
		}
		*rec = *picks[i].p;
		*recw_key(&w->rec, i) = *pktbuf_key(picks[i].p);
		egress_waits(&port->egress, rec);
		rec->gcl_gen = oper ? oper->generation : 0;
		rec->flags |= port->ops->guest ? PKT_TO_GUEST : 0;
	}
}

/* Frames of a class that were sent with too much credit: counted by its shaper. */
static void count_over_hi(struct port *port, uint8_t tc)
{
	uint64_t over_hi = port->egress.class[tc].cbs.over_hi;

	stat_add(port->stat.over_hi, over_hi - port->stat.class_over_hi[tc]);
	stat_set(port->stat.class_over_hi[tc], over_hi);
}

/*
 * n of the drafted frames were taken by the driver between t_hand and t_out; if the clock was stepped in between, by
 * moved_ns, t_hand already says what it would have read after the step.
 */
static void finish_records(struct worker *w, struct port *port, uint32_t n, uint32_t late, int64_t t_hand, int64_t t_out,
			   int64_t moved_ns)
{
	uint16_t flags = (t_out - t_hand >= w->poll_gap_ns ? PKT_LATE : 0) | (moved_ns ? PKT_STEPPED : 0);
	uint64_t bytes = 0;
	struct pkt *rec;
	uint32_t i;

	for (i = 0; i < n; i++) {
		rec = recw_slot(&w->rec, i);
		rec->t_out = t_out;
		rec->t_seen += moved_ns;
		rec->hop_ns[HOP_SEND] = (uint32_t)(t_out - t_hand);
		rec->flags |= flags | (late >> i & 1 ? PKT_OVERRUN : 0) | (port->no_call >> i & 1 ? PKT_NO_CALL : 0);
		bytes += rec->len;
		stat_add(w->port[rec->in_port]->stat.verdict[VERDICT_SENT], 1);
		port->waiting[rec->in_port]--;
		stat_add(port->stat.class_tx[rec->tc], 1);
		stat_add(port->stat.class_overruns[rec->tc], late >> i & 1);
		stat_set(port->stat.class_queued[rec->tc], egress_queued(&port->egress, rec->tc));
		count_over_hi(port, rec->tc);
	}
	stat_add(port->stat.tx_frames, n);
	stat_add(port->stat.tx_bytes, bytes);
	stat_add(port->stat.overruns, (uint64_t)__builtin_popcount(late));
	recw_publish(&w->rec, n);
	stat_add(w->stat.records, w->rec.on ? n : 0);
}

/*
 * The port's hardware is to start these: it finds the launch time where eligibility times are carried. After the
 * records are drafted.
 */
static void note_launch(const struct egress_pick *picks, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		picks[i].p->hop_ns[HOP_SEND] = picks[i].t_launch == INT64_MIN ? 0 : (uint32_t)(picks[i].t_launch - picks[i].p->t_seen);
}

/* Hand n picks to the port; t_hand is the clock read just before. */
static uint32_t hand_over(struct worker *w, struct port *port, const struct egress_pick *picks, uint32_t n, int64_t t_hand)
{
	struct egress *e = &port->egress;
	struct pkt *p[EGRESS_BURST];
	struct worker_ptp_out ptp;
	uint32_t sent, late, i;
	int64_t t_out;

	worker_account(w, port, t_hand);
	draft_records(w, port, picks, n);
	if (e->early_ns)
		note_launch(picks, n);
	for (i = 0; i < n; i++)
		p[i] = picks[i].p;
	worker_ptp_write(w, port, p[0], picks[0].t_launch > t_hand ? picks[0].t_launch : t_hand, &ptp); /* hardware starts it then */
	w->t_open = t_hand;
	port->no_call = 0;
	sent = port->ops->tx(port, p, (uint16_t)n);
	egress_take(e, picks, sent);
	tscmap_settle(); /* handed over is what the other side can see */
	t_out = worker_clock(w, REC_AT_SEND);
	if (sent < n) {
		stat_add(port->stat.tx_refused, 1);
		picks[sent].p->flags |= PKT_RETRIED;
	}
	if (!sent) {
		worker_ptp_undo(p[0], &ptp);
		return 0;
	}
	worker_ptp_sent(w, port, &ptp, w->t_open, t_out);
	late = egress_sent(e, picks, sent, w->t_open, t_out);
	finish_records(w, port, sent, late, w->t_open, t_out, w->t_open - t_hand);
	return sent;
}

bool worker_send(struct worker *w, struct port *port)
{
	struct egress *e = &port->egress;
	struct egress_pick picks[EGRESS_BURST];
	int64_t t_chosen, t_hand, slack_ns, t_open;
	uint32_t n;

	worker_account(w, port, w->t_now);
	if (!e->backlog)
		return false;
	drop_hopeless(w, port);
	n = egress_select(e, picks, EGRESS_BURST, &slack_ns, &t_open);
	if (t_open < w->t_opening)
		w->t_opening = t_open;
	if (!n)
		return false;
	n = worker_ptp_cut(w, port, picks, n);
	if (!n)
		return true;
	t_chosen = e->t_now;
	t_hand = worker_clock(w, REC_AT_TURN);
	if (t_hand - t_chosen > slack_ns || e->t_now != t_chosen)
		return true; /* held up in between, or the clock was stepped: choose again next turn, by the new time */
	return hand_over(w, port, picks, n, t_hand);
}
