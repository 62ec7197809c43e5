/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_print: the ranked table of causes, late frames, one frame's waterfall with what it owes its length to. As text or as JSON (base/out.h).
 */
#ifndef TAKT_PROBES_BLAME_PRINT_H
#define TAKT_PROBES_BLAME_PRINT_H

#include "base/out.h"
#include "probes/blame_tail.h"

/* Members of an object, or tables. top: causes and frames at most, 0: all. */
void blame_print(struct out *o, const struct blame_tail *t, const struct blame_store *s, int64_t top);

/* Frames of t, each whole: a waterfall, its causes beneath each hop. */
void blame_print_frames(struct out *o, const struct blame_tail *t, const struct blame_store *s);

/* "preempted by stress/4711 at 12.3 us for 4.00 ms": what a part owes most to. `t` is what instants are counted from. */
void blame_evidence(char *buf, size_t size, const struct blame_part *p, int64_t t);

#endif
