/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/egress_pvt.h"

enum { WAIT_QUEUE, WAIT_GATE, WAIT_SHAPE, WAIT_PORT }; /* index into total_ns */

static_assert(HOP_GATE == HOP_QUEUE + WAIT_GATE && HOP_SHAPE == HOP_QUEUE + WAIT_SHAPE && HOP_PORT == HOP_QUEUE + WAIT_PORT,
	      "totals stand in the order of the hops");

/* Of the next open_ns of open time of a class, how much is spent waiting for credit or for the head's time? */
static int64_t shape_ns(const struct egress *e, uint8_t tc, int64_t t, int64_t open_ns)
{
	const struct egress_class *c = &e->class[tc];
	int64_t lack_ns = 0;

	if (e->shaped >> tc & 1)
		lack_ns = c->ready_open - c->open_total;
	else if (e->ordered >> tc & 1 && t <= c->t_ready)
		lack_ns = open_ns;
	if (lack_ns <= 0)
		return 0;
	return lack_ns < open_ns ? lack_ns : open_ns;
}

/*
 * Bring one class's totals from t_account to t: all of it in one stretch in which the link was busy throughout or free
 * throughout, and the head's time lies at one of its ends or outside.
 */
static void account_class(struct egress *e, uint8_t tc, int64_t t, bool busy)
{
	struct egress_class *c = &e->class[tc];
	int64_t open = gate_open_total(&e->gate, tc);
	int64_t span_ns, open_ns, lack_ns;

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
	lack_ns = shape_ns(e, tc, t, open_ns);
	c->total_ns[WAIT_GATE] += span_ns - open_ns;
	c->total_ns[WAIT_SHAPE] += lack_ns;
	c->total_ns[busy && e->busy_tc != tc ? WAIT_PORT : WAIT_QUEUE] += open_ns - lack_ns;
done:
	c->t_account = t;
	c->open_total = open;
}

static const struct gcl *account_to(struct egress *e, int64_t t)
{
	uint64_t changes = e->gate.config_changes;
	const struct gcl *retired = gate_advance(&e->gate, t);
	bool busy = t <= e->t_free;
	uint32_t left;

	for (left = e->backlog; left; left &= left - 1)
		account_class(e, (uint8_t)__builtin_ctz(left), t, busy);
	e->t_now = t;
	if (e->gate.config_changes != changes) {
		for (left = 0; left < TSN_CLASSES; left++)
			e->class[left].t_held = 0;
		egress_rescale(e);
	}
	return retired;
}

/* The first instant in (t_now, t] at which a class may come into another state, but for its gate and its credit. */
static int64_t next_edge(const struct egress *e, int64_t t)
{
	int64_t t_edge = t;
	uint32_t left;
	int64_t t_ready;

	if (e->t_free > e->t_now && e->t_free < t_edge)
		t_edge = e->t_free;
	if (e->gate.t_change > e->t_now && e->gate.t_change < t_edge)
		t_edge = e->gate.t_change;
	for (left = e->ordered & e->backlog; left; left &= left - 1) {
		t_ready = e->class[__builtin_ctz(left)].t_ready;
		if (t_ready > e->t_now && t_ready < t_edge)
			t_edge = t_ready;
	}
	return t_edge;
}

const struct gcl *egress_account(struct egress *e, int64_t t)
{
	const struct gcl *retired = NULL;

	while (e->t_now != t && !retired)
		retired = account_to(e, next_edge(e, t));
	return retired;
}

void egress_waits(const struct egress *e, struct pkt *rec)
{
	const struct egress_class *c = &e->class[rec->tc];
	int i;

	for (i = 0; i < 4; i++)
		rec->hop_ns[HOP_QUEUE + i] = c->total_ns[i] - rec->hop_ns[HOP_QUEUE + i];
}
