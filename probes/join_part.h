/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * join_part: constraints of a join, thinned out: time is cut into parts, and each part keeps the tightest ones of each side.
 */
#ifndef TAKT_PROBES_JOIN_PART_H
#define TAKT_PROBES_JOIN_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/join.h"
#include "probes/join_hull.h"

struct join_c {
	int64_t g, h;
	enum join_side side;	/* JOIN_ABOVE: map(g) <= h */
};

struct join_part {
	int64_t index;		/* of the part: g / part_ns, rounded down */
	uint32_t n[2];
	struct join_c c[2][2 * JOIN_PART];
};

struct join_parts {
	int64_t part_ns;
	struct join_part **part;	/* in order */
	size_t n, room;
	uint64_t forgotten;
};

int join_parts_add(struct join_parts *p, const struct join_c *c);	/* -ENOMEM */
void join_parts_forget(struct join_parts *p, int64_t g);		/* whole parts before g */
void join_parts_free(struct join_parts *p);

/* All that is kept, in order of g; the caller frees it. *n is 0 and NULL comes when there is nothing; -ENOMEM by *err. */
struct join_c *join_parts_all(const struct join_parts *p, size_t *n, int *err);

#endif
