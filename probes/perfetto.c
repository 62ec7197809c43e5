/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/perfetto.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void perfetto_fini(struct perfetto *p)
{
	free(p->process);
	free(p->track);
	free(p->slice);
	memset(p, 0, sizeof(*p));
}

int perfetto_process(struct perfetto *p, const char *name)
{
	char (*more)[PERFETTO_NAME];
	int i;

	for (i = 0; i < p->n_processes; i++)
		if (!strncmp(p->process[i], name, PERFETTO_NAME - 1))
			return i;
	more = realloc(p->process, (size_t)(i + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	p->process = more;
	snprintf(p->process[i], PERFETTO_NAME, "%s", name);
	return p->n_processes++;
}

int perfetto_track(struct perfetto *p, int process, const char *name, int order)
{
	struct perfetto_track *more;
	int i;

	if (process < 0)
		return process;
	for (i = 0; i < p->n_tracks; i++)
		if (p->track[i].process == process && !strncmp(p->track[i].name, name, PERFETTO_NAME - 1))
			return i;
	if (i == PERFETTO_TRACKS)
		return i - 1;
	if (i == PERFETTO_TRACKS - 1)
		name = "(others)";
	more = realloc(p->track, (size_t)(i + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	p->track = more;
	p->track[i] = (struct perfetto_track){ .process = process, .order = order };
	snprintf(p->track[i].name, PERFETTO_NAME, "%s", name);
	return p->n_tracks++;
}

int perfetto_add(struct perfetto *p, const struct perfetto_slice *s)
{
	if (s->track < 0)
		return s->track;
	if (p->n_slices == p->room) {
		size_t room = p->room ? 2 * p->room : 1024;
		struct perfetto_slice *more = realloc(p->slice, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		p->slice = more;
		p->room = room;
	}
	p->slice[p->n_slices++] = *s;
	return 0;
}

/* -- order ----------------------------------------------------------------------------------------------------------- */

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_flow(const void *va, const void *vb)
{
	const struct perfetto_slice *a = va, *b = vb;

	if (a->flow != b->flow)
		return a->flow < b->flow ? -1 : 1;
	return compare(a->t, b->t) ?: compare(a->t_end, b->t_end);
}

static int by_track(const void *va, const void *vb)
{
	const struct perfetto_slice *a = va, *b = vb;

	return compare(a->track, b->track) ?: compare(a->t, b->t) ?: compare(a->t_end, b->t_end) ?: by_flow(va, vb);
}

static void number_flows(struct perfetto *p)
{
	size_t i;

	if (p->n_slices)
		qsort(p->slice, p->n_slices, sizeof(*p->slice), by_flow);
	for (i = 0; i < p->n_slices; i++) {
		struct perfetto_slice *s = &p->slice[i];

		s->nth = i && s[-1].flow == s->flow ? s[-1].nth + 1 : 0;
		s->last = i + 1 == p->n_slices || s[1].flow != s->flow;
	}
}

/* Of a track's slices in order of their beginning: each takes the first lane that is free again. */
static int find_lanes(struct perfetto *p)
{
	int64_t *until = NULL, *more;
	struct perfetto_track *t;
	size_t i;
	int lane;

	if (p->n_slices)
		qsort(p->slice, p->n_slices, sizeof(*p->slice), by_track);
	for (i = 0; i < p->n_slices; i++) {
		struct perfetto_slice *s = &p->slice[i];

		t = &p->track[s->track];
		for (lane = 0; lane < t->lanes && until[lane] > s->t; lane++)
			;
		if (lane == PERFETTO_LANES)
			lane--;
		if (lane == t->lanes) {
			more = realloc(until, (size_t)(lane + 1) * sizeof(*until));
			if (!more) {
				free(until);
				return -ENOMEM;
			}
			until = more;
			t->lanes++;
		}
		until[lane] = s->t_end;
		s->lane = lane;
	}
	free(until);
	return 0;
}

/* -- writing --------------------------------------------------------------------------------------------------------- */

static void begin_event(struct out *o, const char *phase, const char *name, int process, int thread)
{
	out_object(o, NULL);
	out_str(o, "ph", phase, NULL);
	out_str(o, "name", name, NULL);
	out_int(o, "pid", process, NULL);
	out_int(o, "tid", thread, NULL);
}

static void put_us(struct out *o, const char *key, int64_t ns)
{
	out_real(o, key, (double)ns / 1000, NULL);
}

static void put_name(struct out *o, const char *what, const char *name, int process, int thread, int order)
{
	bool is_thread = !strcmp(what, "thread");
	char kind[32];

	snprintf(kind, sizeof(kind), "%s_name", what);
	begin_event(o, "M", kind, process, thread);
	out_object(o, "args");
	out_str(o, "name", name, NULL);
	out_end(o);
	out_end(o);
	snprintf(kind, sizeof(kind), "%s_sort_index", what);
	begin_event(o, "M", kind, process, is_thread ? thread : 0);
	out_object(o, "args");
	out_int(o, "sort_index", order, NULL);
	out_end(o);
	out_end(o);
}

static void put_tracks(struct perfetto *p, struct out *o)
{
	char name[PERFETTO_NAME + 16];
	int i, lane, next = 1;

	for (i = 0; i < p->n_processes; i++)
		put_name(o, "process", p->process[i], i + 1, 0, i);
	for (i = 0; i < p->n_tracks; i++) {
		struct perfetto_track *t = &p->track[i];

		t->base = next;
		for (lane = 0; lane < t->lanes; lane++, next++) {
			snprintf(name, sizeof(name), lane ? "%s #%d" : "%s", t->name, lane + 1);
			put_name(o, "thread", name, t->process + 1, next, t->order * 1000 + lane);
		}
	}
}

static void put_slice(const struct perfetto *p, const struct perfetto_slice *s, struct out *o, int64_t t_zero)
{
	const struct perfetto_track *t = &p->track[s->track];
	bool instant = s->t_end <= s->t;

	begin_event(o, instant ? "i" : "X", s->name, t->process + 1, t->base + s->lane);
	put_us(o, "ts", s->t - t_zero);
	if (instant)
		out_str(o, "s", "t", NULL);
	else
		put_us(o, "dur", s->t_end - s->t);
	if (s->args) {
		out_object(o, "args");
		s->args(o, s->what);
		out_end(o);
	}
	out_end(o);
	if (!s->flow || instant || (!s->nth && s->last))
		return;
	/* In the slice's middle: at its edges it could be taken for a neighbour's. */
	begin_event(o, !s->nth ? "s" : s->last ? "f" : "t", "frame", t->process + 1, t->base + s->lane);
	out_str(o, "cat", "frame", NULL);
	out_uint(o, "id", s->flow, NULL);
	put_us(o, "ts", s->t + (s->t_end - s->t) / 2 - t_zero);
	if (s->nth && s->last)
		out_str(o, "bp", "e", NULL);
	out_end(o);
}

int perfetto_write(struct perfetto *p, struct out *o, int64_t t_zero)
{
	size_t i;
	int err;

	number_flows(p);
	err = find_lanes(p);
	if (err)
		return err;
	out_str(o, "displayTimeUnit", "ns", NULL);
	out_array(o, "traceEvents");
	put_tracks(p, o);
	for (i = 0; i < p->n_slices; i++)
		put_slice(p, &p->slice[i], o, t_zero);
	out_end(o);
	return 0;
}
