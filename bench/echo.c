/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/echo.h"

/* Bits of a product that depend on all of its factors' (Knuth's multiplicative hashing). */
static uint32_t slot_of(const struct stamp *s)
{
	uint64_t x = ((uint64_t)s->t_scheduled ^ (uint64_t)s->t_wakeup << 1 ^ (uint64_t)s->seqid << 40) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(x >> 52) % ECHO_SLOTS;
}

bool echo_allows(struct echo *e, const struct stamp *s)
{
	uint32_t i = slot_of(s);
	struct stamp *was = &e->slot[i].stamp;

	if (was->seqid != s->seqid || was->t_scheduled != s->t_scheduled || was->t_wakeup != s->t_wakeup) {
		*was = *s;
		e->slot[i].count = 0;
	}
	if (e->slot[i].count == ECHO_MAX)
		return false;
	e->slot[i].count++;
	return true;
}
