/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hop_print: what tables and waterfalls of hops have in common.
 */
#ifndef TAKT_PROBES_HOP_PRINT_H
#define TAKT_PROBES_HOP_PRINT_H

#include "base/hist.h"
#include "base/out.h"

#define HOP_PRINT_BAR_MAX 64

/* The columns from `min` to `max`: their titles, and a row's, to the line's end; with JSON's `negative`. */
void hop_print_titles(struct out *o);
void hop_print_times(struct out *o, const struct hist *x);

/* Where [from, from + len) is in `whole`, `width` characters of it, HOP_PRINT_BAR_MAX at most; text only. */
void hop_print_bar(struct out *o, int width, int64_t from, int64_t len, int64_t whole);

/* A frame's members `key` (base/key.h) and `seqid`. A string: few programs that read JSON keep 64 bits of a number. */
void hop_print_key(struct out *o, uint64_t key);

#endif
