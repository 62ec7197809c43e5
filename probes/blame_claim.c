/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_claim.h"

#include <string.h>
#include <strings.h>

static void claim(struct blame *b, enum way_hop hop, enum cause rank, enum cause cause, const struct cause_span *s, int64_t t, int64_t t_end)
{
	if (cause_rows[cause].hops >> hop & 1)
		cause_claims_add(&b->claims, rank, cause, s, s->t, s->t_end, t, t_end);
}

/* -- the worker ---------------------------------------------------------------------------------------------------- */

static enum cause worker_cause(const struct cause_span *s)
{
	bool softirqd = !strncmp(s->who, "ksoftirqd", 9); /* softirqs in a thread's clothes */

	switch (s->kind) {
	case EV_STOPPED:
		return CAUSE_WORKER_STOPPED;
	case EV_PREEMPTED:
		return softirqd ? CAUSE_WORKER_SOFTIRQ : CAUSE_WORKER_PREEMPTED;
	case EV_WAKEUP:
		return softirqd ? CAUSE_WORKER_SOFTIRQ : CAUSE_WORKER_WOKEN;
	case EV_SLEPT:
		return CAUSE_WORKER_SLEPT;
	case EV_NMI:
		return CAUSE_WORKER_NMI;
	case EV_IRQ:
		return CAUSE_WORKER_IRQ;
	case EV_IPI:
		return CAUSE_WORKER_IPI;
	case EV_SOFTIRQ:
		return CAUSE_WORKER_SOFTIRQ;
	default:
		return CAUSE_UNKNOWN;
	}
}

static int64_t overlap(const struct cause_span *a, int64_t t, int64_t t_end)
{
	int64_t from = a->t > t ? a->t : t, to = a->t_end < t_end ? a->t_end : t_end;

	return to > from ? to - from : 0;
}

/* What kept the worker for most of a gap, if that is half of it or more. Sums may count an instant twice; the better half is told all the same. */
static enum cause gap_maker(const struct blame *b, const struct cause_span *gap, const struct cause_span **evidence)
{
	int64_t ns[CAUSE_COUNT] = {0}, longest = 0, each;
	const struct cause_span *s, *best[CAUSE_COUNT] = {NULL};
	enum cause c, made = CAUSE_POLL_GAP;
	int of_cpu;

	for (of_cpu = 0; of_cpu < 2; of_cpu++) {
		uint32_t owner = of_cpu ? (uint32_t)b->roles.worker_cpu : b->roles.worker_tid;
		size_t at = SIZE_MAX;

		if (of_cpu ? b->roles.worker_cpu < 0 : !b->roles.worker_tid)
			continue;
		while ((s = cause_spans_next(b->spans, CAUSE_HOST, of_cpu, owner, gap->t, gap->t_end, &at))) {
			c = worker_cause(s);
			each = overlap(s, gap->t, gap->t_end);
			ns[c] += each;
			if (!best[c] || each > overlap(best[c], gap->t, gap->t_end))
				best[c] = s;
		}
	}
	*evidence = gap;
	for (c = 0; c < CAUSE_UNKNOWN; c++)
		if (ns[c] > longest && ns[c] >= (gap->t_end - gap->t) / 2) {
			longest = ns[c];
			made = c;
			*evidence = best[c];
		}
	return made;
}

static void claim_stolen(struct blame *b, enum way_hop hop, const struct cause_span *gap, int64_t t, int64_t t_end)
{
	const struct cause_span *s;
	size_t at = SIZE_MAX;

	if (b->roles.worker_cpu < 0 || !(cause_rows[CAUSE_STEAL].hops >> hop & 1))
		return;
	t = gap->t > t ? gap->t : t;
	t_end = gap->t_end < t_end ? gap->t_end : t_end;
	while ((s = cause_spans_next(b->spans, CAUSE_HOST, true, (uint32_t)b->roles.worker_cpu, t, t_end, &at)))
		if (s->kind == EV_STEAL && s->arg) { /* somewhere in its span: no more than was stolen */
			int64_t from = s->t > t ? s->t : t, to = s->t_end < t_end ? s->t_end : t_end;

			if ((uint64_t)(to - from) > s->arg)
				to = from + (int64_t)s->arg;
			cause_claims_add(&b->claims, CAUSE_STEAL, CAUSE_STEAL, s, from, to, t, t_end);
		}
}

void blame_claim_worker(struct blame *b, enum way_hop hop, int64_t t, int64_t t_end)
{
	const struct cause_span *s, *evidence;
	enum cause c;
	size_t at = SIZE_MAX;

	while (b->roles.worker_tid && (s = cause_spans_next(b->spans, CAUSE_HOST, false, b->roles.worker_tid, t, t_end, &at)))
		if ((c = worker_cause(s)) != CAUSE_UNKNOWN)
			claim(b, hop, c, c, s, t, t_end);
	at = SIZE_MAX;
	while (b->roles.worker_cpu >= 0 &&
	       (s = cause_spans_next(b->spans, CAUSE_HOST, true, (uint32_t)b->roles.worker_cpu, t, t_end, &at)))
		if ((c = worker_cause(s)) != CAUSE_UNKNOWN)
			claim(b, hop, c, c, s, t, t_end);
	at = SIZE_MAX;
	while ((s = cause_spans_next(b->spans, CAUSE_TAKTD, false, 0, t, t_end, &at))) {
		c = gap_maker(b, s, &evidence);
		if (c == CAUSE_POLL_GAP)
			claim_stolen(b, hop, s, t, t_end);
		if (!overlap(evidence, t, t_end))
			evidence = s; /* what made the gap was over by then: the gap itself is what is there */
		if (cause_rows[c].hops >> hop & 1)
			cause_claims_add(&b->claims, CAUSE_POLL_GAP, c, evidence, s->t, s->t_end, t, t_end);
	}
}

void blame_claim_kick(struct blame *b, const struct way *w, int64_t t, int64_t t_end)
{
	const struct cause_span *s;
	int64_t t_kick = 0;
	size_t at = SIZE_MAX;

	if (w->tx.kind != EV_TX || !b->roles.worker_tid || !way_has(w, WAY_RING))
		return;
	if (w->tx.flags & EV_KICKED && w->tx.edge_ns[EV_TX_KICK] && w->tx.edge_ns[EV_TX_PUBLISHED])
		t_kick = w->begin[WAY_RING].t + w->tx.edge_ns[EV_TX_KICK] - w->tx.edge_ns[EV_TX_PUBLISHED];
	while ((s = cause_spans_next(b->spans, CAUSE_HOST, false, b->roles.worker_tid, t, t_end, &at))) {
		if (s->kind != EV_SLEPT)
			continue;
		if (w->tx.flags & EV_NO_KICK)
			claim(b, WAY_RING, CAUSE_NO_KICK, CAUSE_NO_KICK, s, t, t_end);
		else if (t_kick)
			claim(b, WAY_RING, CAUSE_KICK_LATE, CAUSE_KICK_LATE, s, t, t_kick < t_end ? t_kick : t_end);
	}
}

/* -- a guest's vCPUs ----------------------------------------------------------------------------------------------- */

static enum cause vcpu_cause(const struct cause_span *s)
{
	switch (s->kind) {
	case EV_STOPPED:
		return CAUSE_VCPU_STOPPED;
	case EV_PREEMPTED:
		return CAUSE_VCPU_PREEMPTED;
	case EV_WAKEUP: /* thread 0 is the idle one: nobody was in its way */
		return s->by ? CAUSE_VCPU_PREEMPTED : CAUSE_HALT;
	case EV_EXIT:
		return strcasestr(s->who, "hlt") ? CAUSE_HALT : CAUSE_VCPU_EXIT;
	case EV_HALT:
	case EV_SLEPT:
		return CAUSE_HALT;
	default:
		return CAUSE_UNKNOWN;
	}
}

/* cpu: the guest's; -1: not known, then only what stops a whole guest is told of a guest of several. */
static void claim_vcpu(struct blame *b, enum way_hop hop, uint8_t port, int cpu, int64_t t, int64_t t_end)
{
	const struct cause_span *s;
	enum cause c;
	uint32_t i, n;
	size_t at;

	if (port >= PKT_MAX_PORTS)
		return;
	n = b->roles.guest[port].n;
	for (i = 0; i < n; i++) {
		if (cpu >= 0 && (uint32_t)cpu < n && i != (uint32_t)cpu)
			continue;
		at = SIZE_MAX;
		while ((s = cause_spans_next(b->spans, CAUSE_HOST, false, b->roles.guest[port].vcpu_tid[i], t, t_end, &at))) {
			c = vcpu_cause(s);
			if (c != CAUSE_UNKNOWN && (n == 1 || cpu >= 0 || c == CAUSE_VCPU_STOPPED))
				claim(b, hop, c, c, s, t, t_end);
		}
	}
}

void blame_claim_full(struct blame *b, const struct way *w, int64_t t, int64_t t_end)
{
	claim_vcpu(b, WAY_QUEUE, w->rec.out_port, -1, t, t_end);
	cause_claims_add(&b->claims, CAUSE_RING_FULL, CAUSE_RING_FULL, NULL, t, t_end, t, t_end);
}

/* -- inside a guest ------------------------------------------------------------------------------------------------ */

static enum cause inside_cause(const struct cause_span *s)
{
	switch (s->kind) {
	case EV_STOPPED:
		return CAUSE_GUEST_STOPPED;
	case EV_IRQ:
	case EV_IPI:
	case EV_NMI:
		return CAUSE_GUEST_IRQ;
	case EV_SOFTIRQ:
		return CAUSE_GUEST_SOFTIRQ;
	case EV_PREEMPTED:
		return strncmp(s->who, "ksoftirqd", 9) ? CAUSE_GUEST_SCHED : CAUSE_GUEST_SOFTIRQ;
	case EV_WAKEUP:
		return !s->by ? CAUSE_UNKNOWN : strncmp(s->who, "ksoftirqd", 9) ? CAUSE_GUEST_SCHED : CAUSE_GUEST_SOFTIRQ;
	default:
		return CAUSE_UNKNOWN;
	}
}

static void claim_inside(struct blame *b, enum way_hop hop, int source, bool of_cpu, uint32_t owner, int64_t t, int64_t t_end)
{
	const struct cause_span *s;
	size_t at = SIZE_MAX;
	enum cause c;

	while ((s = cause_spans_next(b->spans, source, of_cpu, owner, t, t_end, &at)))
		if ((c = inside_cause(s)) != CAUSE_UNKNOWN)
			claim(b, hop, c, c, s, t, t_end);
}

void blame_claim_guest(struct blame *b, const struct way *w, enum way_hop hop, int64_t t, int64_t t_end)
{
	bool out = CAUSE_GUEST_RX >> hop & 1;
	int source = out ? w->guest_out : w->guest_in;
	const struct event *e = out ? &w->rx : &w->tx, *who = out ? &w->read : &w->tx;

	claim_vcpu(b, hop, out ? w->rec.out_port : w->rec.in_port, e->kind == EV_NONE ? -1 : e->cpu, t, t_end);
	if (source >= 0 && e->kind != EV_NONE)
		claim_inside(b, hop, source, true, e->cpu, t, t_end);
	if (source >= 0 && hop == WAY_DELIVER && who->kind != EV_NONE && who->cpu != e->cpu)
		claim_inside(b, hop, source, true, who->cpu, t, t_end);
	if (source >= 0 && (hop == WAY_APP || hop == WAY_DELIVER) && who->kind != EV_NONE && who->tid)
		claim_inside(b, hop, source, false, who->tid, t, t_end);
	if (hop == WAY_CALL && (w->rec.flags & (PKT_NO_CALL) || w->rx.flags & EV_NO_IRQ))
		cause_claims_add(&b->claims, CAUSE_NO_IRQ, CAUSE_NO_IRQ, NULL, t, t_end, t, t_end);
}
