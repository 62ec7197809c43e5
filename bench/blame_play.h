/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_play: what is done when: injections at random times, of random lengths, one at a time and in pairs.
 *
 * Any two of a scene are a pair. It begins together, or the second within the first, or shortly after the first is over. What makes taktd deaf lies
 * within what asks something of it. Times and lengths follow from the seed alone.
 */
#ifndef TAKT_BENCH_BLAME_PLAY_H
#define TAKT_BENCH_BLAME_PLAY_H

#include "bench/blame_rig.h"

#define BLAME_MAX_DEEDS 4096

struct blame_play {
	struct blame_rig *rig;
	const char *only;		/* this cause alone; NULL: all */
	uint64_t seed;			/* it goes on from one scene to the next */
	struct blame_deed *deed;	/* done so far; BLAME_MAX_DEEDS */
	size_t n;
};

/* Is there anything to do in this scene? */
bool blame_play_has(const struct blame_play *p, enum blame_scene scene);

/* The least of what makes a frame late there. */
int64_t blame_play_late(const struct blame_play *p, enum blame_scene scene);

/* So many episodes, a third of them pairs; p->deed begins anew. What is begun is ended, whatever goes wrong. -EINTR, or -errno and a sentence. */
int blame_play(struct blame_play *p, int64_t episodes, struct why *why);

/* How long they take at most, on average. */
int64_t blame_play_length(enum blame_scene scene, int64_t episodes);

#endif
