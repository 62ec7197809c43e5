/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report: what came out of a campaign, in figures: its groups (cells that differ in their repetition alone), what can be told of each, which is best and worst at what.
 * Figures are bench/quant's; nothing is estimated here.
 *
 * A group's name has two parts. Its set-up is what somebody would choose (backend, guest, schedule, queues, correction), its condition what the set-up had to stand (direction, load, size, cycle,
 * neighbours). Set-ups are compared under one condition only. Where the set-up does not vary, what was compared is loads and the like: then only the direction is a condition.
 */
#ifndef TAKT_BENCH_REPORT_H
#define TAKT_BENCH_REPORT_H

#include "bench/between.h"
#include "bench/quant.h"
#include "bench/result.h"

struct report_group {
	char *name;			/* values of the axes that vary, for people */
	char *id;			/* the same for programs: letters, digits, '-', '_', '.' */
	size_t setup, cond;		/* in report.setup and report.cond */
	const struct result_cell **cell;	/* those that were measured, by position; the array is the group's */
	size_t n_cells, n_skipped, n_failed;
	int64_t *ns;			/* all their samples, sorted */
	size_t n;
	struct quant q[QUANT_STEPS], pdv[QUANT_STEPS];
	unsigned int frames_only;	/* bit of a step: its repetitions are too short to tell it each, so its bounds know nothing of how they differ */
	struct between between;		/* of its repetitions: q's bounds are widened by them */
	struct quant_sum sum;
	struct quant_share missed;	/* deadlines, end to end; a lost frame missed its own. n 0: no deadline */
	uint64_t due, sent, lost, duplicate, reordered, wakeups_late, stamps_missing, bad_clock;
	int64_t floor_p50_ns, floor_p99_ns, floor_max_ns, error_bound_ns;	/* the worst of its cells */
	bool best, worst;		/* under its condition */
	bool sure;			/* best: its bounds touch those of no other under its condition, and all of these know how repetitions differ */
	bool lossy;			/* it lost more than the rank leaves out: a latency of those that came is no answer, and it is not best */
};

struct report {
	const struct result *result;
	enum result_kind kind;
	struct report_group *group;	/* with cells that were measured or not, in the order of axes' values */
	size_t n_groups, n_measured;	/* groups; those with samples */
	char **setup, **cond;		/* names, "" where there is but one */
	size_t n_setups, n_conds;
	size_t n_ok, n_skipped, n_failed;	/* cells */
	int rank;			/* step of the ladder by which best and worst are told: p99.9, or what all groups can tell that are not lossy by it; -1: none */
	int pdv;			/* step of the ladder that PDV is shown at; -1: none */
};

/* `r` outlives it. 0, or -ENOMEM and a sentence. */
int report_make(struct report *out, const struct result *r, enum result_kind kind, struct why *why);
void report_fini(struct report *rep);

/* "fastest", "slowest", ...; "" for what is neither. */
const char *report_word(const struct report_group *g);

/* The share of its CPUs' time that the machine took away, in the middle cell; 0 to 1. */
double report_away(const struct report *rep);

/* A few sentences. */
void report_answer(const struct report *rep, char *buf, size_t size);

#endif
