/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_dir: a report's folder, that is there whole or not at all: made beside its place, and put there when it is finished.
 */
#ifndef TAKT_BENCH_REPORT_DIR_H
#define TAKT_BENCH_REPORT_DIR_H

#include <limits.h>
#include <stdio.h>

#include "base/why.h"

struct report_dir {
	char path[PATH_MAX];	/* where it is to be */
	char part[PATH_MAX];	/* where it is made: PATH.part */
	int fd;			/* of part, locked while it is made */
};

/* -EEXIST: `path` is there and is no report of ours, or another one is being made there. What an earlier one left unfinished is removed. */
int report_dir_begin(struct report_dir *d, const char *path, struct why *why);

FILE *report_dir_open(const struct report_dir *d, const char *name, struct why *why);	/* for writing */
int report_dir_close(const struct report_dir *d, FILE *f, const char *name, struct why *why);	/* 0, or -errno and a sentence when it could not be written */

int report_dir_finish(struct report_dir *d, struct why *why);	/* an earlier report there is replaced */
void report_dir_drop(struct report_dir *d);	/* after finish: nothing to do */

#endif
