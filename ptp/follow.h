/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * follow: the clock thread. Ten times a second it looks at CLOCK_TAI, feeds the servo and publishes the map.
 *
 * CLOCK_TAI is CLOCK_REALTIME plus an offset that somebody (ptp4l, chrony) has to set; follow_tai_offset() tells it, and 0
 * means that nobody did: stamps are then on UTC, 37 s away from TAI, and schedules whose cycle does not divide a second are out of phase
 * with other stations.
 */
#ifndef TAKT_PTP_FOLLOW_H
#define TAKT_PTP_FOLLOW_H

#include "base/why.h"
#include "ptp/tscmap.h"

struct follow;

/* Calibrates (about 50 ms), publishes the first line and starts the thread. The map is valid until follow_stop(). */
int follow_start(struct follow **out, struct why *why);
void follow_stop(struct follow *f);			   /* NULL is legal */
const struct tscmap *follow_map(const struct follow *f);
int follow_tai_offset(void);				   /* seconds, TAI - UTC as the kernel has it */

#endif
