/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate_check: did every frame leave in its window, does the receiver agree, and how soon after the opening did the
 * first one go?
 *
 * Pure: records, gaps and stamps in, numbers out. The windows are timeline.h's, which has nothing of tsn/ in it.
 *
 * By the send stamps. A frame was chosen at t_out - send and handed over at t_out. It is put on a link that is modelled
 * anew here, frame by frame, from the speed and the lengths alone. A frame is
 *	inside		its gate was open when it was chosen, and it is over on the link before that gate shuts, even
 *			if it only started at t_out
 *	overrun		it would have been over in time had it started when it was chosen, but the hand-over took too
 *			long; counted by taktd
 *	outside		anything else: a promise was broken and nobody said so
 *
 * By the receiver. It saw the frame at t, and at t_before it had looked and there was nothing: the frame came in
 * between. Such a frame is
 *	placed		the gate was open at some instant in between (each end moved out by the error of the clocks)
 *	late		the gate was shut all the time in between, and the record is an overrun with its gap
 *	misplaced	the gate was shut all the time in between
 */
#ifndef TAKT_BENCH_GATE_CHECK_H
#define TAKT_BENCH_GATE_CHECK_H

#include "base/hist.h"
#include "base/why.h"
#include "bench/judge_clock.h"
#include "bench/timeline.h"
#include "vnet/rec.h"

struct gate_data {
	struct timeline timeline;
	int64_t link_bps;
	int64_t gap_ns;			/* gaps from this length on were published */
	const struct pkt *rec;		/* as published */
	size_t n_rec;
	const struct rec_gap *gap;
	size_t n_gap;
	const struct judge_seen *seen;	/* as noted */
	size_t n_seen;
	uint64_t sent; /* frames that the judge sent: numbers 1..sent; taktd's seq is the number less one */
	const struct judge_clock *clock;
	int64_t error_ns;		/* of the receiver's stamps */
	const struct clock_bound *bound;	/* of taktd's: what it told */
	size_t n_bound;
	uint8_t edge_tc;		/* class whose openings are measured */
};

#define GATE_CASES 5

struct gate_case {		/* a frame outside, or misplaced */
	const struct pkt *rec;
	int64_t t_begin, t_close;	/* its window, as its gate stood when it was chosen; t_begin NS_NEVER: shut */
	int64_t t_end;		/* outside: over on the link then; misplaced: when it was seen */
	size_t known, sure;	/* plans known when it was chosen, at most and at least */
	bool seen;		/* misplaced */
};

struct gate_verdict {
	uint64_t frames, class_frames[8];	/* handed over */
	uint64_t inside, overruns, outside;
	uint64_t unmatched;		/* of the overruns: no published gap overlaps the hand-over */
	uint64_t flagged;		/* records with PKT_OVERRUN */
	uint64_t dropped;		/* records with another verdict than sent */
	uint64_t unrecorded;		/* sent by the judge, no record */
	uint64_t bad_sums;		/* hops do not add up to the stay */
	uint64_t wrong_plan;		/* handed over under another schedule than the one that ran then */

	uint64_t seen, placed, late, misplaced;
	uint64_t blurred; /* of the placed: shut when it was stamped, open when the receiver had last looked */
	uint64_t missing;		/* handed over, not seen */
	uint64_t unexpected;		/* seen twice, or not among the records, or changed on the way */
	uint64_t swapped;		/* seen in another order than its class was handed over in */
	uint64_t early;			/* seen before it was chosen, by more than the clocks' error */
	struct hist look;		/* t - t_before: how sharp the receiver's stamps are */
	struct hist transit;		/* t - t_out, of those seen at or after t_out */

	uint64_t windows, empty;	/* of edge_tc while frames waited; those in which none went */
	uint64_t empty_gap;		/* of the empty: gaps took more than half of it */
	struct hist edge;		/* first t_out after an opening, frames waiting */
	struct hist edge_chosen;	/* when that hand-over began */
	struct hist edge_seen;		/* the receiver's stamp of it */
	struct gate_case bad[GATE_CASES];	/* the first ones */
	uint32_t n_bad;
	double fill;			/* share of the windows' time that frames of edge_tc were on the link */
};

/* -ENOMEM and a sentence. */
int gate_check(struct gate_verdict *v, const struct gate_data *d, struct why *why);

#endif
