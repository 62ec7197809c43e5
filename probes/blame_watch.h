/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_watch: follow what happens until a frame takes too long.
 */
#ifndef TAKT_PROBES_BLAME_WATCH_H
#define TAKT_PROBES_BLAME_WATCH_H

#include "probes/blame_tail.h"
#include "probes/gather.h"

#define BLAME_LAG_NS INT64_C(600000000)	/* other sources may be that far behind taktd's records */
#define BLAME_SEEN_NS (BLAME_LAG_NS + INT64_C(1000000000))	/* a frame that left is looked at by then: looks take their time, too */

struct blame_hit {
	uint64_t seq;
	int64_t t_out;	/* TAI ns */
	int64_t ns;	/* what it took, as it was seen first */
};

/*
 * Until a frame takes longer than conf->threshold_ns (at conf->hop, or all in all), `ns` have passed, or Ctrl-C (base/term.h), or the end of
 * everything. 1 and *hit; 0: quiet; -errno and a sentence.
 */
int blame_watch(struct gather *g, const struct blame_tail_conf *conf, int64_t ns, struct blame_hit *hit, struct why *why);

/* Is there a program of this name, by PATH as execvp() looks, that may be run? To be asked before the wait for the frame. */
bool blame_watch_finds(const char *program);

/* Run a command with TAKT_FRAME and TAKT_RECORDING ("" for none) in its environment, and wait for it. Its exit status as a shell tells it; -errno. */
int blame_watch_run(char *const *command, const struct blame_hit *hit, const char *recording, struct why *why);

#endif
