/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * listen: who hears numbered frames, counts those of each sender, and keeps the first sender's stamps.
 */
#ifndef TAKT_BENCH_LISTEN_H
#define TAKT_BENCH_LISTEN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/out.h"
#include "base/why.h"
#include "bench/iso.h"
#include "bench/lane.h"
#include "bench/seqs.h"
#include "bench/talk.h"

#define LISTEN_SENDERS 64

/* A log reaches to a frame's number: one that is beyond this and so many times the frames that came is not in it. Else a single frame that lies would cost memory, and disk, for millions. */
#define LISTEN_AHEAD (1 << 19)
#define LISTEN_TIMES 16

struct listen_sender {
	struct lane_who who;
	struct seqs seqs;
	uint64_t missed;		/* later than the deadline; of several copies of one frame, the first */
};

struct listen {
	const struct lane *lane;
	bool log;			/* keep stamps */
	const struct talk *asked;	/* only answers to it, which are addressed to us alone: all else is somebody else's. NULL: whatever comes */
	int64_t deadline_ns;		/* from when it was due to when we have it; 0: none */
	int64_t idle_ns;		/* end when no frame has come for so long, from the first on; 0: none */
	int64_t tai_offset_ns;
	uint64_t received, warm_up, unknown;
	uint64_t crowded;		/* of senders beyond those that are told apart */
	uint64_t stamps_missing, unkept;	/* of what is kept: without the kernel's stamp; beyond what a log reaches to, or a file holds */
	uint32_t drops;			/* by our own socket, as far as UDP tells: for lane_drops() */
	uint32_t looks;
	atomic_bool ended;
	_Atomic uint64_t different;	/* of the first sender */
	uint32_t n_senders;
	struct listen_sender sender[LISTEN_SENDERS];
	struct iso iso;			/* receive records of the first sender's frames: of several copies of one, the first */
	uint8_t bytes[64];
};

/* Stamps on, if they are to be kept, and room for so many frames (0: unknown). `lane` is set. 0, or -errno and a sentence. `interface` may be NULL. */
int listen_open(struct listen *l, bool log, const char *interface, uint64_t frames, struct why *why);

/*
 * Hear until `t_stop` (CLOCK_MONOTONIC), until it is idle, until `count` frames came (0: no limit), until stopped() (NULL: never) or listen_end(), which another thread may call.
 * 0, or -errno when the socket failed. The struct is this thread's until it has returned, but for listen_different().
 */
int listen_run(struct listen *l, uint64_t count, int64_t t_stop, bool (*stopped)(void));
void listen_end(struct listen *l);

/* Frames of the first sender that came, each counted once. Any thread. */
uint64_t listen_different(const struct listen *l);

/* "senders": [{...}]. True when none of them lost a frame from number 1 on, one came twice, out of order, or later than the deadline, and there were no more senders. */
bool listen_print(const struct listen *l, struct out *o);

#endif
