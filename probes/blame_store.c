/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024

void blame_store_init(struct blame_store *s)
{
	memset(s, 0, sizeof(*s));
	s->roles.worker_cpu = -1;
	s->watched = CAUSE_BY_GAPS;
}

void blame_store_fini(struct blame_store *s)
{
	free(s->rec);
	free(s->way);
	cause_spans_fini(&s->spans);
	memset(s, 0, sizeof(*s));
}

/* Room for one more of `size` bytes. */
static int grow(void **at, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : ROOM_FIRST;
	void *p;

	if (n < *room)
		return 0;
	p = reallocarray(*at, more, size);
	if (!p)
		return -ENOMEM;
	*at = p;
	*room = more;
	return 0;
}

/* True: it was sent, so it is to be kept. */
static bool note(struct blame_store *s, const struct pkt *p)
{
	if (!s->t_first || p->t_out < s->t_first)
		s->t_first = p->t_out;
	if (p->t_out > s->t_last)
		s->t_last = p->t_out;
	if (p->verdict == VERDICT_SENT && p->out_port < PKT_MAX_PORTS && p->in_port < PKT_MAX_PORTS && p->tc < 8)
		return true;
	s->dropped[p->verdict < VERDICT_COUNT ? p->verdict : 0]++;
	return false;
}

int blame_store_rec(struct blame_store *s, const struct pkt *rec, uint64_t key)
{
	if (!note(s, rec))
		return 0;
	if (grow((void **)&s->rec, s->n_rec, &s->room_rec, sizeof(*s->rec)))
		return -ENOMEM;
	s->rec[s->n_rec++] = (struct blame_rec){*rec, key};
	return 0;
}

int blame_store_way(struct blame_store *s, const struct way *w)
{
	if (!note(s, &w->rec))
		return 0;
	if (grow((void **)&s->way, s->n_way, &s->room_way, sizeof(*s->way)))
		return -ENOMEM;
	s->way[s->n_way++] = *w;
	return 0;
}

int blame_store_gap(struct blame_store *s, const struct rec_gap *g, bool counted)
{
	if (counted) {
		s->gaps++;
		s->gap_ns += g->t_end - g->t_begin;
	}
	return cause_spans_gap(&s->spans, g->t_begin, g->t_end, g->where);
}

size_t blame_store_frames(const struct blame_store *s)
{
	return s->n_rec + s->n_way;
}

const struct way *blame_store_get(const struct blame_store *s, size_t i, struct way *room)
{
	if (i >= s->n_rec)
		return &s->way[i - s->n_rec];
	way_init(room, &s->rec[i].rec, s->rec[i].key);
	return room;
}

void blame_store_forget(struct blame_store *s, int64_t t)
{
	size_t i, n = 0;

	for (i = 0; i < s->n_rec; i++)
		if (s->rec[i].rec.t_out >= t)
			s->rec[n++] = s->rec[i];
	s->n_rec = n;
	for (i = 0, n = 0; i < s->n_way; i++)
		if (s->way[i].rec.t_out >= t)
			s->way[n++] = s->way[i];
	s->n_way = n;
	if (s->t_first < t)
		s->t_first = t;
	cause_spans_forget(&s->spans, t);
}

const char *blame_store_port(const struct blame_store *s, uint8_t port)
{
	return port < PKT_MAX_PORTS && s->port_name[port][0] ? s->port_name[port] : "?";
}
