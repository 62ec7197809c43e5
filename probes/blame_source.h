/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_source: what was gathered, as blame takes it: ways, events on the axis, who is who, and what was not watched and why.
 */
#ifndef TAKT_PROBES_BLAME_SOURCE_H
#define TAKT_PROBES_BLAME_SOURCE_H

#include "probes/blame_store.h"
#include "probes/gather.h"
#include "probes/ways.h"

/* Frames with t_from <= t_out < t_to, and whatever happened. `s` is initialised. -ENOMEM. */
int blame_source_take(struct blame_store *s, struct gather *g, int64_t t_from, int64_t t_to, struct ways_stat *stat);

#endif
