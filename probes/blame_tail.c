/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_tail.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"

int64_t blame_tail_length(const struct blame_tail_conf *c, const struct way *w)
{
	int64_t ns = 0;
	int i;

	if (c->hop >= 0)
		return way_has(w, c->hop) ? way_ns(w, c->hop) : 0;
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (way_has(w, i))
			ns += way_ns(w, i);
	return ns;
}

static int longest_first(const void *a, const void *b)
{
	const struct blame_late *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	return x->frame == y->frame ? 0 : x->frame < y->frame ? -1 : 1;
}

/* One pass over all frames: what is usual, who was ahead of whom, and how long each took. */
static int look(struct blame_tail *t, struct blame_store *s)
{
	size_t i, n = blame_store_frames(s);
	const struct way *w;
	struct way room;

	t->late = calloc(n + 1, sizeof(*t->late));
	if (!t->late || cause_typical_init(&t->typical) || cause_queues_init(&t->queues))
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		w = blame_store_get(s, i, &room);
		if (cause_typical_add(&t->typical, w) || cause_queues_add(&t->queues, w))
			return -ENOMEM;
		if (t->conf.seq >= 0 && w->rec.seq != (uint64_t)t->conf.seq)
			continue;
		if (t->conf.numbered && !(key_is_numbered(w->key) && key_seqid(w->key)))
			continue;
		t->late[t->n++] = (struct blame_late){.frame = i, .ns = blame_tail_length(&t->conf, w)};
	}
	cause_queues_sort(&t->queues);
	cause_spans_sort(&s->spans);
	qsort(t->late, t->n, sizeof(*t->late), longest_first);
	return 0;
}

static void cut(struct blame_tail *t)
{
	size_t n = t->n;

	if (t->conf.seq >= 0)
		return;
	if (t->conf.threshold_ns) {
		for (n = 0; n < t->n && t->late[n].ns > t->conf.threshold_ns; n++)
			;
		t->limit_ns = t->conf.threshold_ns;
	} else {
		n = (size_t)ceil((double)t->n * t->conf.worst);
		n = n < t->n ? n : t->n;
		t->limit_ns = n ? t->late[n - 1].ns : 0;
	}
	t->n = n;
}

static struct blame_who *who_of(struct blame_row *row, const struct blame_part *p)
{
	uint32_t i;

	for (i = 0; i < row->n_who; i++)
		if (row->who[i].kind == p->span.kind && !strcmp(row->who[i].who, p->span.who))
			return &row->who[i];
	if (row->n_who == BLAME_WHOS)
		return &row->who[BLAME_WHOS - 1];
	row->who[row->n_who] = (struct blame_who){.kind = p->span.kind, .by = p->span.by};
	memcpy(row->who[row->n_who].who, p->span.who, EVENT_WHO);
	return &row->who[row->n_who++];
}

static void count(struct blame_tail *t, const struct way *w, const struct blame_result *r)
{
	uint32_t i;
	int c;

	for (c = 0; c < CAUSE_COUNT; c++) {
		struct blame_row *row = &t->row[c];

		if (!r->cause_ns[c])
			continue;
		row->ns += r->cause_ns[c];
		row->frames++;
		row->first += r->first == (enum cause)c;
		if (r->cause_ns[c] > row->longest_ns) {
			row->longest_ns = r->cause_ns[c];
			row->example = w->rec.seq;
		}
	}
	for (i = 0; i < r->n; i++)
		if (r->part[i].has_span) {
			struct blame_who *who = who_of(&t->row[r->part[i].cause], &r->part[i]);

			who->ns += r->part[i].ns;
			who->frames++;
		}
	t->excess_ns += r->excess_ns;
}

static struct blame_result *copy_of(const struct blame_result *r)
{
	size_t size = offsetof(struct blame_result, part) + r->n * sizeof(r->part[0]);
	struct blame_result *copy = malloc(size);

	if (copy)
		memcpy(copy, r, size);
	return copy;
}

static int blame_all(struct blame_tail *t, struct blame_store *s)
{
	struct blame_result *r = malloc(sizeof(*r));
	const struct way *w;
	struct way room;
	size_t i, n = 0;
	int err = r ? 0 : -ENOMEM;

	t->blame.spans = &s->spans;
	t->blame.queues = &t->queues;
	t->blame.typical = &t->typical;
	t->blame.roles = s->roles;
	for (i = 0; i < t->n && !err; i++) {
		w = blame_store_get(s, t->late[i].frame, &room);
		err = blame_frame(&t->blame, w, r);
		if (err || (!r->excess_ns && t->conf.seq < 0 && !t->conf.threshold_ns)) /* as long as any: no tail */
			continue;
		t->late[n] = t->late[i];
		t->late[n].result = copy_of(r);
		if (!t->late[n].result)
			err = -ENOMEM;
		else
			count(t, w, t->late[n++].result);
	}
	free(r);
	t->n = n;
	return err;
}

static void rank(struct blame_tail *t)
{
	int c, i;

	for (c = 0; c < CAUSE_COUNT; c++) {
		if (!t->row[c].ns)
			continue;
		for (i = t->n_rank++; i && t->row[t->rank[i - 1]].ns < t->row[c].ns; i--)
			t->rank[i] = t->rank[i - 1];
		t->rank[i] = c;
	}
}

int blame_tail_find(struct blame_tail *t, const struct blame_tail_conf *conf, struct blame_store *s)
{
	int err;

	memset(t, 0, sizeof(*t));
	t->conf = *conf;
	err = look(t, s);
	if (err) {
		t->n = 0;
		return err;
	}
	cut(t);
	err = blame_all(t, s);
	rank(t);
	return err;
}

void blame_tail_fini(struct blame_tail *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->late[i].result);
	free(t->late);
	blame_fini(&t->blame);
	cause_queues_fini(&t->queues);
	cause_typical_fini(&t->typical);
	memset(t, 0, sizeof(*t));
}
