/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cell_note: cell.json of a cell that could not tell itself what became of it: it cannot be measured here, took too long, or died.
 */
#ifndef TAKT_BENCH_CELL_NOTE_H
#define TAKT_BENCH_CELL_NOTE_H

#include "bench/cell.h"
#include "bench/result.h"

/* Into its folder; what is there of that name goes. t_begin, t_end: TAI ns. -errno and a sentence. */
int cell_note(const struct cell *c, const char *dir, enum result_status status, const char *reason, int64_t t_begin, int64_t t_end, struct why *why);

/* What a kept cell's file says became of it, and its reason; RESULT_FAILED when it does not say so. */
enum result_status cell_note_read(const char *dir, char *reason, size_t size);

extern const char *const cell_status_name[];	/* by enum result_status, as in cell.json */

#endif
