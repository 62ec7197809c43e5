/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iso: each frame's stamps, in memory and as a file: isochron.dat, version 4. `isochron report` reads what we write, and we read what isochron writes.
 *
 * A head, then a send record and a receive record for each frame, all big-endian. Record i is of the frame with seqid i + 1. Stamps are TAI ns, 0 when nobody gave one.
 * A frame was received when its receive record is not all zeros; it was due when its send record is not.
 * An end of the way knows half of it: the other half is zeros, and iso_join() puts them together.
 */
#ifndef TAKT_BENCH_ISO_H
#define TAKT_BENCH_ISO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"

#define ISO_VERSION	4
#define ISO_HEAD_LEN	96		/* bytes */
#define ISO_SEND_LEN	48
#define ISO_RECV_LEN	32
#define ISO_FRAMES_MAX	(UINT32_MAX / ISO_SEND_LEN)	/* the head counts bytes of records in 32 bits */

enum iso_flag {
	ISO_OMIT_SYNC = 1 << 0,		/* nobody looked at clocks before the start */
	ISO_STAMPED   = 1 << 1,		/* the kernel was asked for transmit stamps */
	ISO_TAPRIO    = 1 << 2,
	ISO_TXTIME    = 1 << 3,		/* SO_TXTIME */
	ISO_DEADLINE  = 1 << 4,		/* of SO_TXTIME */
};

struct iso_send {
	uint32_t seqid, reserved;
	int64_t t_due, t_wakeup, t_sent_hw, t_sent, t_sched;	/* S w T t s */
};

struct iso_recv {
	uint32_t seqid, reserved;
	int64_t t_arrival, t_received_hw, t_received;		/* a R r */
};

struct iso {
	uint32_t packets;		/* records of each kind */
	uint16_t frame_size, flags;	/* bytes without FCS; enum iso_flag */
	uint32_t reserved;
	uint64_t reserved2;
	int64_t t_base, advance_ns, shift_ns, cycle_ns, window_ns;	/* B A H C W */
	struct iso_send *send;
	struct iso_recv *recv;
	uint32_t room;			/* records that are allocated, all zeros from `packets` on */
};

/* A zeroed struct is ready: no frames. iso_fini() leaves it so. */
void iso_fini(struct iso *iso);

/* Room for frames 1..n, so that records up to there cost no allocation. 0, -ENOMEM, -EFBIG: more than ISO_FRAMES_MAX. */
int iso_reserve(struct iso *iso, uint32_t n);

/* The record of a frame, which comes into being when it is beyond `packets`. NULL: seqid 0, beyond ISO_FRAMES_MAX, or no memory. Valid until the next call. */
struct iso_send *iso_send_of(struct iso *iso, uint32_t seqid);
struct iso_recv *iso_recv_of(struct iso *iso, uint32_t seqid);

static inline bool iso_is_received(const struct iso_recv *r)
{
	return r->seqid || r->t_arrival || r->t_received_hw || r->t_received;
}

/*
 * Read a file into a zeroed struct. Nothing in it is trusted: -EINVAL, -EFBIG and a sentence that begins with the path when it is no isochron.dat, of another version, cut off,
 * has a record in the wrong place, or a stamp before 1970 or after 2116 (so that differences do not overflow); -errno when it cannot be read. `iso` is untouched then.
 */
int iso_load(struct iso *iso, const char *path, struct why *why);
int iso_read(struct iso *iso, FILE *f, const char *path, struct why *why);

/* A receive record of ISO_RECV_LEN bytes. */
void iso_recv_unpack(struct iso_recv *r, const uint8_t *p);

/*
 * Write it: the whole file or none, under its name only once it is on the disk; "-" is standard output, and what is no plain file (a device, a FIFO) is written to. 0, or -errno
 * and a sentence. iso_may_save() asks beforehand whether there is a place for it: who measured for an hour shall not find out then.
 */
int iso_may_save(const char *path, struct why *why);
int iso_save(const struct iso *iso, const char *path, struct why *why);
int iso_write(const struct iso *iso, FILE *f);

/* Which halves have a record that is not all zeros. A file of a sender alone, and one of which no frame came, look alike. */
enum iso_half { ISO_NEITHER, ISO_SENT, ISO_CAME, ISO_BOTH };
enum iso_half iso_halves(const struct iso *iso);

/*
 * Take over from `from` the half that `into` lacks: records of receive where it has those of send, or the other way about. -EINVAL and a sentence: both have the same half,
 * or a frame was received that was never due. Neither is changed then.
 */
int iso_join(struct iso *into, const struct iso *from, struct why *why);

#endif
