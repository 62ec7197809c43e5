/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happens beside the frames that are measured. A flood has a quarter of a Gb/s: full frames of priority 0, 20 at once, a thousand times a second, towards the listener.
 */
#include "bench/cell_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/backend.h"

#define FLOOD "-s 1514 -r 20000 -b 20 -e " CELL_ETHERTYPE_BESIDE

struct load {
	const char *name;
	int (*can)(const struct cell *c, struct why *why);	/* NULL: always */
	int (*start)(struct cell_run *r, struct why *why);	/* NULL: nothing to do */
};

static int to_of(const struct cell_run *r)
{
	return r->reflector < 0 ? r->listener : r->reflector;
}

/* -- flood ------------------------------------------------------------------------------------------------------------ */

static int flood_can(const struct cell *c, struct why *why)
{
	const struct backend *b = backend_find(c->value[AXIS_BACKEND]);

	if (!b->many && !b->direct && strcmp(c->value[AXIS_DIRECTION], "to-guest") && strcmp(c->value[AXIS_DIRECTION], "round-trip"))
		return why_fail(why, ENOTSUP, "%s: a flood beside a guest comes from a further guest, and it has two ports only", b->name);
	return 0;
}

/* From where the frames come, or from a further guest beside the one that they come from. */
static int flood_start(struct cell_run *r, struct why *why)
{
	struct cell_end *from = r->end[END_NOISE].kind && !r->backend->direct ? &r->end[END_NOISE] : &r->end[r->talker];
	struct words w = {0};

	words_split(&w, "%s send -i %s -d %s -v %" PRId64 " %s", cell_is_vm(from) ? "takt" : r->takt, from->iface, r->end[to_of(r)].mac, r->c->traffic.vlan, FLOOD);
	if (cell_is_vm(from))
		return cell_boot(r, from, "flood", &w, why);
	return cell_start(&r->load[0], r, from, "flood", "flood.log", &w, why);
}

static const struct load loads[] = {
	{ "none", NULL, NULL },
	{ "flood", flood_can, flood_start },
};

/* -- neighbours ------------------------------------------------------------------------------------------------------- */

static int start_neighbour(struct cell_run *r, struct cell_end *e, struct why *why)
{
	const struct cell_traffic *t = &r->c->traffic;
	int to = to_of(r) == END_GUEST ? END_FAR : to_of(r);	/* where guests send to: the wire, but for guest-to-guest */
	struct words w = {0};

	words_split(&w, "%s send -i %s -d %s -v %" PRId64 " -p %" PRId64 " -s %" PRId64 " --cycle %" PRId64 "ns -e " CELL_ETHERTYPE_BESIDE,
		    cell_is_vm(e) ? "takt" : r->takt, e->iface, r->end[to].mac, t->vlan, t->priority, t->size, t->cycle_ns);
	if (cell_is_vm(e))
		return cell_boot(r, e, "send", &w, why);
	return cell_start(&r->load[1], r, e, e->name, NULL, &w, why);
}

static const struct load *find(const struct cell *c)
{
	size_t i;

	for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (!strcmp(loads[i].name, c->value[AXIS_LOAD]))
			return &loads[i];
	return NULL;
}

int cell_load_can(const struct cell *c, struct why *why)
{
	const struct load *l = find(c);

	if (!l)
		return why_fail(why, ENOTSUP, "load %s: nothing here makes it", c->value[AXIS_LOAD]);
	return l->can ? l->can(c, why) : 0;
}

int cell_load_start(struct cell_run *r, struct why *why)
{
	const struct load *l = find(r->c);
	int i, rc = 0;

	for (i = END_NEIGHBOUR; i < CELL_ENDS && !rc; i++)
		if (r->end[i].kind)
			rc = start_neighbour(r, &r->end[i], why);
	return rc ?: l->start ? l->start(r, why) : 0;
}
