/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/egress_pvt.h"

#include "base/ns.h"

/*
 * -- credit
 * -------------------------------------------------------------------------------------------------------------
 */

static void credit_until(struct egress_class *c)
{
	c->ready_open = c->cbs.open + cbs_wait_ns(&c->cbs);
}

/* Credit as of t_now, the idle slope as the running schedule wants it. */
static void rescale(struct egress *e, uint8_t tc)
{
	const struct gcl_class *g = e->gate.oper ? &e->gate.oper->class[tc] : NULL;
	struct egress_class *c = &e->class[tc];

	cbs_advance(&c->cbs, gate_open_total(&e->gate, tc), e->backlog >> tc & 1);
	if (!g || g->always)
		cbs_scale(&c->cbs, 1, 1);
	else if (g->open_ns)	/* of a class that is never open no open time passes, at whatever slope */
		cbs_scale(&c->cbs, e->gate.oper->cycle_ns, g->open_ns);
	credit_until(c);
}

void egress_rescale(struct egress *e)
{
	uint32_t left;

	for (left = e->shaped; left; left &= left - 1)
		rescale(e, (uint8_t)__builtin_ctz(left));
}

void egress_shape(struct egress *e, const struct cbs_limits limits[TSN_CLASSES])
{
	struct egress_class *c;
	struct cbs old;
	uint8_t tc;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		c = &e->class[tc];
		if (!limits[tc].idle_bps) {
			e->shaped &= ~(1u << tc);
			continue;
		}
		old = c->cbs;
		if (e->shaped >> tc & 1)
			cbs_advance(&old, gate_open_total(&e->gate, tc), e->backlog >> tc & 1);
		cbs_init(&c->cbs, limits[tc].idle_bps, limits[tc].hi_bits, gate_open_total(&e->gate, tc));
		c->cbs.over_hi = old.over_hi;
		if (e->shaped >> tc & 1) {
			c->cbs.credit = old.credit;
			c->cbs.open = old.open;
			c->cbs.busy = old.busy;
		}
		e->shaped |= 1u << tc;
		rescale(e, tc);
	}
}

void egress_credit(const struct egress *e, struct cbs out[TSN_CLASSES])
{
	uint8_t tc;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		out[tc] = e->shaped >> tc & 1 ? e->class[tc].cbs : (struct cbs){0};
		if (out[tc].admin_bps)
			cbs_advance(&out[tc], gate_open_total(&e->gate, tc), e->backlog >> tc & 1);
	}
}

void egress_credit_idle(struct egress *e, uint8_t tc)
{
	struct egress_class *c = &e->class[tc];

	cbs_advance(&c->cbs, c->open_total, false);
	credit_until(c);
}

int64_t egress_charge(const struct egress *e, struct cbs *cbs, const struct egress_pick *pick, int64_t t_start)
{
	cbs_advance(cbs, gate_open_total(&e->gate, pick->tc), true);
	cbs_spend(cbs, pick->len, t_start - e->t_now + pick->wire_ns);
	return cbs->open + cbs_wait_ns(cbs);
}
