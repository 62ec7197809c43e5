/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * demo_check: did the gates hold, does the witness agree, what did the noise move, and what limits the trust in all that.
 *
 * Pure: records in, numbers out.
 */
#ifndef TAKT_BENCH_DEMO_CHECK_H
#define TAKT_BENCH_DEMO_CHECK_H

#include "bench/demo.h"

/* Order statistics of signed values, ns. */
struct demo_spread {
	uint64_t count;
	int64_t min, p01, p50, p999, max;	/* p01: 0.1 %; p999: 99.9 % */
	int64_t abs999;				/* 99.9 % of the magnitudes */
};

#define DEMO_OVERRUNS 8

struct demo_overrun {		/* a frame of the plc that was handed over too late */
	uint32_t number;
	int64_t late_ns;	/* t_out after the close */
	int64_t send_ns;	/* the hand-over took */
	bool gap;		/* a poll gap overlaps it */
};

struct demo_window {
	uint64_t frames;
	uint64_t inside;	/* chosen >= open and t_out <= close */
	uint64_t overruns;	/* not inside, flagged PKT_OVERRUN, and a poll gap overlaps the hand-over */
	uint64_t unmatched;	/* flagged PKT_OVERRUN, not inside, no poll gap there */
	uint64_t outside;	/* not inside and not even flagged: the gate leaked */
	uint32_t n_list;
	struct demo_overrun list[DEMO_OVERRUNS];	/* the first ones */
	int64_t first_ns, last_ns;	/* earliest and latest t_out within the cycle, of those inside */
};

struct demo_witness {
	uint64_t pairs;		/* captured frames found among the records, by number */
	uint64_t missing;	/* sent by the records, not captured */
	uint64_t unexpected;	/* captured, not sent by the records */
	uint64_t swapped;	/* captured in another order than sent */
	struct demo_spread error;	/* stamp - t_out */
	uint64_t within;	/* stamps between the choice and t_out */
	int64_t early_ns, late_ns;	/* how far the others lie before the choice, after t_out, at most */
	int64_t bound_ns;	/* the error that is allowed: measured on the other runs */
	uint64_t outside;	/* stamps outside the window by more than bound_ns */
	uint64_t outside_gap;	/* of those: a poll gap overlaps the hand-over */
};

struct demo_floor {		/* one hop of the plc's frames, ns */
	int64_t p50[DEMO_KINDS], p99[DEMO_KINDS];
	int64_t calm99[DEMO_KINDS];	/* of frames that no stall touched; INT64_MAX: too few */
	int64_t floor50, floor99;	/* spread over ten slices of the quiet run */
	bool explained50[DEMO_KINDS], explained99[DEMO_KINDS];	/* shift against quiet <= floor (p99: or the calm ones' is) */
};

struct demo_gaps {
	uint64_t count, touched;	/* gaps; frames of the plc whose stay a stall overlaps */
	uint64_t where[3];		/* enum rec_where */
	int64_t lost_ns, longest_ns;
};

struct demo_verdict {
	struct demo_window window[DEMO_KINDS];
	struct demo_witness witness[DEMO_KINDS];
	struct demo_gaps gaps[DEMO_KINDS];
	struct demo_floor floor[HOP_COUNT];
	bool held;		/* gates: every frame inside, or an overrun with its gap; nothing lost or dropped; the capture agrees */
	char because[256];	/* when not */
};

/* DEMO_KINDS runs, sorted in place by arrival. -ENOMEM. (No [static]: with sanitizers gcc 12 takes the address of a large struct's array for 4 bytes.) */
int demo_check(struct demo_verdict *v, struct demo_run *runs);

#endif
