/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/ways.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "probes/match.h"

#define NOTHING UINT32_MAX

/* What belongs to a record: indices into the events of the sources at its ports. */
struct found {
	uint32_t tx, rx, wire_in, wire_out;
	bool ambiguous;
};

struct ways {
	struct gather *g;
	int64_t t_from, t_to;
	struct ways_stat *stat;
	uint32_t *first;	/* of each record: the first one of the same frame (copies of a flooded one come later) */
	struct found *found;	/* of each record */
	uint32_t *read[GATHER_SOURCES];	/* of each event of a guest that is an EV_RX: its EV_READ */
	struct match_item *cause, *effect;	/* scratch, for the largest of all */
	size_t n_causes, n_effects;
};

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
	bool told = p->t_out >= w->t_from && p->t_out < w->t_to;
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

static int join_guest(struct ways *w, struct gather_source *s)
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

static void find_firsts(struct ways *w)
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

static bool is_told(const struct ways *w, int64_t t)
{
	return t >= w->t_from && t < w->t_to;
}

static void match_in(struct ways *w, const struct gather_source *s)
{
	uint64_t *lone = &w->stat->unmatched[s - w->g->source];
	size_t i;

	list_in(w, s);
	match(w->cause, w->n_causes, w->effect, w->n_effects);
	for (i = 0; i < w->n_effects; i++) {
		struct found *f = &w->found[w->effect[i].id];

		if (w->effect[i].with == MATCH_NONE)
			continue;
		*(s->kind == GATHER_GUEST ? &f->tx : &f->wire_in) = w->effect[i].with;
		f->ambiguous |= w->effect[i].ambiguous;
	}
	for (i = 0; i < w->n_causes; i++)
		*lone += w->cause[i].with == MATCH_NONE && is_told(w, w->cause[i].t);
}

static void match_out(struct ways *w, const struct gather_source *s)
{
	uint64_t *lone = &w->stat->unmatched[s - w->g->source];
	size_t i;

	list_out(w, s);
	match(w->cause, w->n_causes, w->effect, w->n_effects);
	for (i = 0; i < w->n_causes; i++) {
		struct found *f = &w->found[w->cause[i].id];

		if (w->cause[i].with == MATCH_NONE)
			continue;
		*(s->kind == GATHER_GUEST ? &f->rx : &f->wire_out) = w->cause[i].with;
		f->ambiguous |= w->cause[i].ambiguous;
	}
	for (i = 0; i < w->n_effects; i++)
		*lone += w->effect[i].with == MATCH_NONE && is_told(w, w->effect[i].t);
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
		read[i] = NOTHING;
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

/* -- telling ------------------------------------------------------------------------------------------------- */

static struct way_clock clock_at(const struct ways *w, const struct gather_source *s, int64_t t)
{
	struct join_point p = gather_map(w->g, s, t);
	struct way_clock c = {.g = t, .at = {p.t, p.bound_ns}};
	struct join_rate r;

	if (s->kind != GATHER_WIRE && s->join) {
		r = join_rate(s->join, t);
		c.rate = r.rate;
		c.rate_bound = r.bound;
	}
	return c;
}

static bool can_see(const struct gather_source *s, enum way_hop hop)
{
	if (gather_is_coarse(s) && (hop == WAY_DRIVER || hop == WAY_IRQ))
		return false;
	return gather_point(s, way_names[hop], NULL) != 0;
}

uint32_t ways_want(const struct gather *g, const struct pkt *p)
{
	static const enum way_hop sent[] = {WAY_APP, WAY_DRIVER, WAY_RING}, received[] = {WAY_CALL, WAY_IRQ, WAY_DELIVER};
	const struct gather_source *s;
	uint32_t want = 0;
	int i;

	for (i = WAY_COPY; i <= WAY_SEND; i++)
		want |= UINT32_C(1) << i;
	s = gather_at(g, GATHER_GUEST, p->in_port);
	for (i = 0; s && i < 3; i++)
		want |= (uint32_t)can_see(s, sent[i]) << sent[i];
	want |= (uint32_t)!!gather_at(g, GATHER_WIRE, p->in_port) << WAY_RX;
	if (p->verdict != VERDICT_SENT)
		return want;
	s = gather_at(g, GATHER_GUEST, p->out_port);
	for (i = 0; s && i < 3; i++)
		want |= (uint32_t)can_see(s, received[i]) << received[i];
	return want | (uint32_t)!!gather_at(g, GATHER_WIRE, p->out_port) << WAY_WIRE;
}

static void add_guests(const struct ways *w, size_t i, struct way *way)
{
	const struct gather_source *s = gather_at(w->g, GATHER_GUEST, way->rec.in_port);
	const struct found *f = &w->found[w->first[i]];
	struct way_clock c;

	if (s && f->tx != NOTHING) {
		c = clock_at(w, s, s->event[f->tx].t);
		way->guest_in = (int8_t)(s - w->g->source);
		if (c.at.bound_ns != INT64_MAX)
			way_add_tx(way, &s->event[f->tx], &c);
		else
			way->tx = s->event[f->tx];
	}
	s = gather_at(w->g, GATHER_GUEST, way->rec.out_port);
	f = &w->found[i];
	if (s && f->rx != NOTHING) {
		const uint32_t read = w->read[s - w->g->source][f->rx];

		c = clock_at(w, s, s->event[f->rx].t);
		way->guest_out = (int8_t)(s - w->g->source);
		if (c.at.bound_ns != INT64_MAX)
			way_add_rx(way, &s->event[f->rx], read == NOTHING ? NULL : &s->event[read], &c);
		else
			way->rx = s->event[f->rx];
	}
}

static void add_wires(const struct ways *w, size_t i, struct way *way)
{
	const struct gather_source *s = gather_at(w->g, GATHER_WIRE, way->rec.in_port);
	uint32_t at = w->found[w->first[i]].wire_in;
	struct way_clock c;

	if (s && at != NOTHING) {
		c = clock_at(w, s, s->event[at].t);
		way_add_wire_in(way, &s->event[at], &c);
	}
	s = gather_at(w->g, GATHER_WIRE, way->rec.out_port);
	at = w->found[i].wire_out;
	if (s && at != NOTHING) {
		c = clock_at(w, s, s->event[at].t);
		way_add_wire_out(way, &s->event[at], &c);
	}
}

/* Nobody has to have sent or read a frame: the kernel's own. One of `takt send` has both. */
static void want_less(struct way *way)
{
	if (key_is_numbered(way->key))
		return;
	if (way->tx.kind == EV_TX && way->tx.flags & EV_NO_APP)
		way->want &= ~(UINT32_C(1) << WAY_APP);
	if (!way_has(way, WAY_DELIVER))
		way->want &= ~(UINT32_C(1) << WAY_DELIVER);
}

static void count(struct ways_stat *st, const struct way *w)
{
	bool whole = way_is_whole(w), numbered = key_is_numbered(w->key);
	int i;

	st->ways++;
	st->whole += whole;
	st->numbered += numbered;
	st->numbered_whole += numbered && whole;
	st->ambiguous += w->ambiguous;
	st->defects += w->defect || !way_adds_up(w);
	st->moved += w->moved;
	for (i = 0; i < WAY_HOPS_COUNT && !whole; i++)
		st->missing[i] += (w->want & ~w->have) >> i & 1;
}

static void tell(const struct ways *w, ways_fn *fn, void *ctx)
{
	bool more = true;
	struct way way;
	size_t i;

	for (i = 0; i < w->g->n_recs && more; i++) {
		const struct gather_rec *r = &w->g->rec[i];

		/* What goes back where it came from asked for the time: its answer has another key than it had. */
		if (!is_told(w, r->p.t_out) || r->p.in_port == r->p.out_port)
			continue;
		way_init(&way, &r->p, r->key);
		way.ambiguous = w->found[i].ambiguous || w->found[w->first[i]].ambiguous;
		add_guests(w, i, &way);
		add_wires(w, i, &way);
		way.want = ways_want(w->g, &r->p);
		want_less(&way);
		count(w->stat, &way);
		more = !fn || fn(ctx, &way);
	}
}

/* -- all of it ----------------------------------------------------------------------------------------------- */

static int ways_alloc(struct ways *w)
{
	size_t most = w->g->n_recs + 1, i;
	int s;

	for (s = 0; s < w->g->n_sources; s++)
		most = w->g->source[s].n_events > most ? w->g->source[s].n_events : most;
	w->first = malloc((w->g->n_recs + 1) * sizeof(*w->first));
	w->found = malloc((w->g->n_recs + 1) * sizeof(*w->found));
	w->cause = malloc(most * sizeof(*w->cause));
	w->effect = malloc(most * sizeof(*w->effect));
	if (!w->first || !w->found || !w->cause || !w->effect)
		return -ENOMEM;
	for (i = 0; i < w->g->n_recs; i++)
		w->found[i] = (struct found){NOTHING, NOTHING, NOTHING, NOTHING, false};
	return 0;
}

static void ways_free(struct ways *w)
{
	int s;

	free(w->first);
	free(w->found);
	free(w->cause);
	free(w->effect);
	for (s = 0; s < GATHER_SOURCES; s++)
		free(w->read[s]);
}

int ways_tell(struct gather *g, int64_t t_from, int64_t t_to, ways_fn *fn, void *ctx, struct ways_stat *stat)
{
	struct ways_stat none = {0};
	struct ways w = {.g = g, .t_from = t_from, .t_to = t_to, .stat = stat ?: &none};
	int err = ways_alloc(&w), i;

	if (!err)
		find_firsts(&w);
	/* The exchanges first, so that frames can be held against them. */
	err = err ?: gather_fit(g);
	for (i = 0; i < g->n_sources && !err; i++)
		if (g->source[i].kind == GATHER_GUEST)
			err = join_guest(&w, &g->source[i]);
	err = err ?: gather_fit(g);
	for (i = 0; i < g->n_sources && !err; i++) {
		if (g->source[i].kind == GATHER_HOST)
			continue;
		match_in(&w, &g->source[i]);
		match_out(&w, &g->source[i]);
		if (g->source[i].kind == GATHER_GUEST)
			err = match_reads(&w, &g->source[i]);
	}
	if (!err)
		tell(&w, fn, ctx);
	ways_free(&w);
	return err;
}
