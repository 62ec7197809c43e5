/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report: what came out of a campaign, in figures: its groups (cells that differ in their repetition alone), what can be told of each, which is best and worst at what.
 * Figures are bench/quant's; nothing is estimated here.
 *
 * A group's name has two parts. Its set-up is what somebody would choose (backend, guest, schedule, queues, correction), its condition what the set-up had to stand (direction, load, size, cycle,
 * neighbours). Set-ups are compared under one condition only; the backend `veth` is none, but the floor of all others. Where the set-up does not vary, what was compared is loads and the like: then only the direction is a condition.
 */
#ifndef TAKT_BENCH_REPORT_H
#define TAKT_BENCH_REPORT_H

#include "bench/between.h"
#include "bench/ptp_stat.h"
#include "bench/quant.h"
#include "bench/result.h"

/* What a reader wants first, and what to bear in mind with it: who lost or was late, the machine's noise, what was not measured. */
#define REPORT_LIMITS 3
struct report_answer {
	char sentence[2048];
	char limit[REPORT_LIMITS][2048];	/* one short line each */
	size_t n_limits;
};

/* What a PTP client took for its offset, all repetitions together; the truth is 0. */
struct report_ptp {
	size_t n_cells;			/* that measured it; 0: none did, and all else is 0 */
	struct ptp_stat stat;
	struct quant q[QUANT_STEPS];	/* of the offset without its sign */
	unsigned int by_frames;		/* as below */
	double rms_least_ns, rms_most_ns;	/* of repetitions */
};

struct report_group {
	char *name;			/* values of the axes that vary, for people */
	char *id;			/* the same for programs: letters, digits, '-', '_', '.' */
	size_t setup, cond;		/* in report.setup and report.cond */
	const struct result_cell **cell;	/* those that were measured, by position; the array is the group's */
	size_t n_cells, n_skipped, n_failed;
	int64_t *ns;			/* all their samples, sorted */
	size_t n;
	struct quant q[QUANT_STEPS], pdv[QUANT_STEPS];
	unsigned int by_frames, pdv_by_frames;	/* bit of a step: its bounds are made of frames alone, and know nothing of how repetitions differ: there is one, or they are too short to tell it each */
	struct between between, between_pdv;	/* of its repetitions: bounds are widened by them */
	struct quant_sum sum;
	struct quant_share missed;	/* deadlines, end to end; a lost frame missed its own. n 0: no deadline */
	double missed_least, missed_most;	/* shares of repetitions; without a deadline of lost ones */
	struct quant_share lost_of;	/* frames that did not come, of those that should have */
	uint64_t gone;			/* frames that did not come; those of a bad clock are not among them */
	uint64_t due, sent, lost, duplicate, reordered, wakeups_late, stamps_missing, bad_clock;
	int64_t floor_p50_ns, floor_p99_ns, floor_max_ns, error_bound_ns;	/* the worst of its cells; p50, p99 -1: too few gaps to tell */
	double floor_share;
	struct report_ptp ptp;
	bool floor;			/* no set-up that one could choose, but the way without any: it is not ranked */
	int step;			/* of the ladder by which it is ranked: rep->rank, or a lower one where all of its condition lost too much for that */
	struct quant told;		/* what ranks: that quantile of all that should have come; what did not took for ever (NS_NEVER) */
	bool best, worst;		/* under its condition */
	bool sure;			/* best: its bounds touch those of no other under its condition; where there are repetitions, all of these know how they differ */
	bool careless;			/* another under its condition missed fewer frames, which is not by chance: it is not best */
	bool lossy;			/* it lost more than its step leaves out: a latency of those that came is no answer, and it is not best */
};

struct report {
	const struct result *result;
	enum result_kind kind;
	struct report_group *group;	/* with cells that were measured or not, in the order of axes' values */
	size_t n_groups, n_measured;	/* groups; those with samples */
	char **setup, **cond;		/* names, "" where there is but one */
	size_t n_setups, n_conds;
	size_t n_ok, n_skipped, n_failed;	/* cells */
	int rank;			/* step of the ladder by which best and worst are told: p99.9, or what all that are ranked can tell, but for those that are lossy by it; -1: none */
	int pdv;			/* step of the ladder that PDV is shown at; -1: none */
	char *folder;			/* the result's; not the link to it */
};

/* `r` outlives it. 0, or -ENOMEM and a sentence. */
int report_make(struct report *out, const struct result *r, enum result_kind kind, struct why *why);
void report_fini(struct report *rep);

/* Is it compared with others? What was measured, and is a set-up. */
static inline bool report_ranks(const struct report_group *g)
{
	return !g->floor && g->n + g->gone;
}

/* "fastest", "slowest", ...; "" for what is neither. */
const char *report_word(const struct report_group *g);

/* The share of its CPUs' time that the machine took away, in the middle cell; 0 to 1. */
double report_away(const struct report *rep);

bool report_has_ptp(const struct report *rep);

void report_answer(const struct report *rep, struct report_answer *answer);

#endif
