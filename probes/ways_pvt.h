/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ways_pvt: what ways' files share and nobody else sees: what was found (ways_match.c), of which ways are told (ways.c).
 */
#ifndef TAKT_PROBES_WAYS_PVT_H
#define TAKT_PROBES_WAYS_PVT_H

#include "probes/match.h"
#include "probes/ways.h"

#define WAYS_NOTHING UINT32_MAX	/* no index */

/* What belongs to a record: indices into the events of the sources at its ports. */
struct ways_found {
	uint32_t tx, rx, wire_in, wire_out;
	bool ambiguous;
};

struct ways {
	struct gather *g;
	int64_t t_from, t_to;
	struct ways_stat *stat;
	uint32_t *first;	/* of each record: the first one of the same frame (copies of a flooded one come later) */
	struct ways_found *found;	/* of each record */
	uint32_t *read[GATHER_SOURCES];	/* of each event of a guest that is an EV_RX: its EV_READ */
	struct match_item *cause, *effect;	/* scratch, for the largest of all */
	size_t n_causes, n_effects;
};

static inline bool ways_is_told(const struct ways *w, int64_t t)
{
	return t >= w->t_from && t < w->t_to;
}

void ways_find_firsts(struct ways *w);	/* fills `first` */

/* Pairs that cannot be mistaken bound this guest's clock, unless they contradict its exchanges. -ENOMEM. */
int ways_join_guest(struct ways *w, struct gather_source *s);

/* By the clocks as they are then known: fills `found`, and `read` of a guest. -ENOMEM. */
int ways_match(struct ways *w, const struct gather_source *s);

#endif
