/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * result: a campaign's folder (docs/results.md), read. Nothing in it is trusted: sizes are bounded, what does not fit is refused with file and place.
 */
#ifndef TAKT_BENCH_RESULT_H
#define TAKT_BENCH_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "bench/axis.h"
#include "bench/ptp_stat.h"

enum result_status { RESULT_OK, RESULT_SKIPPED, RESULT_FAILED };

/* Stamps in TAI ns; 0: nobody gave it. */
struct result_frame {
	uint32_t seqid;
	int64_t t_due, t_wakeup, t_sched, t_sent, t_sent_hw;		/* S w s t T */
	int64_t t_received_hw, t_received, t_arrival;			/* R r a */
	bool bad_clock;		/* due while the clock was bad: in no figure */
};

/* What is known of one hop, in the order of frames; without those of a bad clock. */
struct result_hop {
	char name[16];
	size_t n;
	uint32_t *seqid;
	int64_t *ns;
};

struct result_cell {
	const char *name;
	const char *value[AXES];
	int repetition, position;
	enum result_status status;
	const char *reason;
	bool round_trip;
	int64_t t_begin, t_end, deadline_ns, error_bound_ns;
	struct { uint64_t due, sent, received, lost, duplicate, reordered, wakeups_late, stamps_missing; } count;
	struct { int64_t p50_ns, p99_ns, max_ns; double share; } floor;	/* p50, p99 -1: too few gaps to tell */
	struct { bool known; uint64_t count; int64_t max_ns; double share; } poll_gaps;
	struct {	/* of a PTP client meanwhile: `samples`, `n` and each of them count, the others only as numbers */
		bool known;
		uint64_t samples, left_out, missing;
		double rms_ns, mean_ns;
		int64_t median_ns, p99_ns, max_ns, delay_ns;
		struct ptp_sample *sample;
		size_t n;
	} ptp;
	struct result_frame *frame;	/* all that were due, by seqid */
	size_t n_frames;
	size_t bad_clock;		/* of these due while the clock was bad; result_latency() leaves them out */
	struct result_hop *hop;
	size_t n_hops;
	json_t *doc;			/* cell.json */
	json_t *blame;			/* NULL: none */
};

struct result {
	const char *dir, *campaign;	/* folder; name */
	json_t *meta;
	struct result_cell *cell;	/* by position */
	size_t n_cells;
	size_t planned;			/* cells that the campaign asks for; n_cells is less when it was not finished */
	bool varies[AXES];		/* axes with more than one value among the cells */
};

enum result_kind { RESULT_PATH_DELAY, RESULT_END_TO_END, RESULT_WAKEUP };

/* -ENOENT, -EINVAL and a sentence. `dir` may be a link (latest). */
int result_open(struct result **out, const char *dir, struct why *why);
void result_close(struct result *r);	/* NULL is legal */

/* Which latency the figures of this result are of: path delay, or end to end where stamps are missing (docs/results.md). */
enum result_kind result_kind_of(const struct result *r);
const char *result_kind_name(enum result_kind kind);	/* "path delay" */

/* All samples of a cell, in the order of frames; the caller frees *ns. `seqid` may be NULL. 0 or -ENOMEM. */
int result_latency(const struct result_cell *c, enum result_kind kind, int64_t **ns, uint32_t **seqid, size_t *n);

/*
 * Frames that did not come, or came to the listener's program later than the deadline after they were due; of how many (those of a bad clock are in neither). Without a deadline: lost ones.
 */
void result_missed(const struct result_cell *c, uint64_t *missed, uint64_t *due);

/* Cells that differ in their repetition alone have the same group, 0..n_groups-1, in the order of axes' values. `group` has n_cells places. Returns n_groups. */
size_t result_groups(const struct result *r, size_t *group);

#endif
