/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * capture_takt: the records of a running taktd as part of a capture: one interface per edge (probes/taps.h).
 *
 * Frames get their bytes from what is captured beside it: a record waits for them, CAPTURE_TAKT_HOLD_NS at most. One thread.
 */
#ifndef TAKT_PROBES_CAPTURE_TAKT_H
#define TAKT_PROBES_CAPTURE_TAKT_H

#include "base/ns.h"
#include "probes/bytes.h"
#include "probes/records.h"
#include "probes/taps.h"

#define CAPTURE_TAKT_HOLD_NS (250 * NS_PER_MS)	/* the kernel's blocks come every 50 ms; a busy machine's late */
#define CAPTURE_TAKT_HELD    65536		/* records that wait, at most */

struct capture_takt {
	struct records records;
	struct port_names ports;
	struct taps taps;
	struct bytes *bytes;		/* NULL: nothing is captured beside */
	struct capture_takt_held *held;	/* a ring of CAPTURE_TAKT_HELD */
	uint32_t first, n;
	uint64_t frames;
	int tai_offset_s;		/* TAI - UTC, as taktd has it */
};

/* `name`: as client_map() takes it. snaplen: bytes kept of captured frames, 0: there will be none. */
int capture_takt_open(struct capture_takt *c, const char *name, uint32_t snaplen, struct why *why);
void capture_takt_begin(struct capture_takt *c, struct pcapng *file);	/* its interfaces */
void capture_takt_close(struct capture_takt *c);

/* Write what taktd has published, up to `limit` frames in all (0: any). now: CLOCK_MONOTONIC ns. `last`: do not wait for bytes. */
void capture_takt_read(struct capture_takt *c, int64_t now, uint64_t limit, bool last);

#endif
