/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trust: may schedules go by this clock? Facts in, a judgement and its reason out. Pure, any thread.
 *
 * A clock is good when its map is known to be near enough to what it follows, and, where a ptp4l is named that keeps it,
 * when that one is held to a grandmaster (or is the grandmaster) and means the same TAI as we do. A TAI that somebody took
 * away, by the kernel's offset, is not good, whoever keeps the clock.
 */
#ifndef TAKT_PTP_TRUST_H
#define TAKT_PTP_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "ptp/chain.h"

struct trust_facts {
	int64_t bound_ns, max_error_ns;
	bool holding;		     /* the reference gives no time now */
	bool over;		     /* a look found it further off than max_error_ns, and it is near again */
	bool by_phc;
	int tai_offset;		     /* s, TAI - UTC as used; not for a phc */
	bool utc;		     /* on purpose */
	bool had_tai;		     /* tai_offset was not 0 at some time: 0 now is no TAI that schedules could have been set by */
	const struct chain_ptp *ptp; /* NULL: no ptp4l is named */
};

/* Ordered: what is said first when several hold, but for a lost TAI, which goes before all. */
enum trust {
	TRUST_GOOD,
	TRUST_SILENT,	   /* ptp4l does not answer */
	TRUST_PORT,	   /* none of its ports is SLAVE, and it is no grandmaster */
	TRUST_TIME_SCALE,  /* its grandmaster means another TAI, or none */
	TRUST_BOUND,	   /* max_error_ns is exceeded */
};

/* `why` gets a sentence without a beginning, "ptp4l's port 1 (eth0) is UNCALIBRATED, not SLAVE"; "" when it is good. */
enum trust trust_judge(const struct trust_facts *f, struct why *why);

/* What became of a ptp4l between two answers of it. */
enum trust_change {
	TRUST_LOST = 1 << 0, /* it answers no more */
	TRUST_BACK = 1 << 1,
	TRUST_LEFT = 1 << 2, /* its port left SLAVE, or MASTER as grandmaster */
};

unsigned int trust_changes(const struct chain_ptp *old, const struct chain_ptp *new);

/* A port is SLAVE, or the clock is the grandmaster. */
bool trust_held(const struct chain_ptp *p);

/* Whose time is followed, or measured, or given; NULL: nobody's that is known. */
const struct pmc_clock_id *trust_grandmaster(const struct chain_ptp *p);

#endif
