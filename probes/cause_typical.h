/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cause_typical: how long each hop takes as a rule: what the faster quarter of the frames of one way in, one way out and one class
 * takes at most. Not the median: were half of all frames late, that would be how long they take as a rule, and nothing be to blame.
 *
 * A group of fewer than TYPICAL_FEW frames has none of its own: all frames' stands for it; when those are too few as well, 0. It is
 * told at the histogram's resolution, upwards (base/hist.h), so nothing below it counts as an excess. Pure; one thread.
 */
#ifndef TAKT_PROBES_CAUSE_TYPICAL_H
#define TAKT_PROBES_CAUSE_TYPICAL_H

#include "base/hist.h"
#include "probes/way.h"

#define TYPICAL_FEW   10
#define TYPICAL_SHARE 0.25

struct cause_typical_group;

struct cause_typical {
	struct cause_typical_group *all;
	struct cause_typical_group **group;	/* per way in, way out, class; NULL: no frame */
};

int cause_typical_init(struct cause_typical *t);	/* -ENOMEM */
void cause_typical_fini(struct cause_typical *t);
int cause_typical_add(struct cause_typical *t, const struct way *w);	/* frames that were sent; -ENOMEM */
int64_t cause_typical_ns(const struct cause_typical *t, const struct way *w, enum way_hop hop);

#endif
