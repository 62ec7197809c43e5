/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * send_tell: what a talker says in the end: frames, what came back, stamps, wake-ups.
 */
#ifndef TAKT_BENCH_SEND_TELL_H
#define TAKT_BENCH_SEND_TELL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/listen.h"
#include "bench/talk.h"
#include "bench/tx_stamps.h"

struct send_told {
	const struct talk *talk;
	int64_t took_ns;
	const struct tx_stamps *stamps;	/* NULL: nobody asked for them */
	bool logged;			/* each frame's, not only what was refused */
	const struct listen *back;	/* of a round trip; NULL: none */
};

/* Did each frame that was sent come back, once, in order, and in time? */
bool send_all_back(const struct talk *t, const struct listen *l);

/* As text or JSON. 0, or -errno of the stream. */
int send_tell(const struct send_told *k, FILE *f, bool json);

#endif
