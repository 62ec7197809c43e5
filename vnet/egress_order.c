/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/egress_pvt.h"

#include "base/ns.h"

int egress_order(struct egress *e, uint8_t tc, const struct launch_conf *launch)
{
	struct egress_class *c = &e->class[tc];
	int err = order_init(&c->order, e->depth);

	if (err)
		return err;
	if (launch)
		c->launch = *launch;
	egress_new_head(c);
	e->ordered |= 1u << tc;
	if (launch && launch->mode == LAUNCH_STRICT)
		e->strict |= 1u << tc;
	return 0;
}

void egress_new_head(struct egress_class *c)
{
	const struct order_item *head = order_head(&c->order);

	c->t_held = 0; /* it may be shorter */
	if (!head)
		c->t_ready = INT64_MIN;
	else
		c->t_ready = c->launch.enabled ? launch_from(&c->launch, head->t) : head->t;
}

/* Where in the queue a frame stands. An eligibility time that is further away than any frame may stay is cut. */
static int64_t instant_of(const struct egress_class *c, const struct pkt *p)
{
	int64_t t = pkt_eligible(p);

	if (c->launch.enabled)
		return pkt_launch(p);
	return t - p->t_seen > EGRESS_LATER_NS ? p->t_seen + EGRESS_LATER_NS : t;
}

/* Would the frame leave before it is too old? Always, but for a step of the clock after its launch time was read. */
static bool in_reach(const struct order_item *i)
{
	const struct pkt *p = i->item;

	return i->t - p->t_seen <= LAUNCH_HORIZON_NS + NS_PER_SEC / 2;
}

/* Room in the ring of those out of reach: it is filled from its beginning, and emptied as a whole at the next visit. */
static void **doomed(struct egress_class *c)
{
	if (c->head == c->tail)
		c->head = c->tail = 0;
	return (void **)&c->slot[c->head];
}

void egress_order_put(struct egress *e, struct pkt *p)
{
	struct egress_class *c = &e->class[p->tc];
	struct order_item item = {.t = instant_of(c, p), .item = p};

	if (c->launch.enabled && !in_reach(&item)) {
		*doomed(c) = p;
		c->head++;
		return;
	}
	order_put(&c->order, item.t, p);
	if (order_head(&c->order)->item == p)
		egress_new_head(c);
}

void egress_order_shift(struct egress_class *c, int64_t delta)
{
	struct pkt *p;
	uint32_t i;

	for (i = 0; i < c->order.n; i++) {
		p = c->order.heap[i].item;
		p->t_seen += delta;
		p->flags |= PKT_STEPPED;
	}
	if (c->launch.enabled)
		c->head += order_cut(&c->order, in_reach, doomed(c));
	else
		order_shift(&c->order, delta);
	egress_new_head(c);
}

/*
 * What a launch time leaves to a frame ends with it, so no later one in the queue can have grown older than the horizon
 * and its tolerance. An eligibility time has no such end: but a frame came at most EGRESS_LATER_NS before its own, so
 * when the head is dropped this much earlier, whatever stands behind it (and may have come before it) is not too old
 * either.
 */
enum pkt_verdict egress_hopeless(const struct egress *e, uint8_t tc)
{
	const struct egress_class *c = &e->class[tc];
	const struct pkt *head = egress_head(e, tc);
	const struct gcl *oper = e->gate.oper;
	int64_t t_start = e->t_free > e->t_now ? e->t_free : e->t_now;

	if (e->t_now - head->t_seen > PKT_MAX_STAY_NS)
		return VERDICT_AGED;
	if (e->ordered >> tc & 1) {
		if (c->head != c->tail)
			return VERDICT_LAUNCH_INVALID;
		if (c->launch.enabled && t_start > launch_until(&c->launch, order_head(&c->order)->t))
			return VERDICT_LAUNCH_MISSED;
		if (!c->launch.enabled && e->t_now - order_head(&c->order)->t > PKT_MAX_STAY_NS - EGRESS_LATER_NS)
			return VERDICT_AGED;
	}
	return oper && head->len > oper->class[tc].max_len ? VERDICT_MAX_SDU : VERDICT_SENT;
}
