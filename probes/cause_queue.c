/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/cause_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES	   8u
#define ROOM_FIRST 64
#define LOOK_BACK  65536	/* frames: a busy period that is longer is told to begin there */

static size_t lines_of(enum cause_station station)
{
	return station == CAUSE_AT_CLASS ? PKT_MAX_PORTS * CLASSES : PKT_MAX_PORTS;
}

int cause_queues_init(struct cause_queues *q)
{
	int s;

	memset(q, 0, sizeof(*q));
	for (s = 0; s < CAUSE_STATIONS; s++) {
		q->line[s] = calloc(lines_of(s), sizeof(*q->line[s]));
		if (!q->line[s]) {
			cause_queues_fini(q);
			return -ENOMEM;
		}
	}
	return 0;
}

void cause_queues_fini(struct cause_queues *q)
{
	size_t i;
	int s;

	for (s = 0; s < CAUSE_STATIONS; s++) {
		for (i = 0; q->line[s] && i < lines_of(s); i++)
			free(q->line[s][i].stay);
		free(q->line[s]);
	}
	memset(q, 0, sizeof(*q));
}

static struct cause_line *line_of(const struct cause_queues *q, enum cause_station station, const struct pkt *p)
{
	switch (station) {
	case CAUSE_AT_RING:
		return &q->line[station][p->in_port];
	case CAUSE_AT_CLASS:
		return &q->line[station][p->out_port * CLASSES + p->tc];
	default:
		return &q->line[station][p->out_port];
	}
}

bool cause_queues_stay(struct cause_stay *s, enum cause_station station, const struct way *w)
{
	const struct pkt *p = &w->rec;
	enum way_hop first = way_has(w, WAY_RING) ? WAY_RING : WAY_RX, last;

	if (p->verdict != VERDICT_SENT || p->in_port >= PKT_MAX_PORTS || p->out_port >= PKT_MAX_PORTS || p->tc >= CLASSES)
		return false;
	*s = (struct cause_stay){.seq = p->seq, .len = p->len, .tc = p->tc};
	switch (station) {
	case CAUSE_AT_RING:
		if (!way_has(w, first))
			return false;
		s->t_enter = w->begin[first].t;
		s->t_leave = s->t_done = p->t_seen;
		return true;
	case CAUSE_AT_CLASS:
		s->t_enter = p->t_seen + p->hop_ns[HOP_COPY] + p->hop_ns[HOP_CLASS];
		s->t_leave = s->t_done = pkt_t_hand(p);
		s->gate_ns = p->hop_ns[HOP_GATE];
		s->shape_ns = p->hop_ns[HOP_SHAPE];
		s->port_ns = p->hop_ns[HOP_PORT];
		s->retried = p->flags & PKT_RETRIED;
		return true;
	default:
		if (!way_has(w, WAY_CALL))
			return false;
		last = way_has(w, WAY_IRQ) ? WAY_IRQ : WAY_CALL;
		s->t_enter = p->t_out;
		s->t_leave = w->end[last].t;
		s->t_done = way_has(w, WAY_DELIVER) ? w->end[WAY_DELIVER].t : s->t_leave;
		return true;
	}
}

int cause_queues_add(struct cause_queues *q, const struct way *w)
{
	struct cause_stay s, *more;
	struct cause_line *l;
	size_t room;
	int k;

	for (k = 0; k < CAUSE_STATIONS; k++) {
		if (!cause_queues_stay(&s, k, w))
			continue;
		l = line_of(q, k, &w->rec);
		if (l->n == l->room) {
			room = l->room ? 2 * l->room : ROOM_FIRST;
			more = reallocarray(l->stay, room, sizeof(*more));
			if (!more)
				return -ENOMEM;
			l->stay = more;
			l->room = room;
		}
		l->stay[l->n++] = s;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct cause_stay *x = a, *y = b;

	if (x->t_leave != y->t_leave)
		return x->t_leave < y->t_leave ? -1 : 1;
	return x->seq == y->seq ? 0 : x->seq < y->seq ? -1 : 1;
}

void cause_queues_sort(struct cause_queues *q)
{
	size_t i;
	int s;

	for (s = 0; s < CAUSE_STATIONS; s++)
		for (i = 0; i < lines_of(s); i++)
			if (q->line[s][i].n)
				qsort(q->line[s][i].stay, q->line[s][i].n, sizeof(struct cause_stay), compare);
}

/* The first that left after t. */
static size_t left_after(const struct cause_line *l, int64_t t)
{
	size_t a = 0, b = l->n;

	while (a < b) {
		size_t m = a + (b - a) / 2;

		if (l->stay[m].t_leave <= t)
			a = m + 1;
		else
			b = m;
	}
	return a;
}

static bool came_before(const struct cause_stay *x, const struct cause_stay *y)
{
	return x->t_enter != y->t_enter ? x->t_enter < y->t_enter : x->seq < y->seq;
}

static int64_t beyond(uint32_t longer, uint32_t shorter)
{
	return longer > shorter ? (int64_t)longer - shorter : 0;
}

/* The driver takes frames of all classes or of none: the head that it refused may be of another class. */
static bool was_full(const struct cause_queues *q, const struct pkt *p, const struct cause_stay *self)
{
	size_t i, looked;
	uint32_t tc;

	for (tc = 0; tc < CLASSES; tc++) {
		const struct cause_line *l = &q->line[CAUSE_AT_CLASS][p->out_port * CLASSES + tc];

		for (i = left_after(l, self->t_enter), looked = 0; i < l->n && looked < LOOK_BACK && l->stay[i].t_enter < self->t_leave; i++, looked++)
			if (l->stay[i].retried)
				return true;
	}
	return false;
}

struct cause_busy cause_queues_busy(const struct cause_queues *q, enum cause_station station, const struct way *w)
{
	struct cause_stay self;
	struct cause_busy b = {0};
	const struct cause_stay *first = &self, *s;
	const struct cause_line *l;
	size_t i, looked;

	if (!cause_queues_stay(&self, station, w))
		return b;
	l = line_of(q, station, &w->rec);
	for (i = left_after(l, self.t_leave), looked = 0; i-- && looked < LOOK_BACK; looked++) {
		s = &l->stay[i];
		if (s->t_leave <= first->t_enter)
			break;
		if (!came_before(s, &self))
			continue;
		if (s->t_leave > self.t_enter) {
			b.ahead = true;
			b.t_ahead = s->t_leave > b.t_ahead ? s->t_leave : b.t_ahead;
			b.t_read = s->t_done > b.t_read ? s->t_done : b.t_read;
		}
		b.full |= s->retried;
		if (s->t_enter >= first->t_enter)
			continue;
		/* Of what s waited, no more than `first` waited too is behind first's coming. */
		b.gate_ns += beyond(s->gate_ns, first->gate_ns);
		b.shape_ns += beyond(s->shape_ns, first->shape_ns);
		b.port_ns += beyond(s->port_ns, first->port_ns);
		first = s;
	}
	if (station == CAUSE_AT_CLASS)
		b.full = b.full || was_full(q, &w->rec, &self);
	b.t_begin = first->t_enter;
	return b;
}

void cause_queues_others(const struct cause_queues *q, const struct way *w, uint64_t *higher, uint64_t *lower)
{
	const struct pkt *p = &w->rec;
	struct cause_stay self;
	uint32_t tc;
	size_t i;

	*higher = *lower = 0;
	if (!cause_queues_stay(&self, CAUSE_AT_CLASS, w))
		return;
	for (tc = 0; tc < CLASSES; tc++) {
		const struct cause_line *l = &q->line[CAUSE_AT_CLASS][p->out_port * CLASSES + tc];

		if (tc == p->tc)
			continue;
		i = left_after(l, self.t_enter);
		if (tc < p->tc && i)
			i--; /* the one on the wire when it came */
		for (; i < l->n && l->stay[i].t_leave <= self.t_leave; i++)
			*(tc > p->tc ? higher : lower) += l->stay[i].len;
	}
}
