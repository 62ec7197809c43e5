/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * result_pvt: what the files that read a campaign's folder share. Bounds are far above what a campaign makes, and far below what hurts.
 */
#ifndef TAKT_BENCH_RESULT_PVT_H
#define TAKT_BENCH_RESULT_PVT_H

#include "bench/result.h"

#define RESULT_CELLS_MAX  4096
#define RESULT_FRAMES_MAX 10000000		/* of one cell */
#define RESULT_TOTAL_MAX  50000000		/* of all */
#define RESULT_HOPS_MAX	  32
#define RESULT_BAD_MAX	  10000			/* stretches of a bad clock */
#define RESULT_PTP_MAX	  1000000		/* offsets of a PTP client, of one cell */
#define RESULT_META_MAX	  (16 << 20)			/* bytes of meta.json */
#define RESULT_COUNT_MAX  INT64_C(1000000000000)
#define RESULT_NS_MAX	  INT64_C(4611686018427387904)	/* 2^62: a difference of two stamps fits */

/* A document of up to `limit` bytes. -ENOENT without a sentence if there is no such file; -EINVAL and one for all else. */
int result_json(json_t **doc, const char *path, size_t limit, struct why *why);

/* cell.json, with all that it says checked; c->doc is set. `name` is its folder's, `path` the file's. */
int result_cell_read(struct result_cell *c, const char *path, const char *name, struct why *why);

/* Was a frame that was due at that instant due while the clock was bad? The stretches are in order: result_cell_read() saw to it. */
bool result_cell_bad(const struct result_cell *c, int64_t t_due);

/* frames.dat and hops.tsv: c->frame and c->hop. blame.json: c->blame. -ENOENT if there is no hops.tsv, no blame.json. ptp.tsv: c->ptp.sample, as many as cell.json said. */
int result_frames_read(struct result_cell *c, const char *path, struct why *why);
int result_hops_read(struct result_cell *c, const char *path, struct why *why);
int result_blame_read(struct result_cell *c, const char *path, struct why *why);
int result_ptp_read(struct result_cell *c, const char *path, struct why *why);

/* Each line of a file, without its end, from 1 on, until one is refused: the sentence gets file and line. -ENOENT without a sentence; what has no line is refused. */
typedef int result_take(void *ctx, size_t line, char *text, struct why *why);
int result_lines(const char *path, result_take *take, void *ctx, struct why *why);

/* The next word of a line, which ends at a tab or at the line's end; NULL: there is none. A whole number of it. */
char *result_word(char **rest);
int result_number(int64_t *out, const char *w, int64_t min, int64_t max, struct why *why);

/* An integer of an object; what is missing or out of range is refused. */
int result_int(int64_t *out, const json_t *o, const char *key, int64_t min, int64_t max, struct why *why);

#endif
