/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live: what the live benches (gate, cbs) have in common: the judge, huge pages, the floor of the CPU, progress, figures.
 */
#ifndef TAKT_BENCH_LIVE_H
#define TAKT_BENCH_LIVE_H

#include "base/out.h"
#include "bench/trial.h"
#include "bench/gate_check.h"
#include "bench/rig.h"
#include "ptp/noise_run.h"

#define LIVE_LINK_BPS INT64_C(1000000000)
#define LIVE_STALL_NS INT64_C(20000)	/* a gap of this length is no work of the worker's: it was off its CPU */

struct live {
	struct rig_conf at;
	struct rig rig;
	struct noise_cpu before, after;	/* the worker's CPU with nothing but a bare loop on it */
	struct out out;
	char judge[PATH_MAX];
	bool terminal;			/* progress may be drawn over itself */
	unsigned int quarters;		/* of the present stretch told so far, where it may not */
	bool bad;			/* a figure that has to be 0 was not */
};

/* Options that all live benches have: rows of a struct opt table whose fields lie in a struct live_conf. */
struct live_conf {
	struct trial_conf all;
	const char *judge;
	int64_t gap_ns;
};

#define LIVE_AT(base, field) ((base) + offsetof(struct live_conf, field))
#define LIVE_OPTS(base) \
	{ "poll-gap", 0, OPT_NS, LIVE_AT(base, gap_ns), "TIME", "1us", 1000, 1000000, \
	  "shortest poll gap that taktd publishes" }, \
	{ "judge", 0, OPT_STR, LIVE_AT(base, judge), "FILE", NULL, 0, 0, \
	  "the takt-judge to run (default: beside this program)" }, \
	TRIAL_OPTS(LIVE_AT(base, all))

/*
 * Zeroed at first, but for at.egress and at.flow. The judge, huge pages, the list of figures: run `body` between. `body` prints figures; what was
 * borrowed is given back whatever happens. As a trial's perform: CMD_FAILED when l->bad.
 */
typedef int (*live_body_fn)(void *user, struct why *why);
int live_perform(struct live *l, const struct live_conf *conf, const struct trial *c, live_body_fn body, void *user, struct why *why);

/* A bare loop on the worker's CPU for two seconds. */
int live_floor(struct live *l, struct noise_cpu *s, int64_t period_ns, struct why *why);

/* On standard error: drawn over itself on a terminal, else a line at each quarter. */
void live_progress(struct live *l, const char *what, uint64_t n, uint64_t of, bool done);

/* Date the judge's stamps, and judge the run as gate_check does. judge_clock_fini() is the
 * caller's. */
int live_judge(struct live *l, struct gate_verdict *v, struct judge_clock *clock, const struct timeline *tl,
	       uint8_t edge_tc, struct why *why);

/* Frames dropped, not recorded, not received, received twice, changed, or in another order; records lost. */
uint64_t live_lost(const struct live *l, const struct gate_verdict *v);

struct live_row {
	const char *name;
	double value;
	const char *unit;
	bool bad;	/* anything but 0 is */
};

void live_rows(struct live *l, const struct live_row *row, size_t n);
void live_beside(struct live *l, const char *name, double value, const char *unit, double peer);

/* PREFIX_poll_gaps, _poll_gap_share, _poll_gap_longest_us, the floor beside. */
void live_gaps(struct live *l, const char *prefix);

#define LIVE_ROWS(l, rows) live_rows(l, rows, sizeof(rows) / sizeof(rows[0]))

#endif
