/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/way.h"

#include <math.h>
#include <string.h>

#define BIT(hop) (UINT32_C(1) << (hop))

const char *const way_names[WAY_HOPS_COUNT] = {
#define X(id, name, help) name,
	WAY_HOPS(X)
#undef X
};

int64_t way_t_copied(const struct pkt *rec)
{
	return rec->verdict == VERDICT_SENT ? rec->t_seen + rec->hop_ns[HOP_COPY] : rec->t_out;
}

void way_init(struct way *w, const struct pkt *rec, uint64_t key)
{
	int64_t t = rec->t_seen;
	int i;

	memset(w, 0, sizeof(*w));
	w->rec = *rec;
	w->key = key;
	w->guest_in = w->guest_out = -1;
	for (i = 0; i < HOP_COUNT; i++) {
		w->begin[WAY_COPY + i].t = t;
		t += rec->hop_ns[i];
		w->end[WAY_COPY + i].t = t;
		w->have |= BIT(WAY_COPY + i);
	}
	w->want = w->have;
}

void way_span(const struct way *w, struct way_edge *first, struct way_edge *last)
{
	int i;

	*first = (struct way_edge){INT64_MAX, 0};
	*last = (struct way_edge){INT64_MIN, 0};
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		if (!way_has(w, (enum way_hop)i))
			continue;
		if (w->begin[i].t < first->t)
			*first = w->begin[i];
		if (w->end[i].t >= last->t)
			*last = w->end[i];
	}
}

static void hop(struct way *w, enum way_hop h, struct way_edge begin, struct way_edge end)
{
	w->begin[h] = begin;
	w->end[h] = end;
	w->have |= BIT(h);
}

static struct way_edge place(const struct way_clock *c, int64_t g)
{
	double away = (double)(g - c->g);

	return (struct way_edge){c->at.t + (g - c->g) - (int64_t)(away * c->rate), c->at.bound_ns + (int64_t)(fabs(away) * c->rate_bound)};
}

/* No later than that: what it is moved to is the other observer's edge. */
static struct way_edge no_later(struct way_edge e, struct way_edge limit)
{
	return e.t > limit.t ? limit : e;
}

static struct way_edge no_sooner(struct way_edge e, struct way_edge limit)
{
	return e.t < limit.t ? limit : e;
}

static bool judge(struct way *w, bool good)
{
	w->defect |= !good;
	return good;
}

/*
 * Into taktd: where what published meets what looked. The worker read its clock before it looked, so it may have seen what was published
 * after t_seen; by the end of `copy` it had seen it.
 */
static struct way_edge seam_in(struct way *w, struct way_edge published)
{
	struct way_edge seen = w->begin[WAY_COPY], copied = {way_t_copied(&w->rec), 0}, seam;

	seam = no_later(no_sooner(published, seen), copied);
	w->moved |= seam.t != seen.t;
	if (w->end[WAY_COPY].t >= seam.t) {
		w->begin[WAY_COPY] = seam;
	} else { /* dropped before it was copied: there is nothing left of its stay to move */
		seam = seen;
	}
	return seam;
}

bool way_add_tx(struct way *w, const struct event *e, const struct way_clock *c)
{
	const uint32_t *edge = e->edge_ns;
	struct way_edge copied = {way_t_copied(&w->rec), 0}, app, driver, published, seam;
	struct way_edge first = place(c, e->t + edge[EV_TX_DRIVER]), cause = place(c, e->t + (edge[EV_TX_PUBLISHED] ?: edge[EV_TX_DRIVER]));

	w->tx = *e;
	app = no_later(place(c, e->t), copied);
	driver = no_later(first, copied);
	if (edge[EV_TX_PUBLISHED] || (e->flags & EV_COARSE && edge[EV_TX_DRIVER])) {
		published = edge[EV_TX_PUBLISHED] ? no_later(place(c, e->t + edge[EV_TX_PUBLISHED]), copied) : driver;
		seam = seam_in(w, published);
		published = no_later(published, seam);
		driver = no_later(driver, published);
		hop(w, WAY_RING, published, seam);
		if (edge[EV_TX_DRIVER] && edge[EV_TX_PUBLISHED])
			hop(w, WAY_DRIVER, driver, published);
	}
	if (edge[EV_TX_DRIVER])
		hop(w, WAY_APP, no_later(app, driver), driver);
	return judge(w, cause.t - cause.bound_ns <= copied.t);
}

bool way_add_wire_in(struct way *w, const struct event *e, const struct way_clock *c)
{
	struct way_edge sent = place(c, e->t), seam = seam_in(w, sent);

	w->wire_in = *e;
	hop(w, WAY_RX, no_later(sent, seam), seam);
	return judge(w, sent.t - sent.bound_ns <= way_t_copied(&w->rec));
}

/* Out of taktd: it handed over, then read its clock; who received it may have done so in between. */
static struct way_edge seam_out(struct way *w, struct way_edge received)
{
	struct way_edge hand = w->begin[WAY_SEND], out = w->end[WAY_SEND], seam;

	seam = no_later(no_sooner(received, hand), out);
	w->moved |= seam.t != out.t;
	w->end[WAY_SEND] = seam;
	return seam;
}

/* When its interrupt began, or the poll that found it. False: a poll found it that was going on when it came, or nothing is known (*seen). */
static bool called(const struct way *w, const struct event *e, const struct way_clock *c, struct way_edge *call, bool *seen)
{
	static const enum event_rx_edge edges[] = {EV_RX_IRQ, EV_RX_SOFTIRQ, EV_RX_POLL};
	size_t i;

	*seen = false;
	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		if (!e->edge_ns[edges[i]])
			continue;
		*seen = true;
		*call = place(c, e->t - e->edge_ns[edges[i]]);
		/* Sooner than the frame: it belongs to one before. */
		if (call->t + call->bound_ns >= w->begin[WAY_SEND].t)
			return true;
	}
	return false;
}

bool way_add_rx(struct way *w, const struct event *e, const struct event *read, const struct way_clock *c)
{
	struct way_edge hand = w->begin[WAY_SEND], napi = place(c, e->t), stack = no_sooner(napi, hand), call, seam;
	bool seen;

	w->rx = *e;
	if (called(w, e, c, &call, &seen)) {
		call = no_later(no_sooner(call, hand), stack);
		seam = seam_out(w, call);
		hop(w, WAY_CALL, seam, no_sooner(call, seam));
		hop(w, WAY_IRQ, w->end[WAY_CALL], no_sooner(stack, w->end[WAY_CALL]));
	} else if (seen) {
		seam = seam_out(w, stack);
		hop(w, WAY_CALL, seam, seam);
		hop(w, WAY_IRQ, seam, stack);
	} else if (e->flags & EV_COARSE) {
		seam = seam_out(w, stack);
		hop(w, WAY_CALL, seam, stack);
	}
	if (read) {
		w->read = *read;
		hop(w, WAY_DELIVER, stack, no_sooner(place(c, read->t), stack));
	}
	return judge(w, napi.t + napi.bound_ns >= hand.t);
}

bool way_add_wire_out(struct way *w, const struct event *e, const struct way_clock *c)
{
	struct way_edge hand = w->begin[WAY_SEND], got = place(c, e->t), seam = seam_out(w, got);

	w->wire_out = *e;
	hop(w, WAY_WIRE, seam, no_sooner(got, seam));
	return judge(w, got.t + got.bound_ns >= hand.t);
}

/* Hops that follow each other, where both were seen. Those of taktd do in any case. */
static const enum way_hop pairs[][2] = {
	{WAY_APP, WAY_DRIVER}, {WAY_DRIVER, WAY_RING}, {WAY_RING, WAY_COPY}, {WAY_RX, WAY_COPY},   {WAY_COPY, WAY_CLASS},
	{WAY_CLASS, WAY_QUEUE}, {WAY_QUEUE, WAY_GATE}, {WAY_GATE, WAY_SHAPE}, {WAY_SHAPE, WAY_PORT}, {WAY_PORT, WAY_SEND},
	{WAY_SEND, WAY_WIRE},  {WAY_SEND, WAY_CALL},   {WAY_CALL, WAY_IRQ},   {WAY_IRQ, WAY_DELIVER},
};

static bool meet(const struct way *w, enum way_hop a, enum way_hop b)
{
	return !way_has(w, a) || !way_has(w, b) || w->end[a].t == w->begin[b].t;
}

bool way_adds_up(const struct way *w)
{
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (!meet(w, pairs[i][0], pairs[i][1]))
			return false;
	if (!way_has(w, WAY_DRIVER) && w->tx.flags & EV_COARSE && !meet(w, WAY_APP, WAY_RING))
		return false;
	if (!way_has(w, WAY_IRQ) && w->rx.flags & EV_COARSE && !meet(w, WAY_CALL, WAY_DELIVER))
		return false;
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (way_has(w, (enum way_hop)i) && way_ns(w, (enum way_hop)i) < 0)
			return false;
	return true;
}
