/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dirs: a folder, and those that it is in.
 */
#ifndef TAKT_BENCH_DIRS_H
#define TAKT_BENCH_DIRS_H

/* Make those that are missing. -errno; what was made then stays. */
int dirs_make(const char *path);

#endif
