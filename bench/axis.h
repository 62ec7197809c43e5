/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * axis: what a campaign may vary, and the values each axis knows. Declared once: the campaign's file is checked by this table, `takt bench axes` prints it,
 * names of cells are made of it.
 */
#ifndef TAKT_BENCH_AXIS_H
#define TAKT_BENCH_AXIS_H

#include "base/out.h"
#include "base/why.h"

enum axis_id {
	AXIS_BACKEND, AXIS_GUEST, AXIS_DIRECTION, AXIS_LOAD, AXIS_SCHEDULE, AXIS_SIZE, AXIS_CYCLE, AXIS_QUEUES, AXIS_NEIGHBOURS, AXIS_CORRECTION,
	AXES
};

struct axis {
	const char *name;		/* in the file */
	const char *value;		/* its default */
	const char *const *values;	/* NULL-terminated; NULL: any that `check` takes */
	int (*check)(const char *value, struct why *why);	/* NULL: one of `values` */
	const char *help;		/* one line; what each value is, in `values_help`'s */
	const char *const *values_help;	/* as many as values; NULL: none */
};

extern const struct axis axes[AXES];

/* -1: there is none of that name. */
int axis_find(const char *name);

/* 0, or -EINVAL and a sentence that lists what there is. `schedules` (NULL-terminated) are the names that the campaign gives to schedules. */
int axis_check(int axis, const char *value, const char *const *schedules, struct why *why);

void axis_print(struct out *o);

#endif
