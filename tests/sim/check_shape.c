/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Credit, from the records alone: it is kept a second time here, as the clause says it, from when each frame came to
 * its queue and when it left.
 *
 *	credit	a shaped class starts a frame only when its credit is not negative (8.6.8.2)
 *	shape	a frame waited for credit exactly as long as credit was negative while the gate was open
 *	hi	frames that started with more than hiCredit are those that were counted
 *
 * In calm worlds only: a step of the clock moves stamps. Around the begin of a schedule credit is not known here; an
 * upper bound serves until the class has been idle for so long that no debt can be left.
 */
#include "tests/sim/events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define broken(s, ...) (why_fail(&(s)->why, EINVAL, __VA_ARGS__), false)
#define BIT	       INT64_C(1000000000)
#define DEBT_BITS      (8 * 2000) /* no debt is larger than the longest frame */
#define BOUNDLESS      ((__int128)1 << 100)

struct ledger {
	struct sim *s;
	const struct sim_records *rec;
	uint8_t port, tc;
	uint32_t phase;	    /* of the port's */
	__int128 credit;    /* an upper bound at least */
	__int128 idle, hi;
	bool exact;
	bool ever_lost;
	int64_t t;	    /* as of when */
	int64_t open_ns;    /* open time until then */
	int64_t busy_ns;    /* the class's own frame is on the wire until then, open time: what is over after a close counts in the next window */
	int64_t idle_ns;    /* open time without a frame */
	int64_t lack_ns;    /* open time with negative credit */
	uint32_t waiting;
	uint64_t over_hi;
	int64_t *lack_then; /* of each record: as of its coming; -1: not known */
};

static const struct sim_phase *phase_of(const struct ledger *l)
{
	return &l->s->phase[l->port][l->phase];
}

static const struct sim_schedule *list_of(const struct ledger *l)
{
	return events_list(l->s, phase_of(l));
}

/* Come to t: until then the gate was open, or shut, and the end of the class's own frame is not between. */
static void pass(struct ledger *l, int64_t t, bool open)
{
	int64_t ns = open ? t - l->t : 0;
	__int128 back_ns = l->credit < 0 ? (-l->credit + l->idle - 1) / l->idle : 0;

	l->lack_ns += back_ns < ns ? (int64_t)back_ns : ns;
	l->credit += l->idle * ns;
	l->t = t;
	l->open_ns += ns;
	l->idle_ns += ns;
	if (l->waiting || l->open_ns <= l->busy_ns) {
		l->idle_ns = 0;
		return;
	}
	if (l->credit > 0)
		l->credit = 0;
	l->exact |= l->idle * l->idle_ns > (__int128)BIT * DEBT_BITS;
}

static void come_to(struct ledger *l, int64_t t)
{
	const struct sim_schedule *c = list_of(l);
	int64_t until;
	bool open;

	while (l->t < t) {
		until = NS_NEVER;
		open = !c || sim_open_at(c, l->tc, l->t, &until);
		if (until > t)
			until = t;
		if (open && l->busy_ns > l->open_ns && l->busy_ns - l->open_ns < until - l->t)
			until = l->t + (l->busy_ns - l->open_ns);
		pass(l, until, open);
	}
}

/* A phase begins: its slope, and no knowledge but that it is the first. */
static void begin(struct ledger *l, uint32_t phase)
{
	int64_t cycle = 1, open = 1, start;
	const struct sim_schedule *c;

	l->phase = phase;
	c = list_of(l);
	if (c && c->conf.enabled) {
		cycle = sim_cycle_ns(&c->conf);
		start = sim_cycle_from(&c->conf, c->conf.t_base - cycle - 1); /* the one before the first: surely regular */
		open = cycle - sim_shut_ns(c, l->tc, start, start + cycle);
	}
	if (!open)
		open = cycle = 1;
	l->idle = ((__int128)phase_of(l)->limits[l->tc].idle_bps * cycle + open / 2) / open;
	l->hi = ((__int128)phase_of(l)->limits[l->tc].hi_bits * BIT * cycle + open - 1) / open;
	l->exact = !phase;
	l->credit = phase ? BOUNDLESS : 0;
	l->ever_lost |= phase;
	l->idle_ns = 0;
	l->t = phase_of(l)->t_from;
}

/* Does a phase of this port hold at t? The ledger is in it then. */
static bool in_phase(struct ledger *l, int64_t t)
{
	uint32_t phase = l->phase;
	bool known = events_phase(l->s, l->port, &phase, t);

	if (phase != l->phase)
		begin(l, phase);
	known &= l->idle > 0; /* it may be shaped some of the time */
	l->ever_lost |= !known;
	return known;
}

static bool goes(struct ledger *l, const struct event *e)
{
	struct sim *s = l->s;
	const struct pkt *r = &l->rec->rec[e->n];
	int64_t t_start = l->rec->t_start[e->n];
	__int128 credit = l->credit + l->idle * events_open_ns(list_of(l), l->tc, e->t, t_start);
	int64_t lack_ns = l->lack_ns - l->lack_then[e->n];

	if (credit < 0)
		return broken(s, "credit: record %" PRIu64 ": class %u of port %u starts at %" PRId64 " with %" PRId64 " bits less than none", e->n,
			      l->tc, l->port, t_start, (int64_t)(-credit / BIT));
	if (l->exact && l->lack_then[e->n] >= 0 && lack_ns != r->hop_ns[HOP_SHAPE])
		return broken(s, "shape: record %" PRIu64 ": class %u of port %u waited for credit %u ns by its hop, %" PRId64 " by the ledger", e->n,
			      l->tc, l->port, r->hop_ns[HOP_SHAPE], lack_ns);
	l->over_hi += l->exact && l->credit > l->hi;
	l->credit -= (__int128)BIT * 8 * wire_bytes(r->len);
	return true;
}

static bool keep(struct ledger *l, const struct event *e)
{
	bool known = in_phase(l, e->t);

	if (known)
		come_to(l, e->t);
	if (e->what == COMES) {
		l->waiting++;
		l->lack_then[e->n] = known && l->exact ? l->lack_ns : -1;
		return true;
	}
	l->waiting--;
	if (e->what == DROPPED)
		return true;
	if (known && !goes(l, e))
		return false;
	l->busy_ns = l->open_ns + l->rec->t_start[e->n] - e->t + wire_ns(&l->s->port[l->port].egress.wire, l->rec->rec[e->n].len);
	return true;
}

static bool check_class(struct ledger *l, struct event *e, uint32_t n)
{
	struct sim *s = l->s;
	uint64_t counted = s->port[l->port].stat.class_over_hi[l->tc];
	uint32_t i;

	begin(l, 0);
	l->t = n ? e[0].t : 0;
	for (i = 0; i < n; i++)
		if (!keep(l, &e[i]))
			return false;
	if (counted < l->over_hi || (!l->ever_lost && counted != l->over_hi))
		return broken(s, "hi: class %u of port %u: %" PRIu64 " frames counted with more than hiCredit, there were %" PRIu64, l->tc, l->port,
			      counted, l->over_hi);
	return true;
}

bool sim_check_credit(struct sim *s, const struct sim_records *rec)
{
	struct event *e = malloc(2 * (rec->n + 1) * sizeof(*e));
	int64_t *lack_then = malloc((rec->n + 1) * sizeof(*lack_then));
	struct ledger l;
	bool good = true;
	uint8_t port, tc;

	for (port = 0; port < s->n_ports && good; port++)
		for (tc = 0; tc < TSN_CLASSES && good; tc++) {
			if (s->port[port].egress.ordered >> tc & 1)
				continue;
			l = (struct ledger){.s = s, .rec = rec, .port = port, .tc = tc, .lack_then = lack_then};
			good = check_class(&l, e, events_gather(e, rec, port, tc));
		}
	free(lack_then);
	free(e);
	return good;
}
