/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spin: what a CPU allows: a bare loop that reads the TSC and waits for one instant after the other.
 *
 * Nothing in software notices an instant sooner than this loop; by how much more a worker is late is the worker's.
 */
#ifndef TAKT_BENCH_SPIN_H
#define TAKT_BENCH_SPIN_H

#include "base/hist.h"
#include "base/why.h"
#include "bench/gaps.h"

struct spin {
	struct hist edge;	/* lateness at each instant, ns */
	struct gaps_sum gaps;	/* of at least gap_ns between two reads */
	int64_t span_ns;	/* it took that long */
};

/* Spin on `cpu` for span_ns, with an instant every period_ns. Adds to *s (zeroed at first). -errno and a sentence. */
int spin_measure(struct spin *s, int cpu, int64_t period_ns, int64_t span_ns, int64_t gap_ns, struct why *why);

#endif
