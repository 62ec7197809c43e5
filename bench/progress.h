/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * progress: how far a campaign is. On a terminal a line that is drawn again and again, with a bar and the time that is left; else a line for each cell, or a
 * JSON object for each.
 */
#ifndef TAKT_BENCH_PROGRESS_H
#define TAKT_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"
#include "bench/cell.h"
#include "bench/result.h"

struct progress;

/* `n` cells, each of a kind, of which one is guessed to take guess_ns[kind]; those are the caller's, and stay. NULL: out of memory. */
struct progress *progress_create(size_t n, const int64_t *guess_ns, bool json);
void progress_destroy(struct progress *p);	/* NULL is legal */

/* A cell of this kind takes that long: for the time left. 0: it takes none (it is done, or skipped). */
void progress_took(struct progress *p, size_t kind, int64_t ns);

/* What the cells of these kinds will take: each the median of what its kind took; else the guess, and by how much guesses were off until now. */
int64_t progress_left(const struct progress *p, const size_t *kind, size_t n);

/* Draw the line: `done` are done, this one is measured since `since_ns` (`again`: since it had failed). Nothing where there is no terminal. */
void progress_draw(struct progress *p, size_t done, bool again, int64_t left_ns, const char *name, int64_t since_ns);
void progress_clear(struct progress *p);	/* before anything else is written */

/* A cell is done; `again`: it had failed, and is not one more. */
void progress_tell(struct progress *p, size_t done, bool again, const struct cell *c, enum result_status status, const char *reason, int64_t took_ns);

/* "12 s", "3 min 05 s", "2 h 10 min". Returns buf. */
const char *progress_time(char buf[static 32], int64_t ns);

#endif
