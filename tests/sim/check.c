/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The invariants, each worked out from what was asked for and from the records alone, not from the code under test.
 *
 *	sum	hops add up to t_out - t_seen, to the nanosecond
 *	key	every record has the key of the frame that was put in, whatever became of its tags and its correction since; see ask.c for those
 *		that were turned
 *	count	frames put in + copies = records; every buffer came back; counters agree
 *	gate	no frame of a class is on the wire while that class's gate is shut, but for counted overruns after a gap
 *	gap	an overrun has a reason: the clock was away between the last look at the gate and the hand-over
 *	wait	the gate hop is at least the time the gate was shut during the wait; without a schedule it is nothing
 *	order	a class queue is first in, first out; not where frames go by their eligibility
 *	link	frames do not overlap on the modelled link
 *	ptp	see ptp.c
 *	ask	see ask.c
 *	vlan	sent only to another port that is a member of the frame's VLAN, and in the class of its priority, or of its IPV
 * and what tests/sim/police.h says.
 */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/ns.h"

#define broken(s, ...) (why_fail(&(s)->why, EINVAL, __VA_ARGS__), false)
#include <errno.h>

struct last {
	uint64_t seq[TSN_CLASSES]; /* of the last frame sent, plus one */
	int64_t t_end;		   /* of the last frame on the modelled link */
};

/* Has a schedule ever been set on this port by then? Its initial gate states hold from that moment on. */
static bool ever_set(const struct sim *s, uint8_t port, int64_t by)
{
	uint32_t i;

	for (i = 0; i < s->n_schedules; i++)
		if (s->schedule[i].port == port && s->schedule[i].t_set <= by)
			return true;
	return false;
}

/*
 * Does another schedule of this port take over within [from, to], or is one set, which may end a hold that a frame was promised? Then the old
 * one does not say how things go on.
 */
static bool changes(const struct sim *s, uint8_t port, int64_t from, int64_t to)
{
	uint32_t i;

	for (i = 0; i < s->n_schedules; i++)
		if (s->schedule[i].port == port && ((s->schedule[i].t_start >= from && s->schedule[i].t_start <= to) ||
						    (s->schedule[i].t_set >= from && s->schedule[i].t_set_from <= to)))
			return true;
	return false;
}

static bool check_gate(struct sim *s, const struct pkt *r, uint64_t n)
{
	const struct sim_schedule *c = r->gcl_gen ? &s->schedule[r->gcl_gen - 1] : NULL;
	int64_t t_hand = r->t_out - r->hop_ns[HOP_SEND];
	int64_t t_queued = r->t_seen + r->hop_ns[HOP_COPY] + r->hop_ns[HOP_CLASS];
	int64_t t_end = t_hand + wire_ns(&s->port[r->out_port].egress.wire, r->len);
	int64_t until;

	if (s->steps || r->flags & PKT_STEPPED)
		return true;
	if (!c) {
		if (r->hop_ns[HOP_GATE] && !ever_set(s, r->out_port, t_hand))
			return broken(s, "gate: record %" PRIu64 ": waited %u ns for a gate where there is none", n, r->hop_ns[HOP_GATE]);
		return true;
	}
	if (t_end >= c->t_sure || (s->stalls && c->conf.extension_ns))
		return true; /* after a stop no cycle is a held one */
	if (!sim_open_at(c, r->tc, t_hand, &until))
		return broken(s, "gate: record %" PRIu64 ": class %u sent at %" PRId64 " while its gate is shut (schedule %u)", n, r->tc,
			      t_hand, r->gcl_gen);
	if (!changes(s, r->out_port, t_hand, t_end) && sim_shut_ns(c, r->tc, t_hand, t_end))
		return broken(s, "gate: record %" PRIu64 ": class %u on the wire until %" PRId64 ", over its gate's close (schedule %u)", n,
			      r->tc, t_end, r->gcl_gen);
	if (r->flags & PKT_OVERRUN && !changes(s, r->out_port, t_hand, r->t_out + NS_PER_MS) &&
	    !sim_shut_ns(c, r->tc, t_hand, r->t_out + 32 * (t_end - t_hand) + 32 * 12304 * 10))
		return broken(s, "gap: record %" PRIu64 ": counted as overrun, but no close was near", n);
	if (!changes(s, r->out_port, t_queued, t_hand) && c->t_start <= t_queued &&
	    sim_shut_ns(c, r->tc, t_queued, t_hand) > r->hop_ns[HOP_GATE])
		return broken(s, "wait: record %" PRIu64 ": gate shut for %" PRId64 " ns of its wait, hop gate says %u", n,
			      sim_shut_ns(c, r->tc, t_queued, t_hand), r->hop_ns[HOP_GATE]);
	return true;
}

/* Is the class that of one of these priorities? */
static bool in_class_of(const struct port *out, uint8_t tc, uint32_t priorities)
{
	for (; priorities; priorities &= priorities - 1)
		if (out->class_map[__builtin_ctz(priorities)] == tc)
			return true;
	return false;
}

static bool check_sent(struct sim *s, const struct pkt *r, const struct sim_put *put, uint64_t n, struct last *last, int64_t *t_start)
{
	struct port *out = &s->port[r->out_port];
	int64_t t_hand = r->t_out - r->hop_ns[HOP_SEND];

	if (r->out_port >= s->n_ports || (r->out_port == r->in_port && !put->ask))
		return broken(s, "vlan: record %" PRIu64 ": from port %u to port %u", n, r->in_port, r->out_port);
	if (!port_member(out, r->vid) || !port_member(&s->port[r->in_port], r->vid))
		return broken(s, "vlan: record %" PRIu64 ": VLAN %u crossed from %u to %u", n, r->vid, r->in_port, r->out_port);
	if (put->ask ? r->tc != out->time.tc : !in_class_of(out, r->tc, sim_police_priorities(s, r)))
		return broken(s, "vlan: record %" PRIu64 ": priority %u in class %u", n, pkt_pcp(r), r->tc);
	if (!(out->egress.ordered >> r->tc & 1) && r->seq + 1 <= last->seq[r->tc])
		return broken(s, "order: record %" PRIu64 ": frame %" PRIu64 " of class %u overtaken by %" PRIu64, n, r->seq, r->tc,
			      last->seq[r->tc] - 1);
	last->seq[r->tc] = r->seq + 1;
	*t_start = t_hand > last->t_end ? t_hand : last->t_end;
	if (!s->steps && !s->stalls && *t_start - t_hand > 12 * NS_PER_US + EGRESS_AHEAD_NS + 130 * NS_PER_US)
		return broken(s, "link: record %" PRIu64 ": handed over %" PRId64 " ns before the link was free", n, *t_start - t_hand);
	last->t_end = *t_start + wire_ns(&out->egress.wire, r->len);
	return check_gate(s, r, n);
}

static bool check_record(struct sim *s, const struct pkt *r, const struct sim_put *put, uint64_t n, struct last *last, int64_t *t_start)
{
	int64_t sum = 0;
	int i;

	for (i = 0; i < HOP_COUNT; i++)
		sum += r->hop_ns[i];
	if (sum != r->t_out - r->t_seen)
		return broken(s, "sum: record %" PRIu64 " (%u): hops add up to %" PRId64 ", the stay is %" PRId64, n, r->verdict, sum,
			      r->t_out - r->t_seen);
	if (r->verdict >= VERDICT_COUNT)
		return broken(s, "count: record %" PRIu64 ": no verdict %u", n, r->verdict);
	if (r->verdict == VERDICT_SENT)
		return check_sent(s, r, put, n, &last[r->out_port], t_start);
	if (r->out_port < s->n_ports)
		*t_start = r->t_out > last[r->out_port].t_end ? r->t_out : last[r->out_port].t_end;
	return true;
}

static bool check_counters(struct sim *s)
{
	uint64_t rx = 0, copies = 0, verdicts = 0;
	uint32_t i, v;

	for (i = 0; i < s->n_ports; i++) {
		rx += s->port[i].stat.rx_frames;
		copies += s->port[i].stat.copies;
		for (v = 0; v < VERDICT_COUNT; v++)
			verdicts += s->port[i].stat.verdict[v];
		for (v = s->mem[i].tail; v != s->mem[i].head; v++)
			rx++; /* put in, not received: the port was down at the end */
	}
	if (rx != s->injected)
		return broken(s, "count: %" PRIu64 " frames put in, %" PRIu64 " received or waiting", s->injected, rx);
	for (i = 0; i < s->n_ports; i++)
		rx -= s->mem[i].head - s->mem[i].tail;
	for (i = 0; i < s->n_ports; i++)
		for (v = 0; v < s->n_ports; v++)
			if (s->port[i].waiting[v])
				return broken(s, "count: port %u believes that %u frames of port %u wait", i, s->port[i].waiting[v], v);
	if (rx + copies != verdicts)
		return broken(s, "count: %" PRIu64 " frames and %" PRIu64 " copies have %" PRIu64 " verdicts", rx, copies, verdicts);
	if (verdicts != s->worker.rec.head)
		return broken(s, "count: %" PRIu64 " verdicts, %" PRIu64 " records", verdicts, s->worker.rec.head);
	if (s->buffers != (int64_t)(s->injected - rx))
		return broken(s, "count: %" PRId64 " buffers in use at the end, %" PRIu64 " frames not received", s->buffers, s->injected - rx);
	return true;
}

static bool check_keys(struct sim *s, const struct sim_records *rec)
{
	uint64_t i;

	for (i = 0; i < rec->n; i++)
		if (rec->rec[i].in_port != rec->rec[i].out_port && rec->key[i] != rec->put[rec->rec[i].seq]->key)
			return broken(s, "key: record %" PRIu64 ": key %" PRIx64 ", the frame that was put in has %" PRIx64, i, rec->key[i],
				      rec->put[rec->rec[i].seq]->key);
	return true;
}

static bool check_all(struct sim *s, const struct sim_records *rec)
{
	struct last last[SIM_MAX_PORTS] = {0};
	uint64_t i;

	for (i = 0; i < rec->n; i++)
		if (!check_record(s, &rec->rec[i], rec->put[rec->rec[i].seq], i, last, &rec->t_start[i]))
			return false;
	if (!check_keys(s, rec) || !sim_check_police(s, rec) || !sim_check_ptp(s, rec) || !sim_check_asks(s, rec))
		return false;
	if (!s->steps && !s->stalls && !(sim_check_credit(s, rec) && sim_check_order(s, rec)))
		return false;
	return check_counters(s);
}

bool sim_check(struct sim *s)
{
	struct sim_records rec = {0};
	bool good;

	sim_plan(s);
	good = !sim_records_read(s, &rec) && check_all(s, &rec);
	sim_records_free(&rec);
	return good;
}
