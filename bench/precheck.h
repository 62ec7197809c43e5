/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * precheck: what can be known of a campaign before anything is made: root, CPUs, programs, a disk with room, time enough, schedules that taktd understands.
 *
 * takt bench run and rerun ask it before they make a folder, and --dry-run asks the very same. It makes nothing.
 */
#ifndef TAKT_BENCH_PRECHECK_H
#define TAKT_BENCH_PRECHECK_H

#include "bench/runner.h"

/* `where` is the folder that results go to; what is not there yet would be made. `open` cells are to be measured. -errno and a sentence; -EINTR: a signal came. */
int precheck(const struct runner_conf *conf, const char *where, size_t open, struct why *why);

#endif
