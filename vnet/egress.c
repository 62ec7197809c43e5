/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/egress_pvt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define MARGIN_EVERY 64 /* hand-overs between two steps of the margin's decay: with the shift, it halves in about 45,000 */
#define MARGIN_SHIFT 10

int egress_init(struct egress *e, const struct wire *wire, uint32_t depth)
{
	struct pkt **slots = calloc((size_t)depth * TSN_CLASSES, sizeof(*slots));
	int tc;

	if (!slots)
		return -ENOMEM;
	memset(e, 0, sizeof(*e));
	gate_init(&e->gate, 0);
	e->wire = *wire;
	e->depth = depth;
	e->spare_len = (uint32_t)(EGRESS_SPARE_NS * 1000 / wire->ps_per_byte);
	for (tc = 0; tc < TSN_CLASSES; tc++) {
		e->class[tc].slot = slots + (size_t)tc * depth;
		e->class[tc].t_ready = INT64_MIN;
	}
	return 0;
}

void egress_expect(struct egress *e, int64_t margin_max_ns)
{
	e->margin_max = margin_max_ns;
	e->margin_ns = margin_max_ns;
}

void egress_fini(struct egress *e)
{
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		order_fini(&e->class[tc].order);
	free(e->class[0].slot);
	e->class[0].slot = NULL;
}

/*
 * What the hand-over of class tc's head may take before the close. The margin never asks for more than half of what the class's longest window
 * has to spare for this very frame, or the frame would never start.
 */
static int64_t margin_of(const struct egress *e, uint32_t tc, uint32_t len)
{
	const struct gcl *oper = e->gate.oper;
	int64_t spare_ns;

	if (!oper || oper->class[tc].always)
		return e->margin_ns;
	spare_ns = (oper->class[tc].longest_ns - wire_ns(&e->wire, len)) / 2;
	if (spare_ns < 0)
		return 0;
	return spare_ns < e->margin_ns ? spare_ns : e->margin_ns;
}

uint32_t egress_max_len(const struct egress *e, uint8_t tc)
{
	uint32_t max_len = gate_max_len(&e->gate, tc);

	/* A window that the frame fills to the last nanosecond would want a hand-over at its very first. */
	if (e->gate.oper && !e->gate.oper->class[tc].always && wire_ns(&e->wire, max_len) + EGRESS_SPARE_NS > e->gate.oper->class[tc].longest_ns)
		return max_len > e->spare_len ? max_len - e->spare_len : 0;
	return max_len;
}

const struct gcl *egress_set(struct egress *e, const struct gcl *gcl, int64_t now)
{
	const struct gcl *dropped = gate_set(&e->gate, gcl, now);
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		e->class[tc].t_held = 0;
	return dropped;
}

bool egress_put(struct egress *e, struct pkt *p)
{
	struct egress_class *c = &e->class[p->tc];

	if (egress_queued(e, p->tc) == e->depth)
		return false;
	if (!(e->backlog >> p->tc & 1)) {
		/* Nobody waited: the totals stood still, and go on from here. */
		c->t_account = e->t_now;
		c->open_total = gate_open_total(&e->gate, p->tc);
		c->t_held = 0;
		e->backlog |= 1u << p->tc;
		if (e->shaped >> p->tc & 1)
			egress_credit_idle(e, p->tc);
	}
	if (e->ordered >> p->tc & 1)
		egress_order_put(e, p); /* before the hops that hold its instant are written over */
	else
		c->slot[c->head++ & (e->depth - 1)] = p;
	memcpy(&p->hop_ns[HOP_QUEUE], c->total_ns, sizeof(c->total_ns));
	p->hop_ns[HOP_SEND] = 0;
	return true;
}

/* Class tc's gate is open now but shuts before its head could end: it waits for a later window. */
static void hold(struct egress *e, uint8_t tc)
{
	struct egress_class *c = &e->class[tc];
	int64_t t_close = gate_close_at(&e->gate, tc);

	if (c->t_held || (e->shaped >> tc & 1 && c->ready_open > c->open_total) || c->t_ready > e->t_now)
		return; /* ready when the link is free, not yet */
	c->t_held = gate_open_at(&e->gate, tc, t_close);
	c->held_open = c->open_total + (t_close - e->t_now);
}

/* The highest of a set of classes, and all below; nothing of nothing. */
static uint32_t up_to_highest(uint32_t classes)
{
	return classes ? (2u << (31 - __builtin_clz(classes))) - 1 : 0;
}

/*
 * What is worth standing still for: a gate that a frame waits for, if it is above every gate that is open now, and a frame that is to start at
 * its launch time, whatever is open.
 */
static int64_t next_opening(const struct egress *e)
{
	uint32_t open = gate_states(&e->gate);
	uint32_t gated = e->backlog & ~open & ~up_to_highest(open);
	const struct egress_class *c;
	int64_t t_open = NS_NEVER;
	uint32_t left;
	int64_t t;

	for (left = gated | (e->backlog & e->ordered); left; left &= left - 1) {
		c = &e->class[__builtin_ctz(left)];
		if (!(gated & left & -left) && !(c->launch.enabled && c->t_ready > e->t_now))
			continue;
		t = gate_open_at(&e->gate, (unsigned int)__builtin_ctz(left), e->t_now);
		if (t < c->t_ready)
			t = c->t_ready - (e->strict & left & -left ? e->early_ns : 0);
		if (t < t_open)
			t_open = t;
	}
	return t_open;
}

/* The frame of a class that stands `ahead` frames behind its head; of an ordered queue only the head is known. */
static const struct pkt *frame_at(const struct egress *e, uint32_t tc, uint32_t ahead)
{
	const struct egress_class *c = &e->class[tc];

	return e->ordered >> tc & 1 ? order_head(&c->order)->item : c->slot[(c->tail + ahead) & (e->depth - 1)];
}

static void look_at(const struct egress *e, struct sel_in *in, uint32_t tc, uint32_t ahead)
{
	in->len[tc] = frame_at(e, tc, ahead)->len;
	in->margin_ns[tc] = margin_of(e, tc, in->len[tc]);
}

static void look_at_heads(const struct egress *e, struct sel_in *in)
{
	const struct egress_class *c;
	uint32_t left;
	uint8_t tc;

	for (left = e->backlog; left; left &= left - 1) {
		tc = (uint8_t)__builtin_ctz(left);
		c = &e->class[tc];
		look_at(e, in, tc, 0);
		if (in->timed >> tc & 1)
			in->t_ready[tc] = e->shaped >> tc & 1 ? e->t_now + (c->ready_open - c->open_total) : c->t_ready;
	}
}

/* Until when may the head of an ordered queue start? */
static int64_t until(const struct egress_class *c)
{
	return c->launch.enabled ? launch_until(&c->launch, order_head(&c->order)->t) : NS_NEVER;
}

/* How much later than chosen may it be handed over? */
static int64_t slack_of(const struct egress *e, const struct sel_in *in, const struct sel_out *out)
{
	int64_t slack_ns = INT64_MAX, left_ns;

	if (out->t_close != NS_NEVER)
		slack_ns = out->t_close - out->t_end - in->margin_ns[out->tc];
	if (e->ordered >> out->tc & 1) {
		left_ns = until(&e->class[out->tc]) - out->t_start;
		slack_ns = left_ns < slack_ns ? left_ns : slack_ns;
	}
	return slack_ns;
}

uint32_t egress_select(struct egress *e, struct egress_pick *picks, uint32_t n, int64_t *slack_ns, int64_t *t_open)
{
	uint32_t taken[TSN_CLASSES] = {0};
	struct cbs credit[TSN_CLASSES]; /* of shaped classes that have taken some: a burst does not spend what it has not */
	struct sel_in in = {
		.gate = &e->gate,
		.wire = &e->wire,
		.now = e->t_now,
		.t_free = e->t_free,
		.ahead_ns = EGRESS_AHEAD_NS,
		.backlog = e->backlog,
		.timed = e->shaped | e->ordered,
		.prompt = e->ordered,
		.early = e->early_ns ? e->strict : 0,
		.early_ns = e->early_ns,
	};
	struct egress_class *c;
	struct sel_out out;
	int64_t left_ns;
	uint32_t i, left;

	*slack_ns = INT64_MAX;
	*t_open = next_opening(e);
	look_at_heads(e, &in);
	for (i = 0; i < n; i++) {
		sel_next(&out, &in);
		for (left = i ? 0 : out.held; left; left &= left - 1)
			hold(e, (uint8_t)__builtin_ctz(left));
		if (out.kind != SEL_SEND)
			break;
		c = &e->class[out.tc];
		if (e->ordered >> out.tc & 1 && until(c) < out.t_start)
			break; /* behind the others of this burst it would be late: drop it when they have gone */
		picks[i] = (struct egress_pick){
			.p = (struct pkt *)frame_at(e, out.tc, taken[out.tc]),
			.t_launch = in.early >> out.tc & 1 && out.t_start > e->t_now ? out.t_start : INT64_MIN,
			.t_close = out.t_close,
			.wire_ns = out.t_end - out.t_start,
			.len = (uint16_t)in.len[out.tc],
			.tc = out.tc,
		};
		left_ns = slack_of(e, &in, &out);
		if (left_ns < *slack_ns)
			*slack_ns = left_ns;
		if (e->ordered >> out.tc & 1)
			return i + 1; /* who is next in its queue, only taking it out can tell */
		in.t_free = out.t_end;
		taken[out.tc]++;
		if (c->tail + taken[out.tc] == c->head) {
			in.backlog &= ~(1u << out.tc);
			continue;
		}
		look_at(e, &in, out.tc, taken[out.tc]);
		if (e->shaped >> out.tc & 1) {
			if (taken[out.tc] == 1)
				credit[out.tc] = c->cbs;
			in.t_ready[out.tc] = e->t_now + egress_charge(e, &credit[out.tc], &picks[i], out.t_start) - c->open_total;
		}
	}
	return i;
}

static struct pkt *pop(struct egress *e, uint8_t tc)
{
	struct egress_class *c = &e->class[tc];
	struct pkt *p;

	if (c->head != c->tail)
		p = c->slot[c->tail++ & (e->depth - 1)];
	else
		p = order_take(&c->order);
	c->t_held = 0; /* the next head may be shorter */
	if (e->ordered >> tc & 1)
		egress_new_head(c);
	if (!egress_queued(e, tc))
		e->backlog &= ~(1u << tc);
	return p;
}

void egress_take(struct egress *e, const struct egress_pick *picks, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		pop(e, picks[i].tc);
}

uint32_t egress_sent(struct egress *e, const struct egress_pick *picks, uint32_t n, int64_t t_hand, int64_t t_out)
{
	int64_t t_end = e->t_free > t_out ? e->t_free : t_out;
	int64_t took_ns = t_out - t_hand;
	uint32_t late = 0;
	uint32_t i;

	if (e->t_free < t_hand)
		e->t_free = t_hand;
	for (i = 0; i < n; i++) {
		if (e->t_free < picks[i].t_launch)
			e->t_free = picks[i].t_launch;
		if (t_end < picks[i].t_launch)
			t_end = picks[i].t_launch;
		if (e->shaped >> picks[i].tc & 1)
			e->class[picks[i].tc].ready_open = egress_charge(e, &e->class[picks[i].tc].cbs, &picks[i], e->t_free);
		e->t_free += picks[i].wire_ns;
		t_end += picks[i].wire_ns;
		if (t_end > picks[i].t_close)
			late |= 1u << i;
		e->busy_tc = picks[i].tc;
	}
	if (!(++e->sends % MARGIN_EVERY) && e->margin_ns)
		e->margin_ns -= (e->margin_ns >> MARGIN_SHIFT) + 1;
	if (took_ns > e->margin_ns && took_ns < e->margin_max)
		e->margin_ns = took_ns;
	return late;
}

struct pkt *egress_head(const struct egress *e, uint8_t tc)
{
	const struct egress_class *c = &e->class[tc];

	if (c->head != c->tail)
		return c->slot[c->tail & (e->depth - 1)];
	return c->order.n ? order_head(&c->order)->item : NULL;
}

struct pkt *egress_drop_head(struct egress *e, uint8_t tc)
{
	return pop(e, tc);
}

void egress_shift(struct egress *e, int64_t delta, int64_t now)
{
	struct egress_class *c;
	uint32_t i;
	int tc;

	gate_step(&e->gate, now);
	e->t_now = now;
	e->t_free += delta;
	for (tc = 0; tc < TSN_CLASSES; tc++) {
		c = &e->class[tc];
		c->t_account = now;
		c->open_total = gate_open_total(&e->gate, (unsigned int)tc);
		c->t_held = 0;
		for (i = c->tail; i != c->head; i++) {
			c->slot[i & (e->depth - 1)]->t_seen += delta;
			c->slot[i & (e->depth - 1)]->flags |= PKT_STEPPED;
		}
		if (e->ordered >> tc & 1)
			egress_order_shift(c, delta);
	}
}
