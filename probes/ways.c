/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/ways.h"

#include <errno.h>
#include <stdlib.h>

#include "base/key.h"
#include "probes/ways_pvt.h"

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
	const struct ways_found *f = &w->found[w->first[i]];
	struct way_clock c;

	if (s && f->tx != WAYS_NOTHING) {
		c = clock_at(w, s, s->event[f->tx].t);
		way->guest_in = (int8_t)(s - w->g->source);
		if (c.at.bound_ns != INT64_MAX)
			way_add_tx(way, &s->event[f->tx], &c);
		else
			way->tx = s->event[f->tx];
	}
	s = gather_at(w->g, GATHER_GUEST, way->rec.out_port);
	f = &w->found[i];
	if (s && f->rx != WAYS_NOTHING) {
		const uint32_t read = w->read[s - w->g->source][f->rx];

		c = clock_at(w, s, s->event[f->rx].t);
		way->guest_out = (int8_t)(s - w->g->source);
		if (c.at.bound_ns != INT64_MAX)
			way_add_rx(way, &s->event[f->rx], read == WAYS_NOTHING ? NULL : &s->event[read], &c);
		else
			way->rx = s->event[f->rx];
	}
}

static void add_wires(const struct ways *w, size_t i, struct way *way)
{
	const struct gather_source *s = gather_at(w->g, GATHER_WIRE, way->rec.in_port);
	uint32_t at = w->found[w->first[i]].wire_in;
	struct way_clock c;

	if (s && at != WAYS_NOTHING) {
		c = clock_at(w, s, s->event[at].t);
		way_add_wire_in(way, &s->event[at], &c);
	}
	s = gather_at(w->g, GATHER_WIRE, way->rec.out_port);
	at = w->found[i].wire_out;
	if (s && at != WAYS_NOTHING) {
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
		if (!ways_is_told(w, r->p.t_out) || r->p.in_port == r->p.out_port)
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
		w->found[i] = (struct ways_found){WAYS_NOTHING, WAYS_NOTHING, WAYS_NOTHING, WAYS_NOTHING, false};
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
		ways_find_firsts(&w);
	/* The exchanges first, so that frames can be held against them. */
	err = err ?: gather_fit(g);
	for (i = 0; i < g->n_sources && !err; i++)
		if (g->source[i].kind == GATHER_GUEST)
			err = ways_join_guest(&w, &g->source[i]);
	err = err ?: gather_fit(g);
	for (i = 0; i < g->n_sources && !err; i++)
		if (g->source[i].kind != GATHER_HOST)
			err = ways_match(&w, &g->source[i]);
	if (!err)
		tell(&w, fn, ctx);
	ways_free(&w);
	return err;
}
