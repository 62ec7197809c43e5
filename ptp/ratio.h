/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ratio: how fast a master's clock runs against ours, from the Syncs that pass (IEEE 1588-2008 10.1, syntonization).
 *
 * A Sync says when it left the master (its originTimestamp, or that of its Follow_Up, with all corrections so far), and
 * we know when it came. Two of them RATIO_WINDOW_NS apart give the rate; what is told is a mean over the last few. A
 * Sync is scaled by its own master's rate; a Delay_Req by that of the master which answered last in its domain. A rate
 * beyond RATIO_MAX (no two quartzes differ so), a step of either clock, or RATIO_STALE_NS without a Sync: not known, and
 * told as 0.
 *
 * Pure, allocates nothing; one division per window. One thread. `now` and arrivals are ns of our clock.
 */
#ifndef TAKT_PTP_RATIO_H
#define TAKT_PTP_RATIO_H

#include <stdbool.h>
#include <stdint.h>

#include "ptp/msg.h"

#define RATIO_MASTERS	8
#define RATIO_WINDOW_NS INT64_C(4000000000) /* 1 us of jitter is then 0.25 ppm, and 2.5 ns on a stay of 10 ms */
#define RATIO_STALE_NS	(4 * RATIO_WINDOW_NS)
#define RATIO_ID_LEN	10
#define RATIO_MAX	(INT32_C(1) << 29) /* as in resid.h: 244 ppm */

struct ratio_master {
	uint8_t id[RATIO_ID_LEN]; /* sourcePortIdentity */
	uint8_t domain, sdo;
	bool used;
	bool waiting;		  /* for the Follow_Up of `sequence` */
	bool begun;		  /* t0 and master0 hold */
	uint16_t sequence;
	int64_t t_sync;		  /* arrival of the last Sync */
	int64_t t_answered;	  /* its last Delay_Resp */
	int64_t correction;	  /* that it came with, 2^-16 ns */
	int64_t t0, master0;	  /* where the window began, on our clock and on the master's, ns */
	uint32_t windows;	  /* so far, up to the mean's length */
	int32_t rate;		  /* mean of them, as in resid.h */
};

struct ratio {
	struct ratio_master master[RATIO_MASTERS];
};

/* Message m of this frame came in, at t_arrival. Only Sync, Follow_Up and Delay_Resp tell something. */
void ratio_take(struct ratio *r, const uint8_t *frame, const struct msg *m, int64_t t_arrival);

/* The rate for event message m of this frame, as resid_interval() takes it; 0: not known. */
int32_t ratio_get(const struct ratio *r, const uint8_t *frame, const struct msg *m, int64_t now);

/* Our clock was stepped: windows that had begun are given up; what is known of rates stays. */
void ratio_shift(struct ratio *r, int64_t delta);

#endif
