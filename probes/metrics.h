/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * metrics: a writer of OpenMetrics 1.0 text, or of the older Prometheus text (0.0.4), which node_exporter's textfile collector reads.
 *
 *	metrics_family(m, "takt_port_rx_bytes", METRICS_COUNTER, "bytes", "...");
 *	metrics_value(m, value, "port", "wire", NULL);		takt_port_rx_bytes_total{port="wire"} 17
 *	...
 *	metrics_end(m);						# EOF
 *
 * The older form has no units, no exemplars, and `_total` is part of a family's name. Errors are the stream's. One thread.
 */
#ifndef TAKT_PROBES_METRICS_H
#define TAKT_PROBES_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

#define METRICS_NAME   64
#define METRICS_LABELS 256

struct metrics {
	FILE *f;
	bool old;			/* Prometheus text 0.0.4 */
	char family[METRICS_NAME];
	enum metrics_type type;
};

/* Bounds of every histogram's buckets, ns: 1-2-5 from 100 ns to 1 s; the last, without a bound, comes beside them. */
#define METRICS_BOUNDS 22
int64_t metrics_bound(int i);

struct metrics_histogram {
	uint64_t count[METRICS_BOUNDS + 1];	/* not cumulative */
	int64_t sum_ns;
	struct {
		int64_t ns;
		uint32_t seqid;
		uint64_t seq;
		int64_t t;			/* TAI ns; 0: none */
		bool numbered;			/* has a seqid */
	} exemplar[METRICS_BOUNDS + 1];		/* the latest frame of each bucket */
};

/* Characters that a name may not have become '_'. `unit`: the family's name ends in it; "" for none. */
void metrics_family(struct metrics *m, const char *name, enum metrics_type type, const char *unit, const char *help);

/* Labels are pairs of strings, NULL at the end; values of labels may be any bytes. */
__attribute__((sentinel)) void metrics_value(struct metrics *m, double value, ...);

int metrics_bucket(int64_t ns);	/* which bucket a value >= 0 falls into */
__attribute__((sentinel)) void metrics_histogram(struct metrics *m, const struct metrics_histogram *h, int tai_offset_s, ...);
void metrics_end(struct metrics *m);

#endif
