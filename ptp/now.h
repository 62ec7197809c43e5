/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * now: a clock of the kernel in ns, for those who wait, measure and give up. Algorithms take `now` instead.
 */
#ifndef TAKT_PTP_NOW_H
#define TAKT_PTP_NOW_H

#include <stdint.h>
#include <time.h>

#include "base/ns.h"

/* Of a clock that is there. Any thread. */
static inline int64_t now_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

/* CLOCK_MONOTONIC, which nothing steps. */
static inline int64_t now_mono(void)
{
	return now_of(CLOCK_MONOTONIC);
}

#endif
