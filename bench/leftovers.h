/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * leftovers: what on this machine was not there before and has a name that cells give: interfaces, named network namespaces, files in /run, /tmp and /dev/shm;
 * processes that are our children; and huge pages, which have no name. A cell leaves none of these. What has another name is another program's, and of no interest.
 */
#ifndef TAKT_BENCH_LEFTOVERS_H
#define TAKT_BENCH_LEFTOVERS_H

#include <jansson.h>

struct leftovers;

/* Look, now. NULL: out of memory. */
struct leftovers *leftovers_look(void);
void leftovers_free(struct leftovers *l);	/* NULL is legal */

/* What `now` has and `before` has not, a string each ("interface p-far", "huge pages: 64 more, ..."); the caller's list. */
json_t *leftovers_new(const struct leftovers *before, const struct leftovers *now);

#endif
