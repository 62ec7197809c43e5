/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keeper: gives back what no namespace holds, when whoever borrowed it was killed: huge pages of the machine's pool.
 *
 * A process of its own, which no terminal and no signal but SIGKILL reaches. It is told of each loan through a pipe, a line each: "+PAGES HAD" before the pool,
 * of HAD pages, grows, "-PAGES" after they were given back. When the last writer of the pipe is gone it gives back what is left, once that is free, and ends.
 */
#ifndef TAKT_BENCH_KEEPER_H
#define TAKT_BENCH_KEEPER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"

struct keeper {
	int fd;		/* write end; close-on-exec */
	pid_t pid;
};

/* Returns when it is there: a process of the name takt-keeper that holds nothing of ours but the pipe. */
int keeper_start(struct keeper *k, struct why *why);

/* Closes our end and waits, as long as nobody else has one. */
void keeper_end(struct keeper *k);

#endif
