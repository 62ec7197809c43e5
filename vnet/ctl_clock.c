/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ctl_clock.h"

#include "base/ns.h"

void ctl_put_clock(struct out *o, struct bridge *b)
{
	struct timebase_state s;

	bridge_clock_get(b, &s);
	out_object(o, "clock");
	out_int(o, "t_now", bridge_now(b), NULL);
	out_int(o, "tid", s.follow.tid, NULL);
	out_str(o, "reference", s.follow.reference, NULL);
	out_int(o, "tai_offset_s", s.follow.tai_offset, NULL);
	out_int(o, "kernel_tai_offset_s", s.follow.kernel_offset, NULL);
	out_int(o, "error_bound_ns", s.bound_ns, NULL);
	out_int(o, "max_error_ns", s.max_error_ns, NULL);
	out_bool(o, "good", s.good, NULL);
	out_str(o, "why_not", s.good ? "" : s.why.text, NULL);
	if (bridge_held(b))
		out_str(o, "gates_held", bridge_held(b), NULL);
	else
		out_null(o, "gates_held", NULL);
	out_bool(o, "holdover", s.follow.holding, NULL);
	if (s.follow.steps) {
		out_int(o, "last_step_ns", s.follow.step_ns, NULL);
		out_int(o, "t_last_step", s.follow.t_step, NULL);
	} else {
		out_null(o, "last_step_ns", NULL);
		out_null(o, "t_last_step", NULL);
	}
	out_object(o, "counters");
#define X(id, help) out_uint(o, #id, s.stat.id, NULL);
	STAT_CLOCK(X)
#undef X
	out_end(o);
	out_end(o);
}

void ctl_put_change(struct out *o, struct bridge *b, int64_t t_change)
{
	struct timebase_state s;

	bridge_clock_get(b, &s);
	out_int(o, "t_now", bridge_now(b), NULL);
	if (t_change != NS_NEVER) {
		out_int(o, "t_change", t_change, NULL);
		return;
	}
	out_null(o, "t_change", NULL);
	out_str(o, "held", bridge_held(b) ?: "", NULL);
	out_str(o, "why_held", s.why.text, NULL);
}
