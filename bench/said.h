/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * said: the JSON that a program of ours prints.
 */
#ifndef TAKT_BENCH_SAID_H
#define TAKT_BENCH_SAID_H

#include <jansson.h>

#include "bench/proc.h"

/*
 * Wait for p, whose log is the file `log`, and stop it; *said, the caller's, is what it printed. -EINTR, or -EIO and a sentence of what `name` said
 * instead.
 */
int said_wait(json_t **said, struct proc *p, const char *name, const char *log, int64_t limit_ns, struct why *why);

#endif
