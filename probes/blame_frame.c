/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_frame: the hops, one after the other. Who lays claim to an interval is found in blame_claim.c.
 */
#include "probes/blame_frame.h"

#include <stdlib.h>
#include <string.h>

#include "probes/blame_claim.h"

#define STALL_NS INT64_C(250000000) /* vnet/worker.h: a longer stop of the worker moves its frames' stamps, as a step does */

struct job {
	struct blame *b;
	const struct way *w;
	struct blame_result *r;
	enum way_hop hop;
	int64_t left_ns; /* of the hop's excess */
};

/* -- parts ------------------------------------------------------------------------------------------------------- */

/* Of events that are told apart by their number (an interrupt's, a reason) or by the name of who ran. */
static bool is_same(const struct blame_part *p, const struct job *j, enum cause cause, const struct cause_span *span, bool knock_on)
{
	if (p->cause != cause || p->hop != j->hop || p->knock_on != knock_on || p->has_span != (span != NULL))
		return false;
	return !span || (p->span.kind == span->kind && p->span.source == span->source &&
			 !strncmp(p->span.who, span->who, EVENT_WHO));
}

static void charge(struct job *j, enum cause cause, const struct cause_span *span, int64_t ns, bool knock_on)
{
	struct blame_result *r = j->r;
	struct blame_part *p = NULL;
	uint32_t i;

	ns = ns < j->left_ns ? ns : j->left_ns;
	if (ns <= 0)
		return;
	j->left_ns -= ns;
	r->cause_ns[cause] += ns;
	for (i = 0; i < r->n && !p; i++)
		if (is_same(&r->part[i], j, cause, span, knock_on))
			p = &r->part[i];
	/* Where there is little room, with whatever there is of that cause: each has room for one of its own. */
	for (i = 0; i < r->n && !p && r->n >= BLAME_PARTS - CAUSE_COUNT; i++)
		if (r->part[i].cause == cause)
			p = &r->part[i];
	if (!p) {
		p = &r->part[r->n++];
		*p = (struct blame_part){.cause = cause, .hop = j->hop, .knock_on = knock_on};
	}
	p->ns += ns;
	p->spans += span != NULL;
	if (span && ns > p->span_ns) {
		p->span = *span;
		p->span_ns = ns;
		p->has_span = true;
	}
}

/* What the claims come to, in the order of their ranks. */
static void charge_claims(struct job *j, bool knock_on)
{
	struct cause_claims *c = &j->b->claims;
	size_t i;

	cause_claims_settle(c);
	for (i = 0; i < c->n; i++)
		charge(j, c->claim[i].cause, c->claim[i].span, c->claim[i].ns, knock_on);
	cause_claims_clear(c);
}

/* -- hops -------------------------------------------------------------------------------------------------------- */

static void guest_hop(struct job *j)
{
	const struct way *w = j->w;
	int64_t t = w->begin[j->hop].t, t_end = w->end[j->hop].t;
	struct cause_busy busy = {0};

	blame_claim_guest(j->b, w, j->hop, t, t_end);
	charge_claims(j, false);
	if (!(CAUSE_GUEST_RX >> j->hop & 1) || !j->left_ns)
		return;
	busy = cause_queues_busy(j->b->queues, CAUSE_AT_GUEST, w);
	if (busy.t_begin && busy.t_begin < w->begin[WAY_CALL].t) {
		blame_claim_guest(j->b, w, j->hop, busy.t_begin, w->begin[WAY_CALL].t);
		charge_claims(j, true);
	}
	if (busy.ahead && j->hop != WAY_CALL)
		charge(j, CAUSE_AHEAD, NULL, (j->hop == WAY_DELIVER ? busy.t_read : busy.t_ahead) - t, false);
}

/* Until the worker saw it: it was away, or others were ahead. */
static void ring_hop(struct job *j)
{
	const struct way *w = j->w;
	int64_t t = w->begin[j->hop].t, t_end = w->end[j->hop].t;
	struct cause_busy busy;

	blame_claim_worker(j->b, j->hop, t, t_end);
	blame_claim_kick(j->b, w, t, t_end);
	charge_claims(j, false);
	if (!j->left_ns)
		return;
	busy = cause_queues_busy(j->b->queues, CAUSE_AT_RING, w);
	if (busy.t_begin && busy.t_begin < t)
		blame_claim_worker(j->b, j->hop, busy.t_begin, t);
	charge_claims(j, true);
	if (busy.ahead)
		charge(j, CAUSE_AHEAD, NULL, busy.t_ahead - t, false);
}

static enum cause shaped_by(const struct job *j)
{
	return j->b->roles.launch[j->w->rec.out_port][j->w->rec.tc] ? CAUSE_LAUNCH : CAUSE_CREDIT;
}

/* Links that were busy: in the proportion of the bytes of others that went meanwhile. */
static void charge_others(struct job *j, int64_t ns, bool knock_on)
{
	uint64_t higher, lower;

	cause_queues_others(j->b->queues, j->w, &higher, &lower);
	if (higher)
		charge(j, CAUSE_HIGHER_CLASS, NULL, (int64_t)((double)ns * (double)higher / (double)(higher + lower)), knock_on);
	charge(j, CAUSE_PORT_BUSY, NULL, ns, knock_on);
}

/*
 * `queue` is the time in which nothing but its own class, or the worker, was in its way. In its stay that lies before or behind the time
 * in which its gate, its credit or another class was: what happened in the middle did no harm.
 */
static void claim_queue(struct job *j, int64_t t, int64_t t_end, int64_t queue_ns, bool full)
{
	int64_t cut[2][2] = {{t, t + queue_ns}, {t_end - queue_ns, t_end}};
	int i, n = 2;

	if (cut[1][0] <= cut[0][1]) {
		cut[0][1] = t_end;
		n = 1;
	}
	for (i = 0; i < n; i++) {
		blame_claim_worker(j->b, j->hop, cut[i][0], cut[i][1]);
		if (full)
			blame_claim_full(j->b, j->w, cut[i][0], cut[i][1]);
	}
}

static void queue_hop(struct job *j)
{
	const struct way *w = j->w;
	struct cause_busy busy = cause_queues_busy(j->b->queues, CAUSE_AT_CLASS, w);
	struct cause_stay stay;
	int64_t ns;

	if (!cause_queues_stay(&stay, CAUSE_AT_CLASS, w))
		return;
	claim_queue(j, stay.t_enter, stay.t_leave, w->rec.hop_ns[HOP_QUEUE], busy.full);
	charge_claims(j, false);
	if (busy.t_begin < stay.t_enter) {
		blame_claim_worker(j->b, j->hop, busy.t_begin, stay.t_enter);
		charge_claims(j, true);
		ns = busy.gate_ns;
		charge(j, CAUSE_GATE, NULL, ns, true);
		charge(j, shaped_by(j), NULL, busy.shape_ns, true);
		charge_others(j, busy.port_ns < j->left_ns ? busy.port_ns : j->left_ns, true);
	}
	if (busy.ahead)
		charge(j, CAUSE_AHEAD, NULL, j->left_ns, false);
}

/* Its window passed while the worker was away, and enough time lies behind that for the whole wait. */
static void charge_missed(struct job *j)
{
	struct blame_result *r = j->r;
	int64_t t_hand = pkt_t_hand(&j->w->rec);
	uint32_t i;

	for (i = 0; i < r->n && j->left_ns; i++) {
		const struct blame_part p = r->part[i];

		if (p.hop == WAY_QUEUE && !p.knock_on && p.has_span && CAUSE_WORKER == cause_rows[p.cause].hops &&
		    t_hand - p.span.t_end >= j->left_ns) {
			charge(j, p.cause, &p.span, j->left_ns, true);
			return;
		}
	}
}

/* Its stamps were moved, and not because the worker stood still for so long that it took that for a step. */
static bool is_stepped(const struct job *j)
{
	const struct pkt *p = &j->w->rec;
	const struct cause_span *s;
	size_t at = SIZE_MAX;

	if (!(p->flags & PKT_STEPPED))
		return false;
	while ((s = cause_spans_next(j->b->spans, CAUSE_TAKTD, false, 0, p->t_seen - STALL_NS, p->t_out, &at)))
		if (s->t_end - s->t >= STALL_NS)
			return false;
	return true;
}

static void explain(struct job *j)
{
	switch (j->hop) {
	case WAY_RING:
	case WAY_RX:
		ring_hop(j);
		break;
	case WAY_COPY:
	case WAY_CLASS:
	case WAY_SEND:
		blame_claim_worker(j->b, j->hop, j->w->begin[j->hop].t, j->w->end[j->hop].t);
		charge_claims(j, false);
		break;
	case WAY_QUEUE:
		queue_hop(j);
		break;
	case WAY_GATE:
		if (is_stepped(j))
			charge(j, CAUSE_CLOCK_STEP, NULL, j->left_ns, false);
		charge_missed(j);
		charge(j, CAUSE_GATE, NULL, j->left_ns, false);
		break;
	case WAY_SHAPE:
		if (is_stepped(j))
			charge(j, CAUSE_CLOCK_STEP, NULL, j->left_ns, false);
		charge(j, shaped_by(j), NULL, j->left_ns, false);
		break;
	case WAY_PORT:
		charge_others(j, j->left_ns, false);
		break;
	case WAY_WIRE:
		break;
	default:
		guest_hop(j);
	}
}

static int longest_first(const void *a, const void *b)
{
	const struct blame_part *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	return x->cause == y->cause ? (int)x->hop - (int)y->hop : (int)x->cause - (int)y->cause;
}

int blame_frame(struct blame *b, const struct way *w, struct blame_result *r)
{
	struct job j = {.b = b, .w = w, .r = r};
	int64_t excess;
	int i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		if (!way_has(w, i))
			continue;
		r->total_ns += way_ns(w, i);
		excess = way_ns(w, i) - cause_typical_ns(b->typical, w, i);
		if (excess < BLAME_FLOOR_NS)
			continue;
		r->hop_excess_ns[i] = excess;
		r->excess_ns += excess;
		j.hop = i;
		j.left_ns = excess;
		if (way_bound(w, i) >= excess)
			charge(&j, CAUSE_CLOCK_UNCERTAIN, NULL, excess, false);
		else
			explain(&j);
		charge(&j, CAUSE_UNKNOWN, NULL, j.left_ns, false);
	}
	qsort(r->part, r->n, sizeof(r->part[0]), longest_first);
	r->first = r->excess_ns ? 0 : CAUSE_UNKNOWN;
	for (i = 1; i < CAUSE_COUNT && r->excess_ns; i++)
		if (r->cause_ns[i] > r->cause_ns[r->first])
			r->first = i;
	return b->claims.error;
}

void blame_fini(struct blame *b)
{
	cause_claims_fini(&b->claims);
}
