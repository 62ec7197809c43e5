/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_watched: which causes could have been seen, by the coverage tables of those who told; and of the others, why not.
 */
#ifndef TAKT_PROBES_BLAME_WATCHED_H
#define TAKT_PROBES_BLAME_WATCHED_H

#include "probes/blame_store.h"
#include "probes/gather.h"

/* Fill s->watched and s->unwatched; s->roles are known. Of several guests what one does not tell is not watched. Pure. */
void blame_watched(struct blame_store *s, const struct gather *g);

#endif
