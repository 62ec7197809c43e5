/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/cycle.h"

#define FEW 16 /* more cycles than this are skipped by a division */

__extension__ typedef __int128 wide;

/* The cycle n * cycle after one that begins at t with remainder rem, for the largest n with a beginning no more than ns after t. */
static int64_t jump(const struct gcl *gcl, struct cycle *c, int64_t t, uint32_t rem, int64_t ns)
{
	wide cycle = (wide)gcl->cycle_ns * gcl->frac_den + gcl->frac_num; /* in 1/frac_den ns, as everything here */
	wide last = ((wide)ns + 1) * gcl->frac_den - 1 - rem;
	wide n = last / cycle - (last % cycle < 0);
	wide at = n * cycle + rem;
	wide whole = at / gcl->frac_den - (at % gcl->frac_den < 0);

	c->t = t + (int64_t)whole;
	c->rem = (uint32_t)(at - whole * gcl->frac_den);
	c->len_ns = gcl->cycle_ns + ((uint64_t)c->rem + gcl->frac_num >= gcl->frac_den);
	return (int64_t)n;
}

void cycle_at(const struct gcl *gcl, int64_t t, struct cycle *out)
{
	jump(gcl, out, gcl->t_base, 0, t - gcl->t_base);
}

void cycle_from(const struct gcl *gcl, int64_t t, struct cycle *out)
{
	cycle_at(gcl, t - 1, out);
	cycle_next(gcl, out);
}

int64_t cycle_seek(const struct gcl *gcl, struct cycle *c, int64_t t)
{
	int64_t n = 0;

	if (t - c->t >= FEW * gcl->cycle_ns)
		return jump(gcl, c, c->t, c->rem, t - c->t);
	for (; t - c->t >= c->len_ns; n++)
		cycle_next(gcl, c);
	return n;
}
