/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp_stat: how far off was a PTP clock? Samples in, numbers out; and what its ptp4l's log says beside.
 *
 * A sample is one Sync as ptp4l judged it. All of them count, but for those from before the clock had settled: a ptp4l
 * subtracts the median of its last PTP_STAT_FILTER path delays, so until as many have been measured the offset is
 * another quantity. What is left out: all until the first sample with a path delay, and a further settle_ns.
 *
 * linuxptp 3.1.1 that runs free logs an offset once in freq_est_interval, not for each Sync, so samples come from its
 * management socket; its log is the proof that they are complete.
 */
#ifndef TAKT_BENCH_PTP_STAT_H
#define TAKT_BENCH_PTP_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PTP_STAT_FILTER 10	/* delay_filter_length of ptp4l, as it comes */

struct ptp_sample {
	int64_t t_ingress;	/* when the Sync came, ns of the clock itself */
	int64_t offset_ns;	/* from the master */
	int64_t delay_ns;	/* mean path delay; 0: not known yet */
};

/* Of several clocks' samples, or several runs': one array, each run's by t_ingress. */
struct ptp_stat {
	uint64_t samples;	/* that count */
	uint64_t left_out;	/* before it had settled */
	uint64_t missing;	/* Syncs that should have come between two samples, and are none */
	double rms_ns, mean_ns;
	int64_t median_ns, p99_ns, max_ns;	/* of the offset without its sign */
	int64_t delay_ns;	/* median of the path delay */
};

/*
 * The samples of one run that count: they are moved to the front, *n becomes their number, the others are counted in
 * s->left_out, and s->missing grows by the Syncs that a master with this interval should have sent in between.
 */
void ptp_stat_settle(struct ptp_stat *s, struct ptp_sample *v, size_t *n, int64_t settle_ns, int64_t interval_ns);

/* The numbers, of all of v. Everything but left_out and missing is set. -ENOMEM. */
int ptp_stat_make(struct ptp_stat *s, const struct ptp_sample *v, size_t n);

/* What a line of ptp4l's log is. */
enum ptp_line {
	PTP_LINE_OTHER,
	PTP_LINE_OFFSET,	/* "master offset N s0 freq N path delay N": *offset_ns is set */
	PTP_LINE_TROUBLE,	/* a time stamp that did not come, a fault, a clock that jumped, a master that was lost */
};
enum ptp_line ptp_stat_line(const char *line, int64_t *offset_ns);

/* Is there a sample with this offset? */
bool ptp_stat_has(const struct ptp_sample *v, size_t n, int64_t offset_ns);

#endif
