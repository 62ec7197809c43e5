/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/owner.h"

#include <string.h>

static uint64_t clock_at(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool is_heard(const struct owner_row *r, uint64_t clock, int64_t now)
{
	return r->used && r->clock == clock && now - r->t_heard < OWNER_STALE_NS;
}

/* The row of n that holds this clock; NULL: none does. */
static struct owner_row *find(struct owner_row *row, uint32_t n, uint64_t clock, int64_t now)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (is_heard(&row[i], clock, now))
			return &row[i];
	return NULL;
}

static struct owner_row *oldest(struct owner_row *row, uint32_t n)
{
	struct owner_row *old = row;
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!row[i].used)
			return &row[i];
		else if (row[i].t_heard < old->t_heard)
			old = &row[i];
	return old;
}

/* It is at a trusted port. Whoever of the others had it has it no more. */
static void hear_trusted(struct owner *o, uint64_t clock, uint8_t port, int64_t now)
{
	struct owner_row *r = find(o->trusted, OWNER_TRUSTED, clock, now);

	if (!r) {
		r = find(&o->other[0][0], OWNER_PORTS * OWNER_PER_PORT, clock, now);
		if (r)
			r->used = false;
		r = oldest(o->trusted, OWNER_TRUSTED);
	}
	*r = (struct owner_row){.clock = clock, .t_heard = now, .port = port, .used = true};
}

bool owner_hear(struct owner *o, const uint8_t *frame, const struct msg *m, uint8_t port, bool trusted, int64_t now)
{
	uint64_t clock = clock_at(frame + m->at + MSG_SOURCE_ID);
	struct owner_row *r;

	if (trusted) {
		hear_trusted(o, clock, port, now);
		if (m->type != MSG_DELAY_RESP)
			return true;
		clock = clock_at(frame + m->at + MSG_REQUESTING);
		if (!find(o->trusted, OWNER_TRUSTED, clock, now) && !find(&o->other[0][0], OWNER_PORTS * OWNER_PER_PORT, clock, now))
			hear_trusted(o, clock, port, now);
		return true;
	}
	if (find(o->trusted, OWNER_TRUSTED, clock, now))
		return false;
	r = find(&o->other[0][0], OWNER_PORTS * OWNER_PER_PORT, clock, now);
	if (r && r->port != port)
		return false;
	if (!r) {
		r = oldest(o->other[port], OWNER_PER_PORT);
		if (r->used && now - r->t_heard < OWNER_STALE_NS)
			return false;
	}
	*r = (struct owner_row){.clock = clock, .t_heard = now, .port = port, .used = true};
	return true;
}

void owner_forget(struct owner *o, uint8_t port)
{
	uint32_t i;

	memset(o->other[port], 0, sizeof(o->other[port]));
	for (i = 0; i < OWNER_TRUSTED; i++)
		if (o->trusted[i].port == port)
			o->trusted[i].used = false;
}

void owner_shift(struct owner *o, int64_t delta)
{
	struct owner_row *r = &o->other[0][0];
	uint32_t i;

	for (i = 0; i < OWNER_TRUSTED; i++)
		o->trusted[i].t_heard += delta;
	for (i = 0; i < OWNER_PORTS * OWNER_PER_PORT; i++)
		r[i].t_heard += delta;
}
