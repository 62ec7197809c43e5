/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * leftovers: what on this machine was not there before: interfaces, named network namespaces, files of ours in /run, /tmp and /dev/shm, mounts, processes that are our
 * children, huge pages. A cell leaves none of these, so what appears meanwhile is a fault of ours, or somebody else works on this machine: both are worth knowing.
 */
#ifndef TAKT_BENCH_LEFTOVERS_H
#define TAKT_BENCH_LEFTOVERS_H

#include <jansson.h>

struct leftovers;

/* Look, now. NULL: out of memory. */
struct leftovers *leftovers_look(void);
void leftovers_free(struct leftovers *l);	/* NULL is legal */

/* What `now` has and `before` has not, a string each ("interface tk0", "huge pages: 64 more"); the caller's list. */
json_t *leftovers_new(const struct leftovers *before, const struct leftovers *now);

#endif
