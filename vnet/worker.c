/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/worker.h"

#include <errno.h>
#include <string.h>

#include "base/ns.h"

#define TURN_MAX_NS	(50 * NS_PER_US) /* a turn longer than this was interrupted */
#define TURN_SHIFT	10   /* a turn's expected length loses 1/1024 of itself per busy turn */
#define HEARTBEAT_TURNS 1024 /* turns between two updates of t_worker in the shared memory; a power of two */

int worker_init(struct worker *w, const struct clk *clk, const struct pktbuf *buf, int64_t ageing_ns, int64_t poll_gap_ns)
{
	memset(w, 0, sizeof(*w));
	w->clk = *clk;
	w->t_now = clk_now(clk, &w->stepped);
	w->poll_gap_ns = poll_gap_ns;
	w->ingress = (struct ingress){.ports = w->port, .buf = *buf, .fdb = fdb_create(ageing_ns)};
	return w->ingress.fdb ? 0 : -ENOMEM;
}

void worker_fini(struct worker *w)
{
	fdb_destroy(w->ingress.fdb);
}

void worker_add_port(struct worker *w, struct port *port)
{
	egress_expect(&port->egress, w->poll_gap_ns);
	w->port[w->n_ports++] = port;
	w->ingress.n_ports = w->n_ports;
}

/* Hand a schedule back to the control thread; keep it for later when that is slow. */
static void retire(struct worker *w, const struct gcl *gcl)
{
	if (gcl)
		w->retired[w->n_retired++] = gcl;
	while (w->n_retired && spsc_push(&w->spent, (void *)w->retired[w->n_retired - 1]))
		w->n_retired--;
}

static void publish_view(struct worker *w, const struct port *port)
{
	struct worker_gate_view *v = &w->view[port->index];
	const struct gate *g = &port->egress.gate;

	atomic_store_explicit(&v->oper, g->oper, memory_order_release);
	atomic_store_explicit(&v->admin, g->admin, memory_order_release);
	atomic_store_explicit(&v->t_change, g->t_change, memory_order_release);
}

/* Bring a port's egress to t; schedules that ended on the way go back to the control thread. */
static void account(struct worker *w, struct port *port, int64_t t)
{
	struct egress *e = &port->egress;
	uint64_t changes = e->gate.config_changes;
	const struct gcl *gcl;

	while ((gcl = egress_account(e, t))) {
		publish_view(w, port); /* before the old one can be freed */
		retire(w, gcl);
	}
	if (e->gate.config_changes != changes) {
		stat_set(port->stat.gate_changes, e->gate.config_changes);
		publish_view(w, port);
	}
}

/* The clock jumped by delta since the last read. */
static void shift(struct worker *w, int64_t delta)
{
	uint32_t i;

	for (i = 0; i < w->n_ports; i++) {
		account(w, w->port[i], w->t_now);
		egress_shift(&w->port[i]->egress, delta, w->t_now + delta);
		publish_view(w, w->port[i]);
	}
	fdb_shift(w->ingress.fdb, delta);
	w->t_open += delta;
	w->t_now += delta;
}

/* The only place where the worker reads its clock. */
static int64_t read_clock(struct worker *w, enum rec_where where)
{
	int64_t stepped;
	int64_t t = clk_now(&w->clk, &stepped);
	int64_t gap_ns;

	if (stepped != w->stepped) {
		shift(w, stepped - w->stepped); /* as if right at the last read; the time since is looked at below */
		w->stepped = stepped;
		stat_add(w->stat.clock_steps, 1);
	}
	gap_ns = t - w->t_now;
	if (gap_ns <= 0)
		return w->t_now;
	if (gap_ns >= w->poll_gap_ns) {
		recw_gap(&w->rec, w->t_now, t, where);
		stat_add(w->stat.gaps, 1);
		stat_add(w->stat.gap_ns, gap_ns);
		if (gap_ns >= WORKER_STALL_NS)
			shift(w, gap_ns);
	}
	w->t_now = t;
	return t;
}

/* A frame's stay is over without a send: record why, give the buffer back. t: now. */
static void discard(struct worker *w, struct pkt *p, enum pkt_verdict verdict, int64_t t)
{
	struct pkt *rec = recw_slot(&w->rec, 0);

	p->verdict = verdict;
	*rec = *p;
	rec->t_out = t;
	recw_publish(&w->rec, 1);
	stat_add(w->stat.records, 1);
	stat_add(w->port[p->in_port]->stat.verdict[verdict], 1);
	pktbuf_free(&w->ingress.buf, p);
}

/* The frame was in a class queue: its waits so far belong into the record. */
static void discard_queued(struct worker *w, struct port *port, uint8_t tc, enum pkt_verdict verdict)
{
	struct pkt *p = egress_drop_head(&port->egress, tc);

	egress_waits(&port->egress, p);
	stat_set(port->stat.class_queued[tc], egress_queued(&port->egress, tc));
	discard(w, p, verdict, port->egress.t_now);
}

static void flush_port(struct worker *w, struct port *port)
{
	uint8_t tc;

	account(w, port, w->t_now);
	for (tc = 0; tc < TSN_CLASSES; tc++)
		while (egress_head(&port->egress, tc))
			discard_queued(w, port, tc, VERDICT_FLUSHED);
}

void worker_flush(struct worker *w)
{
	uint32_t i;

	read_clock(w, REC_AT_TURN);
	for (i = 0; i < w->n_ports; i++)
		flush_port(w, w->port[i]);
}

static void read_mail(struct worker *w)
{
	struct worker_mail *m;
	struct port *port;

	retire(w, NULL);
	if (w->n_retired)
		return; /* first what went before */
	m = spsc_pop(&w->mail);
	if (!m)
		return;
	port = w->port[m->port];
	account(w, port, w->t_now);
	m->dropped = egress_set(&port->egress, m->gcl, w->t_now);
	stat_set(port->stat.gate_errors, port->egress.gate.config_change_errors);
	publish_view(w, port);
	spsc_push(&w->done, m);
}

/* Came up, or went away: a port that is gone keeps no frames and no addresses. */
static bool watch_port(struct worker *w, struct port *port)
{
	bool up = port->ops->up(port);

	if (up == port->was_up)
		return up;
	port->was_up = up;
	if (up) {
		stat_add(port->stat.attached, 1);
	} else {
		stat_add(port->stat.detached, 1);
		flush_port(w, port);
		fdb_flush_port(w->ingress.fdb, port->index);
	}
	return up;
}

static void enqueue(struct worker *w, struct pkt *p, int64_t t_copied, int64_t t_queued)
{
	struct port *out;

	p->hop_ns[HOP_COPY] = (uint32_t)(t_copied - p->t_seen);
	p->hop_ns[HOP_CLASS] = (uint32_t)(t_queued - t_copied);
	if (p->verdict != VERDICT_SENT) {
		discard(w, p, p->verdict, t_queued);
		return;
	}
	out = w->port[p->out_port];
	account(w, out, t_queued);
	if (!egress_put(&out->egress, p)) {
		memset(&p->hop_ns[HOP_QUEUE], 0, 4 * sizeof(p->hop_ns[0]));
		discard(w, p, VERDICT_QUEUE_FULL, t_queued);
		return;
	}
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
	uint64_t bytes = 0;
	int64_t t_copied, t_queued;
	uint32_t i;

	w->t_open = w->t_now;
	t_copied = read_clock(w, REC_AT_RECEIVE);
	for (i = 0; i < n; i++) {
		p[i]->t_seen = w->t_open;
		p[i]->seq = w->seq++;
		p[i]->flags = port->ops->guest ? PKT_FROM_GUEST : 0;
		p[i]->in_port = port->index;
		memset(p[i]->hop_ns, 0, sizeof(p[i]->hop_ns));
		bytes += p[i]->len;
		staged += ingress_frame(&w->ingress, p[i], t_copied, stage + staged);
	}
	if (bytes > PORT_VISIT_BYTES)
		port->burst = (uint16_t)(port->burst + 1) / 2;
	else if (port->burst < PORT_BURST && bytes < PORT_VISIT_BYTES / 2)
		port->burst++;
	stat_add(port->stat.rx_frames, n);
	stat_add(port->stat.rx_bytes, bytes);
	stat_add(port->stat.copies, staged - n);
	w->t_open = t_copied;
	t_queued = read_clock(w, REC_AT_TURN);
	/* w->t_open moved along if the clock was stepped meanwhile; what it moved by, t_seen has to move by. */
	for (i = 0; i < staged; i++) {
		stage[i]->t_seen += w->t_open - t_copied;
		enqueue(w, stage[i], w->t_open, t_queued);
	}
}

static bool receive(struct worker *w, struct port *port)
{
	struct pkt *p[PORT_BURST];
	uint16_t n = port->ops->rx(port, p, port->burst);

	if (n)
		take_in(w, port, p, n);
	return n;
}

/* Is a class's head past sending: too old, or too long for every window of a schedule that came after it? SENT: no. */
static enum pkt_verdict hopeless(const struct egress *e, const struct pkt *head)
{
	const struct gcl *oper = e->gate.oper;

	if (e->t_now - head->t_seen > PKT_MAX_STAY_NS)
		return VERDICT_AGED;
	return oper && head->len > oper->class[head->tc].max_len ? VERDICT_MAX_SDU : VERDICT_SENT;
}

/* Heads are the oldest of their class: behind one that may still go there is none to be dropped. */
static void drop_hopeless(struct worker *w, struct port *port)
{
	struct egress *e = &port->egress;
	enum pkt_verdict verdict;
	const struct pkt *head;
	uint32_t left;
	uint8_t tc;

	for (left = e->backlog; left; left &= left - 1) {
		tc = (uint8_t)__builtin_ctz(left);
		while ((head = egress_head(e, tc)) && (verdict = hopeless(e, head)) != VERDICT_SENT)
			discard_queued(w, port, tc, verdict);
	}
}

/* Write the records of what is about to be handed over, all but t_out: the driver may reuse the buffers at once. */
static void draft_records(struct worker *w, const struct port *port, const struct egress_pick *picks, uint32_t n)
{
	const struct gcl *oper = port->egress.gate.oper;
	struct pkt *rec;
	uint32_t i;

	for (i = 0; i < n; i++) {
		rec = recw_slot(&w->rec, i);
		*rec = *picks[i].p;
		egress_waits(&port->egress, rec);
		rec->gcl_gen = oper ? oper->generation : 0;
		rec->flags |= port->ops->guest ? PKT_TO_GUEST : 0;
	}
}

/*
 * n of the drafted frames were taken by the driver between t_hand and t_out; if the clock was stepped in between, by moved_ns,
 * t_hand already says what it would have read after the step.
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
		rec->flags |= flags | (late >> i & 1 ? PKT_OVERRUN : 0);
		bytes += rec->len;
		stat_add(w->port[rec->in_port]->stat.verdict[VERDICT_SENT], 1);
		stat_add(port->stat.class_tx[rec->tc], 1);
		stat_add(port->stat.class_overruns[rec->tc], late >> i & 1);
		stat_set(port->stat.class_queued[rec->tc], egress_queued(&port->egress, rec->tc));
	}
	stat_add(port->stat.tx_frames, n);
	stat_add(port->stat.tx_bytes, bytes);
	stat_add(port->stat.overruns, (uint64_t)__builtin_popcount(late));
	recw_publish(&w->rec, n);
	stat_add(w->stat.records, n);
}

/* Hand n picks to the port; t_hand is the clock read just before. */
static uint32_t hand_over(struct worker *w, struct port *port, const struct egress_pick *picks, uint32_t n, int64_t t_hand)
{
	struct egress *e = &port->egress;
	struct pkt *p[EGRESS_BURST];
	uint32_t sent, late, i;
	int64_t t_out;

	account(w, port, t_hand);
	draft_records(w, port, picks, n);
	for (i = 0; i < n; i++)
		p[i] = picks[i].p;
	w->t_open = t_hand;
	sent = port->ops->tx(port, p, (uint16_t)n);
	egress_take(e, picks, sent);
	t_out = read_clock(w, REC_AT_SEND);
	if (sent < n) {
		stat_add(port->stat.tx_refused, 1);
		picks[sent].p->flags |= PKT_RETRIED;
	}
	if (!sent)
		return 0;
	late = egress_sent(e, picks, sent, w->t_open, t_out);
	finish_records(w, port, sent, late, w->t_open, t_out, w->t_open - t_hand);
	return sent;
}

static bool send(struct worker *w, struct port *port)
{
	struct egress *e = &port->egress;
	struct egress_pick picks[EGRESS_BURST];
	int64_t t_chosen, t_hand, slack_ns, t_open;
	uint32_t n;

	account(w, port, w->t_now);
	if (!e->backlog)
		return false;
	drop_hopeless(w, port);
	n = egress_select(e, picks, EGRESS_BURST, &slack_ns, &t_open);
	if (t_open < w->t_opening)
		w->t_opening = t_open;
	if (!n)
		return false;
	t_chosen = e->t_now;
	t_hand = read_clock(w, REC_AT_TURN);
	if (t_hand - t_chosen > slack_ns || e->t_now != t_chosen)
		return true; /* held up in between, or the clock was stepped: choose again next turn, by the new time */
	return hand_over(w, port, picks, n, t_hand);
}

/* Is a gate about to open for a waiting frame, or has it just? Then there is no time for another visit: sends come first. */
static bool opening_soon(const struct worker *w)
{
	return w->t_opening - w->t_now < w->turn_ns;
}

static bool receive_all(struct worker *w)
{
	bool busy = false;
	uint32_t i;

	for (i = 0; i < w->n_ports; i++) {
		if (!watch_port(w, w->port[i]))
			continue;
		busy |= receive(w, w->port[i]);
		read_clock(w, REC_AT_RECEIVE);
		if (opening_soon(w))
			break;
	}
	return busy;
}

static bool send_all(struct worker *w)
{
	bool busy = false;
	uint32_t i;

	w->t_opening = NS_NEVER;
	for (i = 0; i < w->n_ports; i++)
		if (w->port[i]->was_up)
			busy |= send(w, w->port[i]);
	return busy;
}

/* What a turn takes that was not interrupted: the most seen of late. */
static void learn_turn(struct worker *w, int64_t took_ns)
{
	if (w->turn_ns)
		w->turn_ns -= (w->turn_ns >> TURN_SHIFT) + 1;
	if (took_ns > w->turn_ns && took_ns < TURN_MAX_NS)
		w->turn_ns = took_ns;
}

void worker_poll(struct worker *w)
{
	bool busy = false;
	int64_t t_begin;

	read_mail(w);
	t_begin = read_clock(w, REC_AT_TURN);
	if (!opening_soon(w)) {
		busy = receive_all(w);
		if (busy)
			learn_turn(w, w->t_now - t_begin);
	}
	busy |= send_all(w);
	stat_add(w->stat.turns, 1);
	if (!(w->stat.turns % HEARTBEAT_TURNS))
		atomic_store_explicit(&w->rec.shm->t_worker, w->t_now, memory_order_relaxed);
	if (!busy)
		stat_add(w->stat.idle_turns, 1);
}
