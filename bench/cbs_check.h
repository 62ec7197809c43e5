/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cbs_check: does a shaped class get its rate, and no more at once than it may?
 *
 * Pure: starts of frames in, numbers out; worked out from 802.1Q's text and the link's speed, without a line of tsn/.
 *
 * A frame weighs its bytes on the wire (preamble, FCS and gap included). The rate is that of the longest stretch in
 * which the class always had a frame waiting: an idle class loses its credit, rightly. The burst is the largest excess
 * of what was sent over idleSlope * time, over all windows that begin and end with a frame:
 *
 *	excess(i, j) = bytes of frames i..j - idleSlope * (t_j - t_i)
 *
 * Credit before frame i is at most hiCredit and before frame j not negative, so the excess is at most hiCredit plus
 * frame j. To that comes what a sender in software cannot help (`slack_ns` of idleSlope). While the worker is away
 * credit goes on growing, and the standard does not cut it off: frames that go after that, until a lower class has its
 * turn again, are counted apart, and windows that begin with one of them are no measure of a burst. A class below waits
 * for them too, as if the worker were away for as long.
 */
#ifndef TAKT_BENCH_CBS_CHECK_H
#define TAKT_BENCH_CBS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "vnet/rec.h"

struct cbs_start {
	int64_t t_from, t_to;	/* the frame started at some instant in between */
	int64_t t_queued;	/* it waited since */
	int64_t t_low; /* start of a lower class's last frame since the one before, so credit was negative; 0: none */
	uint32_t bytes;		/* on the wire */
};

struct cbs_data {
	const struct cbs_start *frame;	/* of one class, in order */
	size_t n;
	int64_t idle_bps;
	double hi_bytes;		/* hiCredit */
	int64_t slack_ns;
	const struct rec_gap *gap;
	size_t n_gap;
};

struct cbs_verdict {
	uint64_t frames;
	uint64_t dry;		/* times no frame waited */
	int64_t span_ns;	/* longest stretch between two such */
	double rate_bps, ppm;	/* in it; ppm: against idleSlope */
	double burst;		/* largest excess, bytes */
	uint64_t gap_frames;	/* frames sent when credit may have been beyond hiCredit because of gaps */
	double lent;		/* the most that it may have been beyond, bytes */
	uint64_t errors;	/* frames sent without credit */
};

/* over[i] (may be NULL): frame i is one of gap_frames. */
void cbs_check(struct cbs_verdict *v, const struct cbs_data *d, bool *over);

/*
 * Gaps for the class below: d's gaps, and the time that d's frames that are `over` were on the link, and slack_ns
 * longer if that is what it took until the next one. In order, disjoint. `out` has room for d->n + d->n_gap; returns
 * how many.
 */
size_t cbs_away(struct rec_gap *out, const struct cbs_data *d, const bool *over, int64_t link_bps);

/*
 * hiCredit in bytes on the wire (802.1Q-2022 Annex L): of a class with idle_bps, when the longest frame below it weighs
 * `below`, and one class above it has above_bps and frames of up to `above` bytes (0: none).
 */
double cbs_hi_credit(int64_t link_bps, int64_t idle_bps, uint32_t below, int64_t above_bps, uint32_t above);

#endif
