/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/join_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

static int by_g(const void *va, const void *vb)
{
	const struct join_c *a = va, *b = vb;

	if (a->g != b->g)
		return a->g < b->g ? -1 : 1;
	if (a->side != b->side)
		return a->side < b->side ? -1 : 1;
	return (a->h > b->h) - (a->h < b->h);
}

/* How far b is on the tight side of the line from a to c, times the distance of a and c: below 0 when a line that keeps a and c keeps b anyhow. */
static __int128 gain(const struct join_c *a, const struct join_c *b, const struct join_c *c)
{
	__int128 x = (__int128)b->g - a->g, whole = (__int128)c->g - a->g;
	__int128 over = (((__int128)b->h - a->h) * whole) - (((__int128)c->h - a->h) * x);

	return a->side == JOIN_ABOVE ? -over : over;
}

/* Keep the vertices of the hull, and of these the JOIN_PART that tell most. Dropping a constraint is never wrong. */
static void thin(struct join_part *p, enum join_side side)
{
	struct join_c *c = p->c[side];
	uint32_t n = 0, i, least;

	qsort(c, p->n[side], sizeof(*c), by_g);
	for (i = 0; i < p->n[side]; i++) {
		if (n && c[n - 1].g == c[i].g) {
			if (side == JOIN_ABOVE ? c[n - 1].h <= c[i].h : c[n - 1].h >= c[i].h)
				continue;
			n--;
		}
		while (n >= 2 && gain(&c[n - 2], &c[n - 1], &c[i]) <= 0)
			n--;
		c[n++] = c[i];
	}
	while (n > JOIN_PART) {
		for (least = 1, i = 2; i + 1 < n; i++)
			if (gain(&c[i - 1], &c[i], &c[i + 1]) < gain(&c[least - 1], &c[least], &c[least + 1]))
				least = i;
		memmove(&c[least], &c[least + 1], (n - least - 1) * sizeof(*c));
		n--;
	}
	p->n[side] = n;
}

static size_t first_from(const struct join_parts *p, int64_t index)
{
	size_t lo = 0, hi = p->n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (p->part[mid]->index < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void forget(struct join_parts *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(p->part[i]);
	memmove(p->part, p->part + n, (p->n - n) * sizeof(struct join_part *));
	p->n -= n;
	p->forgotten += n;
}

/* The part for this index, made if need be; NULL: no memory, or older than all that there is room for (*err is 0 then). */
static struct join_part *part_at(struct join_parts *p, int64_t index, int *err)
{
	size_t at = p->n && p->part[p->n - 1]->index == index ? p->n - 1 : first_from(p, index);
	struct join_part *new, **more;
	size_t room;

	if (at < p->n && p->part[at]->index == index)
		return p->part[at];
	if (p->n == JOIN_PARTS) {
		if (!at) {
			p->forgotten++;
			return NULL;
		}
		forget(p, 1);
		at--;
	}
	if (p->n == p->room) {
		room = p->room ? 2 * p->room : 64;
		more = realloc(p->part, room * sizeof(struct join_part *));
		if (!more) {
			*err = -ENOMEM;
			return NULL;
		}
		p->part = more;
		p->room = room;
	}
	new = calloc(1, sizeof(*new));
	if (!new) {
		*err = -ENOMEM;
		return NULL;
	}
	new->index = index;
	memmove(p->part + at + 1, p->part + at, (p->n - at) * sizeof(struct join_part *));
	p->part[at] = new;
	p->n++;
	return new;
}

int join_parts_add(struct join_parts *p, const struct join_c *c)
{
	int err = 0;
	struct join_part *part = part_at(p, ns_div_floor(c->g, p->part_ns), &err);

	if (!part)
		return err;
	if (part->n[c->side] == 2 * JOIN_PART)
		thin(part, c->side);
	part->c[c->side][part->n[c->side]++] = *c;
	return 0;
}

void join_parts_forget(struct join_parts *p, int64_t g)
{
	forget(p, first_from(p, ns_div_floor(g, p->part_ns)));
}

void join_parts_free(struct join_parts *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->part[i]);
	free(p->part);
	p->part = NULL;
	p->n = p->room = 0;
}

struct join_c *join_parts_all(const struct join_parts *p, size_t *n, int *err)
{
	struct join_c *all;
	size_t i, count = 0, begin;
	int side;

	*n = 0;
	*err = 0;
	for (i = 0; i < p->n; i++)
		count += p->part[i]->n[0] + p->part[i]->n[1];
	if (!count)
		return NULL;
	all = malloc(count * sizeof(*all));
	if (!all) {
		*err = -ENOMEM;
		return NULL;
	}
	for (i = 0; i < p->n; i++) {
		begin = *n;
		for (side = 0; side < 2; side++) {
			memcpy(all + *n, p->part[i]->c[side], p->part[i]->n[side] * sizeof(*all));
			*n += p->part[i]->n[side];
		}
		qsort(all + begin, *n - begin, sizeof(*all), by_g);
	}
	return all;
}
