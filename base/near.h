/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * near: the known name that somebody who mistyped probably meant.
 *
 *	near_init(&n, word);
 *	for (each known name)
 *		near_try(&n, name);
 *	n.best                      NULL when nothing is near
 *
 * Near means: the beginning of a name ("cap": capture), or few letters inserted, left out or changed. Nothing is allocated;
 * `word` and the names are the caller's and outlive the struct.
 */
#ifndef TAKT_BASE_NEAR_H
#define TAKT_BASE_NEAR_H

struct near {
	const char *word;
	const char *best;
	unsigned int distance;	/* of the best so far; at first, one more than is still near */
};

void near_init(struct near *n, const char *word);
void near_try(struct near *n, const char *name);

#endif
