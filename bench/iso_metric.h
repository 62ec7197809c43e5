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

/* Name, key, which stamps (by their letters; A is the wake-up that was meant: S less the advance time), what it is. Where no frame has the first two, those behind "else" are taken. */
#define ISO_METRIC_ROWS(X) \
	X(ISO_PATH_DELAY, "Path delay", "path_delay", "R - T, else r - t", "from the sender's card or driver to the receiver's card or kernel") \
	X(ISO_SENDER, "Sender latency", "sender_latency", "t - w", "the sender is awake, until its driver has the frame") \
	X(ISO_WAKEUP, "Wakeup latency", "wakeup_latency", "w - A", "the sender woke up so much later than was meant") \
	X(ISO_DRIVER, "Driver latency", "driver_latency", "t - s", "in the queueing discipline, until the driver has it") \
	X(ISO_BUDGET, "Application latency budget", "application_latency_budget", "S - T, else S - t", \
	  "it left so much before it was due; below 0: after. \"MAC latency\", the other way about, where the kernel held it back") \
	X(ISO_ARRIVAL, "Arrival latency", "arrival_latency", "a - R, else a - r", "from the receiver's card or kernel to its program") \
	X(ISO_END_TO_END, "End to end", "end_to_end", "a - S", "it was due, until the receiver's program has it; isochron has none")

#define ISO_METRIC_ID(id, name, key, stamps, help) id,
enum iso_metric_id { ISO_METRIC_ROWS(ISO_METRIC_ID) ISO_METRICS };
#undef ISO_METRIC_ID

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
