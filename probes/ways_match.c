/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/ways_pvt.h"

#include <errno.h>
#include <stdlib.h>

/* -- lists to match ------------------------------------------------------------------------------------------ */

static void cause(struct ways *w, uint64_t key, int64_t t, size_t id)
{
	w->cause[w->n_causes++] = (struct match_item){.key = key, .t = t, .id = (uint32_t)id};
}

static void effect(struct ways *w, uint64_t key, int64_t t, size_t id)
{
	w->effect[w->n_effects++] = (struct match_item){.key = key, .t = t, .id = (uint32_t)id};
}

/* The last edge that is surely before taktd can have the frame: about to be published, given to the driver, else the call, or the queue. */
static int64_t tx_cause(const struct event *e)
{
	return e->t + (e->edge_ns[EV_TX_PUBLISHED] ?: e->edge_ns[EV_TX_DRIVER]);
}

/* An instant of a source, as early (side -1) or as late (1) as it can have been; when nothing is known, anything goes. */
static int64_t at_most(const struct ways *w, const struct gather_source *s, int64_t t, int side)
{
	struct join_point p = gather_map(w->g, s, t);

	if (p.bound_ns == INT64_MAX)
		return t;
	return p.t + side * p.bound_ns;
}

/* Frames of taktd that came in at this port. */
static void list_came_in(struct ways *w, uint8_t port)
{
	const struct gather *g = w->g;
	size_t i;

	for (i = 0; i < g->n_recs; i++)
		if (g->rec[i].p.in_port == port && w->first[i] == i)
			effect(w, g->rec[i].key, way_t_copied(&g->rec[i].p), i);
}

/* Frames that were handed to this port; here they are causes. */
static void list_left(struct ways *w, uint8_t port)
{
	const struct gather *g = w->g;
	size_t i;

	for (i = 0; i < g->n_recs; i++)
		if (g->rec[i].p.out_port == port && g->rec[i].p.verdict == VERDICT_SENT)
			cause(w, g->rec[i].key, pkt_t_hand(&g->rec[i].p), i);
}

static bool is_out_of_far_end(const struct event *e)
{
	return e->flags & EV_OUTGOING;
}

static void clear(struct ways *w)
{
	w->n_causes = w->n_effects = 0;
}

/* Into taktd: what the source sent, and the frames that came in at its port. */
static void list_in(struct ways *w, const struct gather_source *s)
{
	size_t i;

	clear(w);
	for (i = 0; i < s->n_events; i++) {
		const struct event *e = &s->event[i];

		if (s->kind == GATHER_GUEST ? e->kind == EV_TX : e->kind == EV_WIRE && is_out_of_far_end(e))
			cause(w, e->key, at_most(w, s, s->kind == GATHER_GUEST ? tx_cause(e) : e->t, -1), i);
	}
	list_came_in(w, s->port);
}

/* Out of taktd: the frames that left by its port, and what the source received. */
static void list_out(struct ways *w, const struct gather_source *s)
{
	size_t i;

	clear(w);
	list_left(w, s->port);
	for (i = 0; i < s->n_events; i++) {
		const struct event *e = &s->event[i];

		if (s->kind == GATHER_GUEST ? e->kind == EV_RX : e->kind == EV_WIRE && !is_out_of_far_end(e))
			effect(w, e->key, at_most(w, s, e->t, 1), i);
	}
}

/* -- the clock ----------------------------------------------------------------------------------------------- */

static int by_key(const void *va, const void *vb)
{
	const struct match_item *a = va, *b = vb;

	return (a->key > b->key) - (a->key < b->key);
}

static bool is_alone(const struct match_item *item, size_t i, size_t n)
{
	return (!i || item[i - 1].key != item[i].key) && (i + 1 == n || item[i + 1].key != item[i].key);
}

/* A pair that cannot be mistaken: one cause and one effect have this key. Does it contradict the exchanges? */
static int take_pair(struct ways *w, struct gather_source *s, const struct match_item *c, const struct match_item *e, bool in)
{
	const struct pkt *p = &w->g->rec[in ? e->id : c->id].p;
	const struct event *ev = &s->event[in ? c->id : e->id];
	int64_t g = in ? tx_cause(ev) : ev->t, h = in ? e->t : c->t;
	bool told = ways_is_told(w, p->t_out);
	struct join_point x;

	/* What is not told now bounds the clock all the same. */
	if (p->flags & PKT_STEPPED)
		return 0;
	x = s->exchange ? join_map(s->exchange, g) : (struct join_point){0, INT64_MAX};
	if (x.bound_ns != INT64_MAX && (in ? x.t - x.bound_ns > h || x.t + x.bound_ns < h - MATCH_AGE_NS :
					     x.t + x.bound_ns < h || x.t - x.bound_ns > h + MATCH_AGE_NS)) {
		w->stat->defects += told;
		return 0;
	}
	w->stat->causes[s - w->g->source] += told;
	return in ? join_not_after(s->join, g, h) : join_not_before(s->join, g, h);
}

static int take_causes(struct ways *w, struct gather_source *s, bool in)
{
	size_t i = 0, j = 0;
	int err = 0;

	qsort(w->cause, w->n_causes, sizeof(*w->cause), by_key);
	qsort(w->effect, w->n_effects, sizeof(*w->effect), by_key);
	while (i < w->n_causes && j < w->n_effects && !err) {
		if (w->cause[i].key != w->effect[j].key) {
			*(w->cause[i].key < w->effect[j].key ? &i : &j) += 1;
			continue;
		}
		if (w->cause[i].key && is_alone(w->cause, i, w->n_causes) && is_alone(w->effect, j, w->n_effects))
			err = take_pair(w, s, &w->cause[i], &w->effect[j], in);
		i++;
		j++;
	}
	return err;
}

int ways_join_guest(struct ways *w, struct gather_source *s)
{
	int err;

	list_in(w, s);
	err = take_causes(w, s, true);
	if (err)
		return err;
	list_out(w, s);
	return take_causes(w, s, false);
}

/* -- matching ------------------------------------------------------------------------------------------------ */

static int by_seq(const void *va, const void *vb)
{
	const struct match_item *a = va, *b = vb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* A taktd that was started again numbers from 0 again; the stamps of a copy that still waited when the clock was stepped were moved. */
static bool is_copy(const struct gather_rec *a, const struct gather_rec *b)
{
	return a->p.seq == b->p.seq && a->p.in_port == b->p.in_port && a->key == b->key &&
	       (a->p.t_seen == b->p.t_seen || (a->p.flags | b->p.flags) & PKT_STEPPED);
}

void ways_find_firsts(struct ways *w)
{
	const struct gather *g = w->g;
	size_t i;

	for (i = 0; i < g->n_recs; i++)
		w->cause[i] = (struct match_item){.key = g->rec[i].p.seq, .id = (uint32_t)i};
	qsort(w->cause, g->n_recs, sizeof(*w->cause), by_seq);
	for (i = 0; i < g->n_recs; i++) {
		uint32_t id = w->cause[i].id, first = i ? w->first[w->cause[i - 1].id] : id;

		w->first[id] = is_copy(&g->rec[first], &g->rec[id]) ? first : id;
	}
}

static void match_in(struct ways *w, const struct gather_source *s)
{
	uint64_t *lone = &w->stat->unmatched[s - w->g->source];
	size_t i;

	list_in(w, s);
	match(w->cause, w->n_causes, w->effect, w->n_effects);
	for (i = 0; i < w->n_effects; i++) {
		struct ways_found *f = &w->found[w->effect[i].id];

		if (w->effect[i].with == MATCH_NONE)
			continue;
		*(s->kind == GATHER_GUEST ? &f->tx : &f->wire_in) = w->effect[i].with;
		f->ambiguous |= w->effect[i].ambiguous;
	}
	for (i = 0; i < w->n_causes; i++)
		*lone += w->cause[i].with == MATCH_NONE && ways_is_told(w, w->cause[i].t);
}

static void match_out(struct ways *w, const struct gather_source *s)
{
	uint64_t *lone = &w->stat->unmatched[s - w->g->source];
	size_t i;

	list_out(w, s);
	match(w->cause, w->n_causes, w->effect, w->n_effects);
	for (i = 0; i < w->n_causes; i++) {
		struct ways_found *f = &w->found[w->cause[i].id];

		if (w->cause[i].with == MATCH_NONE)
			continue;
		*(s->kind == GATHER_GUEST ? &f->rx : &f->wire_out) = w->cause[i].with;
		f->ambiguous |= w->cause[i].ambiguous;
	}
	for (i = 0; i < w->n_effects; i++)
		*lone += w->effect[i].with == MATCH_NONE && ways_is_told(w, w->effect[i].t);
}

/* In the guest, by its own clock: what NAPI handed up, and what was read. */
static int match_reads(struct ways *w, const struct gather_source *s)
{
	uint32_t *read = malloc((s->n_events + 1) * sizeof(*read));
	size_t i;

	w->read[s - w->g->source] = read;
	if (!read)
		return -ENOMEM;
	clear(w);
	for (i = 0; i < s->n_events; i++) {
		read[i] = WAYS_NOTHING;
		if (s->event[i].kind == EV_RX)
			cause(w, s->event[i].key, s->event[i].t, i);
		else if (s->event[i].kind == EV_READ)
			effect(w, s->event[i].key, s->event[i].t, i);
	}
	match(w->cause, w->n_causes, w->effect, w->n_effects);
	for (i = 0; i < w->n_causes; i++)
		if (w->cause[i].with != MATCH_NONE)
			read[w->cause[i].id] = w->cause[i].with;
	return 0;
}

int ways_match(struct ways *w, const struct gather_source *s)
{
	match_in(w, s);
	match_out(w, s);
	return s->kind == GATHER_GUEST ? match_reads(w, s) : 0;
}
