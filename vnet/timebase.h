/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timebase: what time taktd goes by, as the control thread sees it: the clock thread (ptp/follow) with its map for the
 * workers, whether schedules may go by it, and what happened to it.
 *
 * Good or not: ptp/trust, by the map's bound and, where one is named, by what ptp4l answers (ptp/watch). What makes the
 * clock bad is said once and counted, and so is its getting good again, after TIMEBASE_CALM ticks in a row: a bound that
 * flutters around max-error fills no log. Nor does a port, a grandmaster or a clock that flaps for ever (base/quiet): it is
 * counted each time.
 * Schedules that run go on running on a bad clock (docs/decisions/011).
 *
 * All functions: the control thread.
 */
#ifndef TAKT_VNET_TIMEBASE_H
#define TAKT_VNET_TIMEBASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "ptp/follow.h"
#include "vnet/conf.h"
#include "vnet/stat.h"

#define TIMEBASE_CALM 10 /* ticks, of some 100 ms each */

struct timebase;

struct timebase_state {
	struct follow_state follow;
	int64_t bound_ns;	/* now */
	int64_t max_error_ns;
	bool good;
	struct why why;		/* why not, when it is not */
	struct stat_clock stat; /* a copy */
};

/* Starts the clock thread, and the one that asks ptp4l. Errors of follow_start() and watch_start(). */
int timebase_open(struct timebase **out, const struct conf_clock *conf, struct why *why);
void timebase_close(struct timebase *t); /* NULL is legal */

const struct tscmap *timebase_map(const struct timebase *t);

/* Look what has become of it: judge, count, log. Ten times a second. */
void timebase_tick(struct timebase *t);

void timebase_get(struct timebase *t, struct timebase_state *out);

/* As of the last tick; *why: the reason when it is not. */
bool timebase_good(const struct timebase *t, const struct why **why);

/* May a schedule be set now? -EINVAL and the sentence of conf_clock_check(). */
int timebase_check(const struct timebase *t, struct why *why);

#endif
