/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * judge_clock: the judge's stamps as TAI, by its own looks at CLOCK_TAI: straight lines from look to look.
 *
 * It shares nothing with taktd's map but the TSC and CLOCK_TAI themselves. Pure: looks in, instants out.
 */
#ifndef TAKT_BENCH_JUDGE_CLOCK_H
#define TAKT_BENCH_JUDGE_CLOCK_H

#include "base/why.h"
#include "bench/judge.h"

struct judge_clock {
	struct judge_look *look;	/* the good ones: those that were hardly disturbed */
	size_t n;
	double ns_per_tick;		/* over all of them */
	int64_t error_ns; /* widest look, and how far a look lies off the line between its neighbours, at most */
};

/* -EINVAL and a sentence when fewer than two looks are there. */
int judge_clock_init(struct judge_clock *c, const struct judge_look *look, size_t n, struct why *why);
void judge_clock_fini(struct judge_clock *c);

/* TAI ns. Before the first and after the last look the line goes on. */
int64_t judge_clock_tai(const struct judge_clock *c, uint64_t tsc);

/* taktd's clock: asked at t, it told that it had been within ns of CLOCK_TAI when it last compared (ten times a
 * second). */
struct clock_bound {
	int64_t t, ns;
};

/* How far off may it have been at t? The most it told within a second before or after. Answers are in order of t. */
int64_t clock_bound_at(const struct clock_bound *b, size_t n, int64_t t);

#endif
