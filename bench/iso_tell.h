/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iso_tell: the summary of takt report: how many frames, and each metric with its extremes and quantiles; as text, JSON or CSV.
 */
#ifndef TAKT_BENCH_ISO_TELL_H
#define TAKT_BENCH_ISO_TELL_H

#include <stdint.h>
#include <stdio.h>

#include "base/out.h"
#include "bench/iso.h"

struct iso_tell {
	uint32_t first, last;		/* seqids */
	int64_t deadline_ns;		/* from due to arrival; 0: none */
	enum iso_half halves;		/* of which it tells: of one alone nothing is known to be lost */
};

/* 0 or -ENOMEM; what the stream says is out_fini()'s. */
int iso_tell(const struct iso *iso, const struct iso_tell *t, struct out *o);

/* A line with names, then a line a metric. */
int iso_tell_csv(const struct iso *iso, const struct iso_tell *t, FILE *f);

#endif
