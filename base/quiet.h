/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * quiet: how much of what comes again and again is said: QUIET_LINES in QUIET_WINDOW_NS, more is for counters alone.
 *
 *	if (quiet_may(&q, now, &last))
 *		log_warn("it was moved%s", last ? "; more within a minute is counted only" : "");
 *
 * A zeroed struct is ready. One thread.
 */
#ifndef TAKT_BASE_QUIET_H
#define TAKT_BASE_QUIET_H

#include <stdbool.h>
#include <stdint.h>

#define QUIET_LINES	10
#define QUIET_WINDOW_NS INT64_C(60000000000)

struct quiet {
	int told; /* since t_first */
	int64_t t_first;
};

/* May this line be said? *last: it is the window's last. `now`: any clock, ns; one that goes back begins a window. */
bool quiet_may(struct quiet *q, int64_t now, bool *last);

#endif
