/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * talk: numbered frames, each when it is due, whatever became of those before it: a late wake-up makes frames late, never fewer, and shows in the payload.
 *
 * Burst i is due at t_first + i * step; a talker wakes up `advance` before that. Open loop: who waits for a late frame before it sends the next measures too few late ones.
 */
#ifndef TAKT_BENCH_TALK_H
#define TAKT_BENCH_TALK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/hist.h"
#include "base/trailer.h"
#include "bench/lane.h"
#include "bench/tx_stamps.h"

#define TALK_BATCH 32			/* frames per system call */

struct talk_conf {
	int64_t cycle_ns, phase_ns;
	int64_t rate;			/* frames a second instead; 0: by cycle */
	int64_t burst;			/* frames that are due at once */
	int64_t count, duration_ns;	/* when to end; 0: no limit */
	int64_t warm_up_ns;		/* before the first frame that counts: frames with number 0 */
	int64_t advance_ns;
	int64_t launch_ns;		/* a trailer asks taktd to launch it so much after it was due; 0: none */
	bool flood;			/* as fast as possible */
	bool txtime;			/* SO_TXTIME: the kernel launches it when it is due */
};

struct talk {
	struct talk_conf conf;
	const struct lane *lane;
	struct tx_stamps *stamps;	/* NULL: nobody wants them */
	int64_t size;			/* of a frame without its trailer, as lane_conf has it */
	uint64_t step_num, step_den;	/* burst i is due i * num / den ns after the first */
	_Atomic int64_t t_first;	/* of the frames that count, once warming is over: before the first of them is sent */
	int64_t t_stop;
	uint64_t tried, sent, refused, failed, late;	/* late: woken when the next burst was due already */
	int last_error;
	bool warming;
	struct hist wakeup;
	struct iovec iov[TALK_BATCH];
	struct mmsghdr msg[TALK_BATCH];	/* msg[i] is frame[i], all of it */
	uint8_t control[TALK_BATCH][64];	/* launch times */
	uint8_t frame[TALK_BATCH][LANE_FRAME_MAX + TRAILER_LEN];
};

/* `talk` is zeroed but for conf, lane, stamps and size. */
void talk_init(struct talk *t);

/* How many frames it will be, when that is known beforehand; 0: it is not. */
uint64_t talk_frames(const struct talk_conf *c);

/* ns from one burst to the next, rounded down. */
int64_t talk_step_ns(const struct talk_conf *c);

/* Can a frame with that stamp be one of these? Any thread. Of a flood and of a warm-up, which have no dates that were known beforehand, all can. */
bool talk_is_of(const struct talk *t, const struct stamp *s);

/* Until count, duration or a signal (base/term.h is open). */
void talk_run(struct talk *t);

#endif
