/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_judge: did `takt blame` name what was injected? And did it name anything that was not there?
 *
 * A late frame is affected when an injection overlaps its way for longer than late_ns, for most of it, and for longer than what the machine did to it of its own: poll
 * gaps, by taktd's own account, in which nothing was done to the worker. It is named when the cause with most of its nanoseconds is one of those
 * that were injected while it was under way. Pure: its input is what `takt blame --json` printed, when what was injected, and the gaps.
 */
#ifndef TAKT_BENCH_BLAME_JUDGE_H
#define TAKT_BENCH_BLAME_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define BLAME_NAMES 80	/* causes and pairs that are told apart */
#define BLAME_NAME  40

/* Something that was done, while it was done. */
struct blame_deed {
	int64_t t, t_end;	/* TAI ns */
	const char *cause;	/* as takt blame calls it */
	const char *or_cause;	/* or another word for it; NULL */
	int64_t late_ns;	/* frames that it delayed by more than this are looked at */
	bool takes_worker;	/* poll gaps are its own */
	bool at_once;		/* an instant within t and t_end: frames that were under way all that time, and took longer than late_ns in all, are looked at */
	const char *hop;	/* only those that took longer than late_ns here; NULL: anywhere */
	const char *label;	/* what it is told as; NULL: the cause */
	int of_class;		/* only frames of this class; 0: of any */
};

/* When the worker did not look at its clock, in order. */
struct blame_gap {
	int64_t t, t_end;
};

struct blame_judge {
	char row[BLAME_NAMES][BLAME_NAME], column[BLAME_NAMES][BLAME_NAME];
	int rows, columns;
	uint64_t count[BLAME_NAMES][BLAME_NAMES];	/* frames: what was injected, by what was named first */
	uint64_t named[BLAME_NAMES];			/* of a row: rightly */
	uint64_t total[BLAME_NAMES];
	uint64_t others, others_named;	/* late frames that no injection touched, or the machine did more to; of them, those with a cause */
	uint64_t deeds, untouched;			/* injections; of them, those that no affected frame tells of */
	uint64_t invented;		/* parts without the evidence that belongs to them, or that cannot be here */
	uint64_t bad_sums;		/* frames whose causes do not add up to their excess */
	char example[160];		/* of an invented one; "" */
};

/*
 * frames: the array of takt blame. impossible: names of causes that nothing here can have, in blanks: " gate credit ".
 */
void blame_judge_add(struct blame_judge *j, const json_t *frames, const struct blame_deed *deed, size_t n, const struct blame_gap *gap, size_t n_gaps,
		     const char *impossible);

void blame_judge_sum(const struct blame_judge *j, uint64_t *named, uint64_t *total);

/* Rows of injected causes, columns of named ones, tab-separated. */
void blame_judge_print(const struct blame_judge *j, FILE *f);

#endif
