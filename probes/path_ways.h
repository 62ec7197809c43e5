/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * path_ways: `takt path --guest ...`: whole ways of frames, in tables or one by one.
 */
#ifndef TAKT_PROBES_PATH_WAYS_H
#define TAKT_PROBES_PATH_WAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "probes/gather.h"

struct path_ways {
	struct gather_conf from;
	const char *port;	/* only what leaves by it; NULL: all */
	int64_t tc;		/* only this class; -1: all */
	int64_t interval_ns, count;
	int64_t seq, seqid;	/* one frame; -1: none */
	uint64_t key;		/* one frame, by its key; 0: none */
	bool follow, json;
};

/* Prints. 0; -EBADMSG: hops that do not add up, or are against their cause, and the table says so; -errno and a sentence. */
int path_ways(const struct path_ways *p, struct why *why);

#endif
