/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perfetto: a writer of Chrome's JSON trace format, which Perfetto and chrome://tracing read.
 *
 * Slices are collected, then put onto tracks so that none overlaps another on its own: a track that has more than one at a time goes on in
 * a second lane, "NAME #2". Times are us with three decimals, so ns, after t_zero: absolute ones would not fit a double. One thread.
 */
#ifndef TAKT_PROBES_PERFETTO_H
#define TAKT_PROBES_PERFETTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

#define PERFETTO_NAME	64
#define PERFETTO_TRACKS 1024	/* what would be on more is on the last, "(others)": a guest may tell of as many threads as it likes */
#define PERFETTO_LANES	64	/* of a track; what would be on more overlaps in the last */

/* What a slice says of itself, as members of an object; `what` is the caller's. */
typedef void perfetto_args_fn(struct out *o, const void *what);

struct perfetto_slice {
	int track;
	int64_t t, t_end;	/* ns; the same: an instant */
	char name[PERFETTO_NAME];
	uint64_t flow;		/* slices of one flow are tied together in the order in which they came; 0: of none */
	perfetto_args_fn *args;	/* or NULL */
	const void *what;
	int lane;		/* found by perfetto_write() */
	int nth;		/* of its flow, from 0; likewise whether it is the last */
	bool last;
};

struct perfetto_track {
	int process;
	char name[PERFETTO_NAME];
	int order;		/* among those of its process */
	int lanes, base;	/* found by perfetto_write() */
};

struct perfetto {
	char (*process)[PERFETTO_NAME];
	struct perfetto_track *track;
	struct perfetto_slice *slice;
	int n_processes, n_tracks;
	size_t n_slices, room;
};

/* A zeroed struct is an empty trace. */
void perfetto_fini(struct perfetto *p);

/* Numbers, the same for the same name; -ENOMEM. */
int perfetto_process(struct perfetto *p, const char *name);
int perfetto_track(struct perfetto *p, int process, const char *name, int order);

/* Slices of a flow come in order of time. `s` is copied; -ENOMEM. */
int perfetto_add(struct perfetto *p, const struct perfetto_slice *s);

/* The members "displayTimeUnit" and "traceEvents" of an open object. Changes the order of slices. -ENOMEM. */
int perfetto_write(struct perfetto *p, struct out *o, int64_t t_zero);

#endif
