/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * txtime: a socket whose frames the kernel launches at instants of CLOCK_TAI that come with them (SO_TXTIME, SCM_TXTIME).
 *
 * What waits for the instant is a queueing discipline, etf or taprio. Where there is none the kernel would send at once and say nothing, so that is refused.
 */
#ifndef TAKT_BENCH_TXTIME_H
#define TAKT_BENCH_TXTIME_H

#include "base/why.h"

/* Refused frames are told through the error queue (bench/kstamp.h). -ENOTSUP, -EINVAL and a sentence: a kernel without it, no right, no such queueing discipline. */
int txtime_on(int fd, const char *interface, struct why *why);

#endif
