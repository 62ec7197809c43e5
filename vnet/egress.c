/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/egress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define MARGIN_EVERY 64 /* hand-overs between two steps of the margin's decay: with the shift, it halves in about 45,000 */
#define MARGIN_SHIFT 10

enum { WAIT_QUEUE, WAIT_GATE, WAIT_SHAPE, WAIT_PORT }; /* index into total_ns */

static_assert(HOP_GATE == HOP_QUEUE + WAIT_GATE && HOP_SHAPE == HOP_QUEUE + WAIT_SHAPE && HOP_PORT == HOP_QUEUE + WAIT_PORT,
	      "totals stand in the order of the hops");

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
	for (tc = 0; tc < TSN_CLASSES; tc++)
		e->class[tc].slot = slots + (size_t)tc * depth;
	return 0;
}

void egress_expect(struct egress *e, int64_t margin_max_ns)
{
	e->margin_max = margin_max_ns;
	e->margin_ns = margin_max_ns;
}

void egress_fini(struct egress *e)
{
	free(e->class[0].slot);
	e->class[0].slot = NULL;
}

/* Bring one class's totals from t_account to t: all of it in one stretch in which the link was busy throughout or free throughout. */
static void account_class(struct egress *e, uint8_t tc, int64_t t, bool busy)
{
	struct egress_class *c = &e->class[tc];
	int64_t open = gate_open_total(&e->gate, tc);
	int64_t span_ns, open_ns;

	if (c->t_held) {
		if (t < c->t_held) {
			c->total_ns[WAIT_GATE] += t - c->t_account;
			goto done;
		}
		c->total_ns[WAIT_GATE] += c->t_held - c->t_account;
		c->t_account = c->t_held;
		c->open_total = c->held_open;
		c->t_held = 0;
	}
	span_ns = t - c->t_account;
	open_ns = open - c->open_total;
	c->total_ns[WAIT_GATE] += span_ns - open_ns;
	c->total_ns[busy && e->busy_tc != tc ? WAIT_PORT : WAIT_QUEUE] += open_ns;
done:
	c->t_account = t;
	c->open_total = open;
}

static const struct gcl *account_to(struct egress *e, int64_t t)
{
	const struct gcl *retired = gate_advance(&e->gate, t);
	bool busy = t <= e->t_free;
	uint32_t left;

	for (left = e->backlog; left; left &= left - 1)
		account_class(e, (uint8_t)__builtin_ctz(left), t, busy);
	if (retired)
		for (left = 0; left < TSN_CLASSES; left++)
			e->class[left].t_held = 0;
	e->t_now = t;
	return retired;
}

const struct gcl *egress_account(struct egress *e, int64_t t)
{
	const struct gcl *retired;

	if (t == e->t_now)
		return NULL;
	if (e->t_now < e->t_free && e->t_free < t) {
		retired = account_to(e, e->t_free);
		if (retired)
			return retired;
	}
	return account_to(e, t);
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

	if (c->head - c->tail == e->depth)
		return false;
	if (c->head == c->tail) {
		/* Nobody waited: the totals stood still, and go on from here. */
		c->t_account = e->t_now;
		c->open_total = gate_open_total(&e->gate, p->tc);
		c->t_held = 0;
		e->backlog |= 1u << p->tc;
	}
	memcpy(&p->hop_ns[HOP_QUEUE], c->total_ns, sizeof(c->total_ns));
	c->slot[c->head++ & (e->depth - 1)] = p;
	return true;
}

/* Class tc's gate is open now but shuts before its head could end: it waits for a later window. */
static void hold(struct egress *e, uint8_t tc)
{
	struct egress_class *c = &e->class[tc];
	int64_t t_close = gate_close_at(&e->gate, tc);

	if (c->t_held)
		return;
	c->t_held = gate_open_at(&e->gate, tc, t_close);
	c->held_open = c->open_total + (t_close - e->t_now);
}

/* When does the next gate open that a frame waits for, above every gate that is open now? */
static int64_t next_opening(const struct egress *e)
{
	uint32_t open = gate_states(&e->gate);
	uint32_t waiting = e->backlog & ~open;
	int64_t t_open = NS_NEVER;
	int64_t t;

	if (open)
		waiting &= ~((2u << (31 - __builtin_clz(open))) - 1);
	for (; waiting; waiting &= waiting - 1) {
		t = gate_open_at(&e->gate, (unsigned int)__builtin_ctz(waiting), e->t_now);
		if (t < t_open)
			t_open = t;
	}
	return t_open;
}

uint32_t egress_select(struct egress *e, struct egress_pick *picks, uint32_t n, int64_t *slack_ns, int64_t *t_open)
{
	uint32_t taken[TSN_CLASSES] = {0};
	struct sel_in in = {
		.gate = &e->gate,
		.wire = &e->wire,
		.now = e->t_now,
		.t_free = e->t_free,
		.ahead_ns = EGRESS_AHEAD_NS,
		.backlog = e->backlog,
	};
	struct egress_class *c;
	struct sel_out out;
	uint32_t i, left;

	*slack_ns = INT64_MAX;
	*t_open = next_opening(e);
	for (left = e->backlog; left; left &= left - 1) {
		i = (uint32_t)__builtin_ctz(left);
		in.len[i] = e->class[i].slot[e->class[i].tail & (e->depth - 1)]->len;
		in.margin_ns[i] = margin_of(e, i, in.len[i]);
	}
	for (i = 0; i < n; i++) {
		sel_next(&out, &in);
		for (left = i ? 0 : out.held; left; left &= left - 1)
			hold(e, (uint8_t)__builtin_ctz(left));
		if (out.kind != SEL_SEND)
			break;
		c = &e->class[out.tc];
		picks[i] = (struct egress_pick){
			.p = c->slot[(c->tail + taken[out.tc]) & (e->depth - 1)],
			.t_close = out.t_close,
			.wire_ns = out.t_end - out.t_start,
			.tc = out.tc,
		};
		if (out.t_close != NS_NEVER && out.t_close - out.t_end - in.margin_ns[out.tc] < *slack_ns)
			*slack_ns = out.t_close - out.t_end - in.margin_ns[out.tc];
		in.t_free = out.t_end;
		taken[out.tc]++;
		if (c->tail + taken[out.tc] == c->head) {
			in.backlog &= ~(1u << out.tc);
		} else {
			in.len[out.tc] = c->slot[(c->tail + taken[out.tc]) & (e->depth - 1)]->len;
			in.margin_ns[out.tc] = margin_of(e, out.tc, in.len[out.tc]);
		}
	}
	return i;
}

void egress_waits(const struct egress *e, struct pkt *rec)
{
	const struct egress_class *c = &e->class[rec->tc];
	int i;

	for (i = 0; i < 4; i++)
		rec->hop_ns[HOP_QUEUE + i] = c->total_ns[i] - rec->hop_ns[HOP_QUEUE + i];
}

static struct pkt *pop(struct egress *e, uint8_t tc)
{
	struct egress_class *c = &e->class[tc];
	struct pkt *p = c->slot[c->tail++ & (e->depth - 1)];

	c->t_held = 0; /* the next head may be shorter */
	if (c->tail == c->head)
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

	return c->head == c->tail ? NULL : c->slot[c->tail & (e->depth - 1)];
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
	}
}
