/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/sel.h"

#include <stdbool.h>

#include "base/ns.h"

/* May class tc's head go? If not, t_next comes down to the first instant at which it might. */
static bool may_send(struct sel_out *out, const struct sel_in *in, unsigned int tc, int64_t t_start)
{
	int64_t t_close = gate_close_at(in->gate, tc);
	int64_t t_end = t_start + wire_ns(in->wire, in->len[tc]);
	int64_t t_open;

	if (t_close == NS_NEVER || (t_close > in->now && t_end + in->margin_ns[tc] <= t_close)) {
		out->kind = SEL_SEND;
		out->tc = (uint8_t)tc;
		out->t_start = t_start;
		out->t_end = t_end;
		out->t_close = t_close;
		return true;
	}
	if (t_close > in->now)
		out->held |= 1u << tc;
	t_open = gate_open_at(in->gate, tc, t_close);
	if (t_open < out->t_next)
		out->t_next = t_open;
	return false;
}

void sel_next(struct sel_out *out, const struct sel_in *in)
{
	int64_t t_start = in->t_free > in->now ? in->t_free : in->now;
	uint32_t left = in->backlog;
	unsigned int tc;

	*out = (struct sel_out){.kind = SEL_IDLE, .t_next = NS_NEVER};
	if (!left)
		return;
	if (t_start - in->now > in->ahead_ns) {
		out->kind = SEL_WAIT;
		out->t_next = t_start - in->ahead_ns;
		return;
	}
	while (left) {
		tc = 31u - (unsigned int)__builtin_clz(left);
		if (may_send(out, in, tc, t_start))
			return;
		left &= ~(1u << tc);
	}
	if (out->t_next != NS_NEVER)
		out->kind = SEL_WAIT;
}
