/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * result_made: a campaign's folder, made for a test as docs/results.md describes it, byte by byte and by no line of what reads it.
 */
#ifndef TAKT_TESTS_UNIT_BENCH_RESULT_MADE_H
#define TAKT_TESTS_UNIT_BENCH_RESULT_MADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MADE_FRAMES 8

struct made {
	char dir[64];
};

void made_init(struct made *m);				/* an empty folder with meta.json and cells/ */
void made_fini(struct made *m);

/* A file below the folder; folders on the way are made. */
void made_write(struct made *m, const char *file, const void *data, size_t n);
void made_text(struct made *m, const char *file, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A cell that is ok, with MADE_FRAMES frames of a cycle of 1 ms from 1 s on: path delay of frame i is 1000 i ns, end to end 1000 i + 700; frame 3 is lost. Hops copy (100 i) and send (7, unknown for frame 2). */
void made_cell(struct made *m, const char *name, const char *axes, int repetition, int position, const char *bad);

/* frames.dat as above, in `out`, which has room for it; returns its length. */
size_t made_frames(unsigned char *out);
#define MADE_FRAMES_LEN (96 + MADE_FRAMES * 80)

#endif
