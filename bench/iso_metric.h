/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iso_metric: what stamps say, by isochron's names: differences of two of them, over the frames that have both.
 *
 * Some are of hardware stamps. Where no frame has these, the software stamps beside them are taken, and the metric says so: stamps of both kinds are never mixed.
 */
#ifndef TAKT_BENCH_ISO_METRIC_H
#define TAKT_BENCH_ISO_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/iso.h"

enum iso_metric_id {
	ISO_PATH_DELAY,		/* R - T, else r - t */
	ISO_SENDER,		/* t - w */
	ISO_WAKEUP,		/* w - (S - A) */
	ISO_DRIVER,		/* t - s */
	ISO_BUDGET,		/* S - T, or T - S as "MAC latency" where the kernel held the frame back until it was due; else t */
	ISO_ARRIVAL,		/* a - R, else a - r */
	ISO_END_TO_END,		/* a - S: ours, isochron has none */
	ISO_METRICS
};

struct iso_metric {
	const char *name;	/* "Path delay" */
	const char *key;	/* "path_delay" */
	const char *stamps;	/* "hardware", "software"; "" where there is but one kind */
	int64_t *ns;		/* in the order of frames; the caller's: iso_metric_fini() */
	uint32_t *seqid;
	size_t n;
};

/* Of the frames with seqids first..last. 0 or -ENOMEM. */
int iso_metric_get(struct iso_metric *m, const struct iso *iso, enum iso_metric_id id, uint32_t first, uint32_t last);
void iso_metric_fini(struct iso_metric *m);

struct iso_extremes {
	int64_t min, max;		/* 0 of no samples */
	uint32_t seqid_min, seqid_max;	/* of several frames, the last */
	double mean, stddev;		/* of all of them, as isochron has it: not of a sample of more */
};
void iso_metric_extremes(const struct iso_metric *m, struct iso_extremes *e);

#endif
