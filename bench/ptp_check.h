/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp_check: what taktd's records say of PTP on its way through: how long it stayed, for what, in its windows or not.
 *
 * Pure: records in, numbers out, in the order in which they were published. Windows are timeline.h's, and each port's
 * link is modelled anew, as gate_check.h has it; here also frames of other classes count, which are on the link first.
 * A frame that was there when the clock was stepped, or the worker stood still for a quarter of a second, is not judged:
 * its stamps have been moved.
 */
#ifndef TAKT_BENCH_PTP_CHECK_H
#define TAKT_BENCH_PTP_CHECK_H

#include <stddef.h>

#include "bench/timeline.h"
#include "vnet/pkt.h"

#define PTP_CHECK_TC 7	/* PTP's class, and nobody else's */

struct ptp_check_link {
	int64_t t_free;		/* had every frame started when it was chosen */
	int64_t t_worst, t_out;	/* had this burst started at its t_out; that */
};

/* Starts zeroed, but for the first two. */
struct ptp_check {
	const struct timeline *timeline; /* of every port */
	int64_t link_bps;
	uint64_t sent;			/* of PTP's class */
	uint64_t outside, overruns;	/* of these: in no window of theirs and no overrun; late, and counted by taktd */
	uint64_t dropped;		/* of PTP's class, for other reasons */
	uint64_t bad_sums;		/* records whose hops are not their stay */
	uint64_t doubtful;		/* PTP that was dropped since its stay was not known: in no class yet, or in PTP's */
	uint64_t others, others_dropped; /* of other classes */
	int64_t t_first, t_last;	/* t_out of frames of any class */
	int64_t *stay_ns, *gate_ns;	/* of each of `sent`: t_out - t_seen, and the wait for the gate in it */
	size_t room;
	struct ptp_check_link link[PKT_MAX_PORTS];
};

/* One more record. -ENOMEM. */
int ptp_check_add(struct ptp_check *c, const struct pkt *p);

/* Sorts stay_ns and gate_ns, each for itself: the first, the middle one and the last are what they say. */
void ptp_check_sort(struct ptp_check *c);

void ptp_check_fini(struct ptp_check *c);

#endif
