/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/cause_span.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024

void cause_spans_fini(struct cause_spans *s)
{
	free(s->span);
	memset(s, 0, sizeof(*s));
}

static struct cause_span *append(struct cause_spans *s)
{
	struct cause_span *more;
	size_t room;

	if (s->n == s->room) {
		room = s->room ? 2 * s->room : ROOM_FIRST;
		more = reallocarray(s->span, room, sizeof(*more));
		if (!more)
			return NULL;
		s->span = more;
		s->room = room;
	}
	s->sorted = false;
	return &s->span[s->n++];
}

enum owner { NOBODY, THREAD, CPU };

static enum owner owner_of(uint16_t kind)
{
	switch (kind) {
	case EV_PREEMPTED:
	case EV_WAKEUP:
	case EV_STOPPED:
	case EV_SLEPT:
	case EV_EXIT:
	case EV_HALT:
		return THREAD;
	case EV_IRQ:
	case EV_SOFTIRQ:
	case EV_IPI:
	case EV_NMI:
	case EV_STEAL:
	case EV_LOST:
		return CPU;
	default:
		return NOBODY;
	}
}

int cause_spans_add(struct cause_spans *s, int source, const struct event *e, int64_t t, int64_t t_end)
{
	enum owner owner = owner_of(e->kind);
	struct cause_span *x;

	if (owner == NOBODY || t_end <= t)
		return 0;
	if (e->flags & EV_SOFTIRQD)
		owner = CPU;
	x = append(s);
	if (!x)
		return -ENOMEM;
	*x = (struct cause_span){
		.t = t, .t_end = t_end, .arg = e->arg, .owner = owner == CPU ? e->cpu : e->tid, .by = e->by,
		.source = (int16_t)source, .kind = e->kind, .of_cpu = owner == CPU,
	};
	memcpy(x->who, e->who, EVENT_WHO);
	x->who[EVENT_WHO - 1] = '\0';
	return 0;
}

int cause_spans_gap(struct cause_spans *s, int64_t t, int64_t t_end, uint32_t where)
{
	struct cause_span *x;

	if (t_end <= t)
		return 0;
	x = append(s);
	if (!x)
		return -ENOMEM;
	*x = (struct cause_span){.t = t, .t_end = t_end, .by = where, .source = CAUSE_TAKTD, .kind = EV_NONE};
	return 0;
}

void cause_spans_forget(struct cause_spans *s, int64_t t)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		if (s->span[i].t_end > t)
			s->span[n++] = s->span[i];
	s->sorted = s->sorted && n == s->n;
	s->n = n;
}

/* By owner; <0, 0, >0. */
static int compare_owner(const struct cause_span *x, int source, bool of_cpu, uint32_t owner)
{
	if (x->source != source)
		return x->source < source ? -1 : 1;
	if (x->of_cpu != of_cpu)
		return x->of_cpu < of_cpu ? -1 : 1;
	return x->owner == owner ? 0 : x->owner < owner ? -1 : 1;
}

static int compare(const void *a, const void *b)
{
	const struct cause_span *x = a, *y = b;
	int c = compare_owner(x, y->source, y->of_cpu, y->owner);

	return c ? c : x->t == y->t ? 0 : x->t < y->t ? -1 : 1;
}

void cause_spans_sort(struct cause_spans *s)
{
	size_t i;

	if (s->sorted)
		return;
	if (s->n)
		qsort(s->span, s->n, sizeof(*s->span), compare);
	for (i = 0; i < s->n; i++) {
		struct cause_span *x = &s->span[i];

		x->t_last = x->t_end;
		if (i && !compare_owner(x, x[-1].source, x[-1].of_cpu, x[-1].owner) && x[-1].t_last > x->t_last)
			x->t_last = x[-1].t_last;
	}
	s->sorted = true;
}

/* The first of this owner of which one up to it ends after t. */
static size_t first_after(const struct cause_spans *s, int source, bool of_cpu, uint32_t owner, int64_t t)
{
	size_t a = 0, b = s->n;

	while (a < b) {
		size_t m = a + (b - a) / 2;
		int c = compare_owner(&s->span[m], source, of_cpu, owner);

		if (c < 0 || (!c && s->span[m].t_last <= t))
			a = m + 1;
		else
			b = m;
	}
	return a;
}

const struct cause_span *cause_spans_next(const struct cause_spans *s, int source, bool of_cpu, uint32_t owner, int64_t t, int64_t t_end,
					  size_t *at)
{
	size_t i = *at == SIZE_MAX ? first_after(s, source, of_cpu, owner, t) : *at;

	for (; i < s->n && !compare_owner(&s->span[i], source, of_cpu, owner) && s->span[i].t < t_end; i++)
		if (s->span[i].t_end > t) {
			*at = i + 1;
			return &s->span[i];
		}
	*at = i;
	return NULL;
}
