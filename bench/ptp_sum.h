/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp_sum: what all rounds of one way gave, and its lines.
 */
#ifndef TAKT_BENCH_PTP_SUM_H
#define TAKT_BENCH_PTP_SUM_H

#include "base/out.h"
#include "bench/ptp_arm.h"

#define PTP_SUM_ROUNDS 50

/* Starts zeroed. */
struct ptp_sum {
	struct ptp_sample *sample;
	size_t n;
	int rounds;
	struct ptp_stat all;
	double low_ns, high_ns;		/* rms of the best round and of the worst */
	uint64_t trouble, unpolled;
	/* Of taktd's records: the shortest stay of all rounds, the longest, and each round's median. */
	uint64_t sent, outside, overruns, dropped, doubtful, bad_sums, lost, others, others_dropped;
	int64_t stay_min_ns, stay_max_ns, gate_max_ns;
	double stay_ns[PTP_SUM_ROUNDS], seconds;
	struct gaps_sum gaps;
};

/* One more round, at most PTP_SUM_ROUNDS; *s are its numbers. -ENOMEM. */
int ptp_sum_add(struct ptp_sum *w, const struct ptp_arm_result *r, const struct ptp_stat *s);

/* After the last: w->all becomes the numbers of all samples. -ENOMEM. */
int ptp_sum_make(struct ptp_sum *w);

/* Lines, each beginning with `prefix`; `peer` (NULL: none) is what the rms is told beside. */
void ptp_sum_offsets(struct out *o, const char *prefix, const struct ptp_sum *w, const struct ptp_sum *peer);

/* Percent of the time that taktd's worker was off its CPU. */
double ptp_sum_away(const struct ptp_sum *w);

/* The same of taktd's records. False when a figure that has to be 0 was not. */
bool ptp_sum_records(struct out *o, const char *prefix, struct ptp_sum *w);

void ptp_sum_fini(struct ptp_sum *w);

#endif
