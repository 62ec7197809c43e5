/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/sel.h"

#include <stdbool.h>

#include "base/ns.h"

static void send(struct sel_out *out, unsigned int tc, int64_t t_start, int64_t t_end, int64_t t_close)
{
	out->kind = SEL_SEND;
	out->tc = (uint8_t)tc;
	out->t_start = t_start;
	out->t_end = t_end;
	out->t_close = t_close;
}

static void next(struct sel_out *out, int64_t t)
{
	if (t < out->t_next)
		out->t_next = t;
}

/*
 * Is class tc's turn? True ends the search. False: the link is a lower class's to use, and t_next came down to the first
 * instant at which this one might send.
 */
static bool take_turn(struct sel_out *out, const struct sel_in *in, unsigned int tc, int64_t t_start)
{
	int64_t t_ready = in->timed >> tc & 1 ? in->t_ready[tc] : INT64_MIN;
	int64_t t_from = t_ready > t_start ? t_ready : t_start;
	int64_t t_end = t_from + wire_ns(in->wire, in->len[tc]);
	int64_t t_close = gate_close_at(in->gate, tc);
	int64_t t_open;

	if (t_close == NS_NEVER || (t_close > in->now && t_end + in->margin_ns[tc] <= t_close)) {
		if (in->early >> tc & 1 && t_from - in->now <= in->early_ns) {
			send(out, tc, t_from, t_end, t_close);
			return true;
		}
		if (t_from > t_start || (in->prompt >> tc & 1 && t_ready > in->now)) {
			next(out, t_ready);
			return t_from == t_start; /* ready when the link is free: nothing lower may have it then */
		}
		send(out, tc, t_start, t_end, t_close);
		return true;
	}
	if (t_close > in->now && t_from == t_start)
		out->held |= 1u << tc;
	t_open = gate_open_at(in->gate, tc, t_close);
	next(out, t_open < t_ready ? t_ready : t_open);
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
		if (take_turn(out, in, tc, t_start))
			break;
		left &= ~(1u << tc);
	}
	if (out->kind != SEL_SEND && out->t_next != NS_NEVER)
		out->kind = SEL_WAIT;
}
