/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * follow: the clock thread. Ten times a second it looks at its reference, CLOCK_TAI or a PTP hardware clock, feeds the
 * servo and publishes the map.
 *
 * A look that fails or is too wide is left out: the map then holds over, and its bound grows (tscmap_servo_hold()). After
 * a second that is said in the log, and again when the reference is back; a hardware clock that went away is opened anew.
 *
 * CLOCK_TAI is CLOCK_REALTIME plus an offset that somebody (ptp4l, chrony) has to set; follow_tai_offset() tells it, and 0
 * means that nobody did: stamps are then on UTC, 37 s away from TAI, and schedules whose cycle does not divide a second are out of phase
 * with other stations.
 */
#ifndef TAKT_PTP_FOLLOW_H
#define TAKT_PTP_FOLLOW_H

#include "base/why.h"
#include "ptp/phc.h"
#include "ptp/tscmap.h"

struct follow;

/* Calibrates (about 50 ms), publishes the first line and starts the thread. The map is valid until follow_stop(). */
int follow_start(struct follow **out, struct why *why);

/*
 * The same by the hardware clock at `path` (/dev/ptpN). `ops` NULL: the kernel's. Errors of phc_open(), and -EIO when it
 * shows no time.
 */
int follow_start_phc(struct follow **out, const char *path, const struct phc_ops *ops, struct why *why);
void follow_stop(struct follow *f);			   /* NULL is legal */
const struct tscmap *follow_map(const struct follow *f);
int follow_tai_offset(void);				   /* seconds, TAI - UTC as the kernel has it */

#endif
