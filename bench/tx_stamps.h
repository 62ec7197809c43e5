/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_stamps: a talker's send records: when each frame was due, and when the kernel had it.
 *
 * The kernel hands a copy of each frame back with its stamp, through the socket's error queue: whose stamp it is, the frame's own number says. Counting frames instead
 * would go wrong at the first that is refused: whether the kernel has counted it by then depends on who refused it.
 */
#ifndef TAKT_BENCH_TX_STAMPS_H
#define TAKT_BENCH_TX_STAMPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stamp.h"
#include "base/why.h"
#include "bench/iso.h"
#include "bench/kstamp.h"

#define TX_STAMPS_BATCH 8	/* a system call */

struct tx_stamps {
	struct iso iso;
	int64_t tai_offset_ns;
	uint32_t tail;			/* bytes from a frame's payload to its end: how its payload is found, whatever the kernel put before it */
	bool hardware;			/* the interface stamps, too */
	uint64_t sched, sent, sent_hw;	/* stamps that came */
	uint64_t missing;		/* after tx_stamps_end(): frames that left without a stamp of the driver */
	uint64_t txtime_late, txtime_invalid;	/* frames that SO_TXTIME's queueing discipline refused */
	uint64_t unkept;		/* frames beyond what a log holds */
	struct kstamp_tx batch[TX_STAMPS_BATCH];
};

/* Stamps on, and room for `frames` (0: unknown). `len` is a frame's length, `payload` where its stamp lies. -errno and a sentence. */
int tx_stamps_open(struct tx_stamps *t, int fd, const char *interface, uint32_t len, uint32_t payload, uint64_t frames, struct why *why);

/* A frame was due, and tried: its record. */
void tx_stamps_due(struct tx_stamps *t, const struct stamp *s);

/* Take what is there; returns how many stamps. Never waits. */
unsigned int tx_stamps_fetch(struct tx_stamps *t, int fd);

/* Take the rest, of so many frames that left, which may need some time, and count what is missing. */
void tx_stamps_end(struct tx_stamps *t, int fd, uint64_t frames);

#endif
