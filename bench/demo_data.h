/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * demo_data: from shared memory and from the capture into a struct demo_run.
 */
#ifndef TAKT_BENCH_DEMO_DATA_H
#define TAKT_BENCH_DEMO_DATA_H

#include "bench/demo.h"

struct demo_reader {
	const struct rec_shm *shm;	/* the caller's */
	uint64_t pos, gap_pos;
	uint64_t thin;
	int in_port[DEMO_STREAMS];	/* index, -1 while the port is not known */
	int out_port;
};

/* Read everything published since the last call. -ENOMEM. */
int demo_read(struct demo_reader *d, struct demo_run *run);

/* Read a finished capture. Stamps are CLOCK_REALTIME; tai_offset_s makes them TAI. -errno and a sentence. */
int demo_read_capture(struct demo_run *run, const char *path, int tai_offset_s, struct why *why);

#endif
