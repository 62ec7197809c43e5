/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cycle: where the cycles of a gate list begin (802.1Q-2022 8.6.9.1.1, 12.29.1: a cycle time is a rational number of seconds).
 *
 * A list's cycle lasts cycle_ns + frac_num/frac_den ns. Cycle n begins at t_base + floor(n * cycle), for every integer n, so
 * that it never strays: after any number of cycles it is less than 1 ns from where it should be. A cycle therefore
 * lasts cycle_ns or one ns more. What is kept from one to the next is the remainder of n * frac_num / frac_den.
 *
 * All functions are pure. cycle_next() adds and compares; the others divide (128 bits wide) when they go far.
 */
#ifndef TAKT_TSN_CYCLE_H
#define TAKT_TSN_CYCLE_H

#include <stdint.h>

#include "tsn/gcl.h"

struct cycle {
	int64_t t;	/* it begins */
	int64_t len_ns;	/* and lasts until the next one: cycle_ns, or one more */
	uint32_t rem;	/* n * frac_num mod frac_den */
};

/* The cycle that t lies in; t may be before the base time. */
void cycle_at(const struct gcl *gcl, int64_t t, struct cycle *out);

/* The first cycle that does not begin before t. */
void cycle_from(const struct gcl *gcl, int64_t t, struct cycle *out);

/* Go on from c to the cycle that t >= c->t lies in; how many cycles further is that? A few are counted, without a division. */
int64_t cycle_seek(const struct gcl *gcl, struct cycle *c, int64_t t);

/* Go on to the next one. */
static inline void cycle_next(const struct gcl *gcl, struct cycle *c)
{
	uint64_t rem = (uint64_t)c->rem + gcl->frac_num;

	c->t += c->len_ns;
	if (rem >= gcl->frac_den)
		rem -= gcl->frac_den;
	c->rem = (uint32_t)rem;
	c->len_ns = gcl->cycle_ns + (rem + gcl->frac_num >= gcl->frac_den);
}

#endif
