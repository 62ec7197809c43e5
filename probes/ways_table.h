/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ways_table: a histogram of each hop of whole ways, per ingress port, egress port and class; and one way as a waterfall.
 */
#ifndef TAKT_PROBES_WAYS_TABLE_H
#define TAKT_PROBES_WAYS_TABLE_H

#include "base/hist.h"
#include "base/out.h"
#include "probes/ways.h"

#define WAYS_ROWS 512	/* pairs of ports and classes; what is beyond goes into no row, and is counted */

struct ways_row {
	uint8_t in, out, tc;
	struct hist hop[WAY_HOPS_COUNT], total;	/* total: of whole ways, from their first edge to their last */
	int64_t bound_ns[WAY_HOPS_COUNT], total_bound_ns;	/* the widest */
};

struct ways_table {
	struct ways_row *row[WAYS_ROWS];
	int n_rows;
	uint64_t frames, dropped[VERDICT_COUNT], bad_sums, beyond;
	int64_t t_first, t_last;
	struct ways_stat stat;
};

int ways_table_add(struct ways_table *t, const struct way *w);	/* -ENOMEM */
void ways_table_fini(struct ways_table *t);

/* The members of an object, or the tables. */
void ways_table_print(const struct ways_table *t, const struct gather *g, struct out *o);

/* One way as a waterfall, or an object. */
void ways_waterfall(const struct way *w, const struct gather *g, struct out *o);

#endif
