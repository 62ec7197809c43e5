/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * export_ways: whole ways as a source of `takt export`, from guests, wires and the host beside taktd's records, or from a recording.
 *
 * Ways come in the order of records, about a second after they happened: an event of a guest is there by then. Poll gaps and spans of the same
 * time come behind them. One thread.
 */
#ifndef TAKT_PROBES_EXPORT_WAYS_H
#define TAKT_PROBES_EXPORT_WAYS_H

#include <stdbool.h>

#include "probes/gather.h"
#include "probes/way.h"

/* What is done with them: 0, or -errno, which ends it. `idle` is called at least twice a second, and says whether that is enough: 1. */
struct export_ways {
	int (*way)(void *ctx, const struct way *w);
	int (*gap)(void *ctx, const struct rec_gap *g);
	int (*event)(void *ctx, const char *source, int64_t t, int64_t t_end, const struct event *e);
	int (*idle)(void *ctx);
	void *ctx;
};

/* duration_ns: of taktd's time, 0: until Ctrl-C; a recording is read whole. */
int export_ways_run(struct gather *g, bool recording, int64_t duration_ns, const struct export_ways *to, struct why *why);

#endif
