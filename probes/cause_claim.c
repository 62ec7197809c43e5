/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/cause_claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

/* A stretch that is charged already. */
struct cause_cover {
	int64_t t, t_end;
};

void cause_claims_fini(struct cause_claims *c)
{
	free(c->claim);
	free(c->cover[0]);
	free(c->cover[1]);
	memset(c, 0, sizeof(*c));
}

void cause_claims_clear(struct cause_claims *c)
{
	c->n = 0;
}

void cause_claims_add(struct cause_claims *c, enum cause rank, enum cause cause, const struct cause_span *span, int64_t t, int64_t t_end,
		      int64_t from, int64_t to)
{
	struct cause_claim *more;
	size_t room;

	t = t > from ? t : from;
	t_end = t_end < to ? t_end : to;
	if (t >= t_end)
		return;
	if (c->n == c->room) {
		room = c->room ? 2 * c->room : ROOM_FIRST;
		more = reallocarray(c->claim, room, sizeof(*more));
		if (!more) {
			c->error = -ENOMEM;
			return;
		}
		c->claim = more;
		c->room = room;
	}
	c->claim[c->n++] = (struct cause_claim){.t = t, .t_end = t_end, .span = span, .rank = (uint8_t)rank, .cause = (uint8_t)cause};
}

static int compare(const void *a, const void *b)
{
	const struct cause_claim *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return x->t_end == y->t_end ? 0 : x->t_end < y->t_end ? -1 : 1;
}

/* One rank's claims, in order of t, against what is covered, in order and apart; both together become the next cover. */
static size_t settle_rank(struct cause_claim *claim, size_t n, const struct cause_cover *had, size_t n_had, struct cause_cover *next)
{
	int64_t t_done = INT64_MIN; /* this rank is charged up to here */
	size_t i, h = 0, out = 0, j = 0;

	for (i = 0; i < n; i++) {
		struct cause_claim *x = &claim[i];
		int64_t at = x->t > t_done ? x->t : t_done;
		size_t k;

		while (h < n_had && had[h].t_end <= at)
			h++;
		for (k = h; at < x->t_end; k++) {
			int64_t to = k < n_had && had[k].t < x->t_end ? had[k].t : x->t_end;

			x->ns += to > at ? to - at : 0;
			at = k < n_had && had[k].t < x->t_end ? (had[k].t_end > at ? had[k].t_end : at) : x->t_end;
		}
		t_done = t_done > x->t_end ? t_done : x->t_end;
	}
	for (i = 0; i < n || j < n_had;) {
		struct cause_cover y;

		if (j == n_had || (i < n && claim[i].t < had[j].t)) {
			y = (struct cause_cover){claim[i].t, claim[i].t_end};
			i++;
		} else {
			y = had[j++];
		}
		if (out && y.t <= next[out - 1].t_end)
			next[out - 1].t_end = y.t_end > next[out - 1].t_end ? y.t_end : next[out - 1].t_end;
		else
			next[out++] = y;
	}
	return out;
}

void cause_claims_settle(struct cause_claims *c)
{
	size_t i, end, n_cover = 0;
	int which = 0, k;

	if (!c->n)
		return;
	qsort(c->claim, c->n, sizeof(*c->claim), compare);
	if (c->cover_room < c->n) {
		for (k = 0; k < 2; k++) {
			free(c->cover[k]);
			c->cover[k] = calloc(c->room, sizeof(*c->cover[k]));
		}
		c->cover_room = c->room;
		if (!c->cover[0] || !c->cover[1]) {
			c->error = -ENOMEM;
			c->cover_room = 0;
			c->n = 0;
			return;
		}
	}
	for (i = 0; i < c->n; i = end) {
		for (end = i; end < c->n && c->claim[end].rank == c->claim[i].rank; end++)
			;
		n_cover = settle_rank(&c->claim[i], end - i, c->cover[which], n_cover, c->cover[!which]);
		which = !which;
	}
}
