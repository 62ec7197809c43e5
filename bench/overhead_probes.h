/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * overhead_probes: the sets of probes, each measured in turns with none, and what that comes to.
 */
#ifndef TAKT_BENCH_OVERHEAD_PROBES_H
#define TAKT_BENCH_OVERHEAD_PROBES_H

#include "base/out.h"
#include "bench/overhead_way.h"

#define OVERHEAD_PROBE_ROUNDS 50
#define OVERHEAD_MAX_SETS 8

enum overhead_figure { OVERHEAD_P50, OVERHEAD_P99, OVERHEAD_STAY_P50, OVERHEAD_STAY_P99, OVERHEAD_FIGURES };

/* By round: with the set; without, the mean of the stretches beside it. */
struct overhead_series {
	int n;
	double with[OVERHEAD_FIGURES][OVERHEAD_PROBE_ROUNDS], without[OVERHEAD_FIGURES][OVERHEAD_PROBE_ROUNDS];
	struct why why;		/* why it was not measured any more; "" */
};

struct overhead_probes {
	bool wanted[OVERHEAD_MAX_SETS];
	struct overhead_series set[OVERHEAD_MAX_SETS];	/* by row of overhead_sets */
	struct overhead_series none;			/* none beside none: the floor */
	uint64_t sent, lost, unread;
};

extern const struct overhead_set overhead_sets[]; /* a NULL name ends them */

/* "path,host": which. -EINVAL and a sentence. */
int overhead_probes_choose(struct overhead_probes *p, const char *list, struct why *why);

/*
 * A round: a guest without probes, in which none and each set on the host are measured in turns; then a guest for each set that is in guests. A set that
 * ends by itself is left out from then on, and says why. -EINTR, or -errno and a sentence.
 */
int overhead_probes_round(struct overhead_probes *p, struct overhead_way *w, struct why *why);

/* Lines. True when a figure that has to be 0 is not. */
bool overhead_probes_tell(struct overhead_probes *p, struct out *o);

#endif
