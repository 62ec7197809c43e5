/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * campaign: a campaign's file (docs/results.md), checked and understood. It starts nothing.
 *
 * What is wrong in it is refused with FILE:LINE, what it is and how to mend it; a key that is none with the one that was meant.
 */
#ifndef TAKT_BENCH_CAMPAIGN_H
#define TAKT_BENCH_CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"
#include "base/why.h"
#include "bench/axis.h"
#include "bench/cell.h"

#define CAMPAIGN_VALUES	   32	/* of one axis */
#define CAMPAIGN_EXCEPTS   64
#define CAMPAIGN_SCHEDULES 32

struct campaign_axis {
	const char *value[CAMPAIGN_VALUES];	/* in the file's order; at least one */
	int n;
	bool left_out[CAMPAIGN_VALUES];		/* by campaign_only() */
};

/* Bit i: value i of that axis. 0: any. */
struct campaign_except {
	uint32_t of[AXES];
};

struct campaign {
	const char *name, *title, *note;	/* note: "" when there is none */
	struct campaign_axis axis[AXES];
	struct campaign_except except[CAMPAIGN_EXCEPTS];
	int n_excepts;
	struct cell_traffic traffic;
	struct {
		const char *name, *yaml;	/* keys of taktd's port that frames leave by, in one line */
		int line;			/* of the file */
	} schedule[CAMPAIGN_SCHEDULES];
	int n_schedules;
	int64_t repetitions, timeout_ns, retries;
	bool shuffled;
	struct {
		const char *inventory, *talker, *listener;	/* NULL: this machine */
	} hosts;
	const char *text;	/* the file, byte by byte */
	size_t len;
};

/* `path` is a plain file, which messages name as it is. -errno and a sentence. */
int campaign_read(struct campaign **out, const char *path, struct why *why);
void campaign_free(struct campaign *c);		/* NULL is legal */

/* Narrow an axis: "backend=veth,taktd" leaves out all others. -EINVAL and a sentence that lists what the file has. */
int campaign_only(struct campaign *c, const char *words, struct why *why);

const char *campaign_schedule(const struct campaign *c, const char *name);	/* its YAML; NULL: none is named so */

/* Keys of the file, for `takt bench axes`. */
void campaign_keys_print(struct out *o);

#endif
