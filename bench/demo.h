/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * demo: what a run of the demo is, and what is known of it afterwards.
 *
 * Two real guests share a wire of 1 Gb/s: `plc` sends one frame of priority 7 per cycle, `noise` sends best effort as fast as it
 * can. The same is run under three schedules, and once without noise:
 *
 *	quiet	strict priority, no noise: the machine's own noise floor
 *	none	one queue for all
 *	strict	strict priority
 *	gates	a window for class 7 in each cycle, the rest for all others
 *
 * The record of every frame is followed, and a capture at the far end of the wire is an independent witness.
 * All instants are TAI ns. One thread.
 */
#ifndef TAKT_BENCH_DEMO_H
#define TAKT_BENCH_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hist.h"
#include "base/why.h"
#include "vnet/rec.h"

#define DEMO_CYCLE_NS  INT64_C(1000000)
#define DEMO_WINDOW_NS INT64_C(100000)	/* of class 7, from the start of the cycle */
#define DEMO_PHASE_NS  INT64_C(600000)	/* the plc wakes up this long after the start of a cycle */
#define DEMO_GAP_NS    INT64_C(10000)	/* poll gaps from this length on are noted; a hand-over takes 2 to 4 us */
#define DEMO_STALL_NS  INT64_C(50000)	/* a poll gap of this length is no work of the worker's: it was off its CPU */
#define DEMO_SIZE      64		/* bytes of a frame of the plc */
#define DEMO_FLOOD     1514		/* bytes of a frame of the noise */
#define DEMO_VLAN      10
#define DEMO_LINK_BPS  INT64_C(1000000000)
#define DEMO_PLC_MAC   "02:74:61:6b:74:01"
#define DEMO_NOISE_MAC "02:74:61:6b:74:02"
#define DEMO_PEER_MAC  "02:74:61:6b:74:03"

enum demo_kind { DEMO_QUIET, DEMO_NONE, DEMO_STRICT, DEMO_GATES, DEMO_KINDS };
enum demo_stream { DEMO_PLC, DEMO_NOISE, DEMO_STREAMS };

extern const char *const demo_names[DEMO_KINDS];	/* "quiet", ... */
extern const char *const demo_titles[DEMO_KINDS];	/* "strict priority, no noise", ... */

/* What the records say of a stream. */
struct demo_stats {
	uint64_t sent;
	uint64_t dropped[VERDICT_COUNT];	/* by verdict; [VERDICT_SENT] is not used */
	uint64_t bad_sums;			/* records whose hops do not add up to their stay */
	uint64_t overruns;			/* PKT_OVERRUN */
	struct hist hop[HOP_COUNT], total;	/* of sent frames */
};

/* A frame of the noise, kept to draw it. */
struct demo_dot {
	int64_t t_out;
};

/* A frame of the plc as the wire's far end saw it. */
struct demo_seen {
	int64_t t;		/* stamp, as TAI */
	uint32_t seqid;
};

struct demo_run {
	enum demo_kind kind;
	bool done;
	struct demo_stats stats[DEMO_STREAMS];
	uint64_t lost;			/* records overwritten before they were read */
	uint64_t gaps_lost;
	uint64_t foreign;		/* records of other frames (a guest's own chatter) */
	int64_t t_begin, t_end;		/* first and last frame of the plc */
	struct pkt *plc;		/* records of all frames of the plc, in order of arrival at the worker */
	size_t n_plc, room_plc;
	struct demo_dot *dots;		/* every DEMO_THIN-th frame of the noise */
	size_t n_dots, room_dots;
	struct rec_gap *gaps;
	size_t n_gaps, room_gaps;
	struct demo_seen *seen;
	size_t n_seen, room_seen;
	uint64_t capture_drops;
	char plc_says[512], noise_says[512];	/* the talkers' last words */
	char capture_says[256];
};

#define DEMO_THIN 64

void demo_run_fini(struct demo_run *r);

#endif
