/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate_change: schedules changed under load, one after the other, and when each one was adopted.
 *
 * In turns: a base time a little ahead, at no particular place of the old cycle; a base time in the past; a base time
 * ahead that takes the place of a schedule that was still pending. The lists differ in order, length and cycle; each
 * leaves every class a window.
 */
#ifndef TAKT_BENCH_GATE_CHANGE_H
#define TAKT_BENCH_GATE_CHANGE_H

#include "bench/rig.h"
#include "bench/timeline.h"

#define GATE_LISTS 4

extern const struct timeline_list gate_lists[GATE_LISTS];	/* the first one is where a run begins; bases are 0 */

struct gate_changes {
	struct timeline_plan *plan;	/* 0: the file's; then one for each change */
	size_t n, room;
	int64_t *t_told;	/* beside each plan: config-change-time as taktd told it; 0: it was not asked in time */
	uint64_t refused;		/* schedules that taktd did not take */
};

/* Room for so many changes, and the plan of the file, whose generation taktd tells. */
int gate_changes_init(struct gate_changes *c, size_t changes, struct rig *r, struct why *why);
void gate_changes_fini(struct gate_changes *c);

/* The next change: ask, wait until it runs and frames have gone under it. */
int gate_change(struct gate_changes *c, struct rig *r, struct why *why);

#endif
