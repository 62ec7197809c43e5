/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compare: two runs of one campaign: figures of cells that both have, judged by bench/differ.h.
 *
 * For each backend and each of p50, p99 and p99.9: the latency (path delay, or end to end if one of the two lacks stamps), and each hop; and the frames that were missed (lost, or later than the deadline).
 * A figure of a repetition counts if quant.h would tell it. Repetitions of one cell are cells that differ in their repetition alone.
 *
 * The verdict: worse if anything is, hops included. Better if the latency or the missed frames are: what one hop alone gained and the way did not is told beside `same`. What B lacks of A (cells, or an end) is never
 * `same` or `better`: untold.
 *
 * `least`, the difference that counts, is for each cell the largest of: a time; a share of the figure; the error bounds of both clocks (latency, where they were joined); and the usual poll gap of a bare loop
 * (floor.p50_ns) where such gaps take more of the time than lies beyond the quantile, because then the machine makes the quantile. Of missed frames it is half of one in a hundred, or the share of the time that such gaps take. The reasons are in docs/decisions/017.
 */
#ifndef TAKT_BENCH_COMPARE_H
#define TAKT_BENCH_COMPARE_H

#include <stdint.h>

#include "base/out.h"
#include "base/why.h"
#include "bench/differ.h"
#include "bench/result.h"

struct compare_least {
	int64_t ns;
	double share;		/* of the figure */
};

/* How to judge. */
struct compare_ask {
	struct compare_least least;
	double confidence;
	bool common;		/* by the cells that both have, though B lacks some of A's */
};

/* "1us", "5%" or both with a comma between; what is not named is 0. -EINVAL. */
int compare_least_parse(struct compare_least *least, const char *text, struct why *why);

struct compare_item {
	const char *backend, *what, *figure;	/* "taktd", "queue", "p50" */
	bool is_hop;
	bool is_share;				/* of frames, in millionths; else nanoseconds */
};

/*
 * A cell that cannot be compared, or not all of it, and why not. `failed`: it was measured in A and failed in B, at least in some repetitions, and in none of A. `lacking`: measured in A, and not in B for another reason.
 */
struct compare_apart { char cell[160]; const char *why; bool failed, lacking; };

/* A figure that is not compared in some cells that are in both: a repetition there has too few samples to tell it, or none. */
struct compare_gap {
	struct compare_item item;
	size_t cells, of;	/* of so many of that backend */
	size_t fewest, needs;	/* samples of such a repetition; what it takes */
};

enum compare_verdict { COMPARE_SAME, COMPARE_BETTER, COMPARE_WORSE, COMPARE_UNTOLD };

struct compare {
	enum result_kind kind;
	size_t n_items;
	struct compare_item *item;
	struct differ_item *judged;	/* as many */
	size_t n_cells;			/* in both */
	size_t n_apart;
	struct compare_apart *apart;
	size_t n_gaps;
	struct compare_gap *gap;
	size_t reps_a, reps_b;		/* the fewest of a cell that is in both */
	size_t open_a, open_b;		/* cells and repetitions that the campaign asks for, and that were not measured: it was not finished */
	double confidence;
	enum compare_verdict verdict;
	enum compare_verdict of_common;	/* by the cells that both have: what the verdict is if B lacks none, or `common` was asked for */
	struct compare_pool *pool;	/* what it is made of */
};

/* Is it the same that was measured, for as long? -EINVAL and the key that differs. */
int compare_check(const struct result *a, const struct result *b, struct why *why);

/* Both results must outlive it. 0 or -ENOMEM; compare_fini() either way. */
int compare_make(struct compare *c, const struct result *a, const struct result *b, const struct compare_ask *ask, struct why *why);
void compare_fini(struct compare *c);

/* Cells that A has and B lacks, though they did not fail there. */
size_t compare_lacking(const struct compare *c);

/* The verdict, what is not the same about the two machines, and the items that differ; all items if `all`. */
void compare_tell(struct out *o, const struct compare *c, const struct result *a, const struct result *b, bool all);

#endif
