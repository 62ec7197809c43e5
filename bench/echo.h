/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * echo: has a frame been answered too often?
 *
 * Two reflectors that hear one another would answer each other's answers for ever, as fast as they can. Such a frame comes with the very same stamp again and again; a path that
 * doubles frames makes some copies of one, and a burst of a warm-up has one stamp too, so some are allowed.
 */
#ifndef TAKT_BENCH_ECHO_H
#define TAKT_BENCH_ECHO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stamp.h"

#define ECHO_SLOTS 4096		/* a power of two */
#define ECHO_MAX   64		/* answers to one stamp */

struct echo {
	struct {
		struct stamp stamp;
		uint32_t count;
	} slot[ECHO_SLOTS];
};

/* A zeroed struct is ready. False: this stamp has been answered ECHO_MAX times. */
bool echo_allows(struct echo *e, const struct stamp *s);

#endif
