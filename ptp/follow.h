/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * follow: the clock thread. Ten times a second it looks at its reference, CLOCK_TAI or a PTP hardware clock, feeds the
 * servo and publishes the map.
 *
 * A look that fails, is too wide or contradicts itself is left out: the map then holds over, and its bound grows
 * (tscmap_servo_hold()). After a second that is said in the log, and again when the reference is back; a hardware clock
 * that went away is opened anew. A look that would be a step is repeated at once: only two that agree move the map.
 *
 * CLOCK_TAI is CLOCK_REALTIME plus an offset that somebody (ptp4l, chrony) has to set; follow_tai_offset() tells it, and 0
 * means that nobody did: stamps are then on UTC, 37 s away from TAI, and schedules whose cycle does not divide a second are out of phase
 * with other stations. So an offset may be given here. It is used as long as the kernel has 0: when the kernel gets the
 * same, time goes on unbroken. 0 is UTC on purpose, whatever the kernel has.
 */
#ifndef TAKT_PTP_FOLLOW_H
#define TAKT_PTP_FOLLOW_H

#include <stdbool.h>

#include "base/why.h"
#include "ptp/phc.h"
#include "ptp/tscmap.h"

#define FOLLOW_TAI_KERNEL (-1)

struct follow;

struct follow_conf {
	const char *phc;	   /* /dev/ptpN; NULL: CLOCK_TAI */
	const struct phc_ops *ops; /* NULL: the kernel's */
	int tai_offset;		   /* s, 0 and up; FOLLOW_TAI_KERNEL: the kernel's. Not for a phc */
	int64_t max_error_ns;	   /* looks that find the map further off are counted; 0: none is */
};

/* How it went so far. Instants are TAI ns, as the map had them after what is told. */
struct follow_state {
	bool by_phc;
	int tid;			    /* of the clock thread; 0: it has not begun yet */
	char reference[PHC_PATH_LEN];	    /* "CLOCK_TAI", "CLOCK_REALTIME + 37 s", "/dev/ptp0" */
	int tai_offset, kernel_offset;	    /* s: TAI - UTC as used here; as the kernel has it. By a phc: the kernel's, both */
	bool holding;			    /* for a second or longer: no look */
	uint64_t steps;
	int64_t step_ns, t_step;	    /* the latest: new minus old; when */
	uint64_t holdovers;   /* times that it began */
	uint64_t tai_changes; /* of the kernel's offset */
	uint64_t over_error;  /* looks that found the map further off than max_error_ns */
	uint64_t refused;     /* looks left out */
};

/*
 * Calibrates (about 50 ms), publishes the first line and starts the thread. The map is valid until follow_stop(). -EIO
 * when the reference shows no time; for a hardware clock also the errors of phc_open().
 */
int follow_start(struct follow **out, const struct follow_conf *conf, struct why *why);
void follow_stop(struct follow *f);			   /* NULL is legal */
const struct tscmap *follow_map(const struct follow *f);
void follow_get(struct follow *f, struct follow_state *out); /* any thread but a worker: takes a lock */
int follow_tai_offset(void);				   /* seconds, TAI - UTC as the kernel has it */

#endif
