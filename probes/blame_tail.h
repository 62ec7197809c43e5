/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_tail: which frames are the tail of an interval, what made each late, and the causes ranked over all of them. Pure; one thread.
 */
#ifndef TAKT_PROBES_BLAME_TAIL_H
#define TAKT_PROBES_BLAME_TAIL_H

#include "probes/blame_store.h"

#define BLAME_WHOS 8	/* names that are told apart for a cause; the rest is one */

struct blame_tail_conf {
	int64_t threshold_ns;	/* frames that took longer; 0: the worst ones */
	double worst;		/* of all frames, 0..1, rounded up */
	int hop;		/* enum way_hop: by that hop alone; -1: by the whole way */
	int64_t seq;		/* this frame (and its copies) alone; -1: by the above */
	bool numbered;		/* of test frames from number 1 on alone: the others are what these waited behind */
};

struct blame_late {
	size_t frame;		/* as blame_store_get() takes it */
	int64_t ns;		/* what it was ranked by */
	struct blame_result *result;
};

struct blame_who {
	char who[EVENT_WHO];
	uint16_t kind;		/* of the event */
	uint32_t by;
	int64_t ns;
	uint64_t frames;
};

struct blame_row {
	int64_t ns, longest_ns;
	uint64_t frames, first;		/* in which it had a part; a greater one than any other */
	uint64_t example;		/* seq of the frame that owes most to it */
	uint32_t n_who;
	struct blame_who who[BLAME_WHOS];
};

struct blame_tail {
	struct blame_tail_conf conf;
	struct blame_late *late;	/* the longest first */
	size_t n;
	int64_t limit_ns;		/* the shortest of them; the threshold, if there is one */
	int64_t excess_ns;		/* of all of them */
	struct blame_row row[CAUSE_COUNT];
	enum cause rank[CAUSE_COUNT];	/* the most nanoseconds first; those with none are not in it */
	int n_rank;
	struct blame blame;
	struct cause_queues queues;
	struct cause_typical typical;
};

/* What a frame is ranked by, ns; 0: it has not that hop. */
int64_t blame_tail_length(const struct blame_tail_conf *c, const struct way *w);

/* The store is sorted by it, and outlives it. -ENOMEM. blame_tail_fini() in any case. */
int blame_tail_find(struct blame_tail *t, const struct blame_tail_conf *conf, struct blame_store *s);
void blame_tail_fini(struct blame_tail *t);

#endif
