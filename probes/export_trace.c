/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A trace of the tail: the frames that stayed longest, hop by hop, and what had the CPUs around them.
 */
#include "probes/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "base/ns.h"
#include "probes/evfile.h"
#include "probes/perfetto.h"

#define AROUND_NS  NS_PER_MS	/* what happened so long before and after a frame is shown with it */
#define EVENTS_MAX (1u << 20)	/* spans and poll gaps that are kept until it is known which frames are the worst */

struct tail {
	struct way w;
	int64_t t_begin, t_end, ns;
	const struct export *x;
};

/* A poll gap of the worker, or an event of a source. */
struct span {
	int64_t t, t_end;
	struct event e;
	char source[48];	/* "": a poll gap; e.by is where it was */
};

struct state {
	struct tail *heap;	/* the least of them first */
	size_t n;
	struct span *span;
	size_t n_spans, room;
	uint64_t left_out;	/* spans above EVENTS_MAX */
	struct perfetto trace;
};

static int begin(struct export *x, struct why *why)
{
	struct state *s = calloc(1, sizeof(*s));

	x->state = s;
	if (s)
		s->heap = malloc((size_t)x->conf->worst * sizeof(*s->heap));
	return s && s->heap ? 0 : why_fail(why, ENOMEM, "out of memory");
}

static void fini(struct export *x)
{
	struct state *s = x->state;

	if (!s)
		return;
	perfetto_fini(&s->trace);
	free(s->span);
	free(s->heap);
	free(s);
	x->state = NULL;
}

/* -- the tail -------------------------------------------------------------------------------------------------------- */

static void sift_down(struct tail *heap, size_t n)
{
	size_t at = 0, child;

	while ((child = 2 * at + 1) < n) {
		struct tail swap = heap[at];

		if (child + 1 < n && heap[child + 1].ns < heap[child].ns)
			child++;
		if (swap.ns <= heap[child].ns)
			return;
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

static void sift_up(struct tail *heap, size_t at)
{
	for (; at && heap[at].ns < heap[(at - 1) / 2].ns; at = (at - 1) / 2) {
		struct tail swap = heap[at];

		heap[at] = heap[(at - 1) / 2];
		heap[(at - 1) / 2] = swap;
	}
}

static int frame(struct export *x, const struct way *w)
{
	struct tail new = { .w = *w, .x = x };
	struct state *s = x->state;
	struct way_edge first, last;

	way_span(w, &first, &last);
	new.t_begin = first.t;
	new.t_end = last.t;
	new.ns = new.t_end - new.t_begin;
	if (new.ns <= x->conf->threshold_ns)
		return 0;
	if (s->n < (size_t)x->conf->worst) {
		s->heap[s->n] = new;
		sift_up(s->heap, s->n++);
	} else if (new.ns > s->heap[0].ns) {
		s->heap[0] = new;
		sift_down(s->heap, s->n);
	}
	return 0;
}

static int add_span(struct export *x, const char *source, int64_t t, int64_t t_end, const struct event *e)
{
	struct state *s = x->state;

	if (s->n_spans == EVENTS_MAX) {
		s->left_out++;
		return 0;
	}
	if (s->n_spans == s->room) {
		size_t room = s->room ? 2 * s->room : 256;
		struct span *more = realloc(s->span, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->span = more;
		s->room = room;
	}
	s->span[s->n_spans] = (struct span){ .t = t, .t_end = t_end, .e = *e };
	snprintf(s->span[s->n_spans++].source, sizeof(s->span->source), "%s", source);
	return 0;
}

static int gap(struct export *x, const struct rec_gap *g)
{
	const struct event e = { .kind = EV_NONE, .by = g->where };

	return add_span(x, "", g->t_begin, g->t_end, &e);
}

/* -- the trace ------------------------------------------------------------------------------------------------------- */

static void frame_args(struct out *o, const void *what)
{
	const struct tail *t = what;
	const struct pkt *p = &t->w.rec;
	char key[32];

	out_uint(o, "seq", p->seq, NULL);
	snprintf(key, sizeof(key), "0x%016" PRIx64, t->w.key);
	out_str(o, "key", t->w.key ? key : NULL, NULL);
	if (key_is_numbered(t->w.key))
		out_uint(o, "seqid", key_seqid(t->w.key), NULL);
	out_str(o, "in", port_name(&t->x->ports, p->in_port), NULL);
	out_str(o, "out", port_name(&t->x->ports, p->out_port), NULL);
	out_int(o, "class", p->tc, NULL);
	out_str(o, "verdict", pkt_verdict_name(p->verdict), NULL);
	out_int(o, "whole_ns", t->ns, NULL);
}

static void event_args(struct out *o, const void *what)
{
	const struct span *s = what;

	out_int(o, "cpu", s->e.cpu, NULL);
	out_int(o, "tid", s->e.tid, NULL);
	out_int(o, "by", s->e.by, NULL);
}

/* Hops up to the lookup are the ingress port's, the others the egress port's. */
static int add_frame(struct state *s, const struct tail *t, uint64_t flow)
{
	char name[PERFETTO_NAME];
	int i, err = 0, process = perfetto_process(&s->trace, "frames of the tail");

	for (i = 0; i < WAY_HOPS_COUNT && !err; i++) {
		uint8_t port = i <= WAY_CLASS ? t->w.rec.in_port : t->w.rec.out_port;
		struct perfetto_slice slice = { .t = t->w.begin[i].t, .t_end = t->w.end[i].t, .flow = flow, .args = frame_args, .what = t };

		if (!way_has(&t->w, (enum way_hop)i) || way_ns(&t->w, (enum way_hop)i) <= 0)
			continue;
		snprintf(name, sizeof(name), "%s: %s", port_name(&t->x->ports, port), way_names[i]);
		slice.track = perfetto_track(&s->trace, process, name, i * 64 + port % 64);
		snprintf(slice.name, sizeof(slice.name), "%s %" PRIu64, way_names[i], t->w.rec.seq);
		err = perfetto_add(&s->trace, &slice);
	}
	return err;
}

static int add_event(struct state *s, const struct span *p)
{
	struct perfetto_slice slice = { .t = p->t, .t_end = p->t_end };
	const char *kind = p->e.kind < EV_COUNT ? event_names[p->e.kind] : "?";
	char track[PERFETTO_NAME];

	if (!p->source[0]) {
		slice.track = perfetto_track(&s->trace, perfetto_process(&s->trace, "worker"), "poll gaps", 0);
		snprintf(slice.name, sizeof(slice.name), "poll gap %s", rec_where_name(p->e.by));
		return perfetto_add(&s->trace, &slice);
	}
	if (p->e.tid)
		snprintf(track, sizeof(track), "thread %u", p->e.tid);
	else
		snprintf(track, sizeof(track), "CPU %u", p->e.cpu);
	slice.track = perfetto_track(&s->trace, perfetto_process(&s->trace, p->source), track, p->e.tid ? 1000 : p->e.cpu);
	snprintf(slice.name, sizeof(slice.name), "%s: %.*s", kind, EVENT_WHO, p->e.who);
	slice.args = event_args;
	slice.what = p;
	return perfetto_add(&s->trace, &slice);
}

static int by_begin(const void *va, const void *vb)
{
	const struct tail *a = va, *b = vb;

	return (a->t_begin > b->t_begin) - (a->t_begin < b->t_begin);
}

/* Frames in order of their beginning, `reach` the latest end of those up to each: is one of them near? */
static bool is_near(const struct state *s, const int64_t *reach, const struct span *p)
{
	size_t from = 0, to = s->n, middle;

	while (from < to) {
		middle = (from + to) / 2;
		if (s->heap[middle].t_begin - AROUND_NS <= p->t_end)
			from = middle + 1;
		else
			to = middle;
	}
	return from && reach[from - 1] + AROUND_NS >= p->t;
}

static int fill(struct state *s, int64_t *t_zero)
{
	int64_t *reach = malloc((s->n + 1) * sizeof(*reach));
	int err = reach ? 0 : -ENOMEM;
	size_t i;

	if (!err && s->n)
		qsort(s->heap, s->n, sizeof(*s->heap), by_begin);
	*t_zero = 0;
	for (i = 0; i < s->n && !err; i++) {
		reach[i] = i && reach[i - 1] > s->heap[i].t_end ? reach[i - 1] : s->heap[i].t_end;
		err = add_frame(s, &s->heap[i], i + 1);
	}
	for (i = 0; i < s->n_spans && !err; i++)
		if (is_near(s, reach, &s->span[i]))
			err = add_event(s, &s->span[i]);
	free(reach);
	/* No instant is negative: somebody may have slept since long before the first frame. */
	for (i = 0; i < s->trace.n_slices; i++)
		*t_zero = !i || s->trace.slice[i].t < *t_zero ? s->trace.slice[i].t : *t_zero;
	return err;
}

static int end(struct export *x, struct why *why)
{
	struct state *s = x->state;
	char zero[32];
	int64_t t_zero;
	struct out o;
	int err = fill(s, &t_zero);

	if (err)
		return why_fail(why, -err, "out of memory: ask for fewer frames with --worst");
	out_init(&o, x->f, true);
	out_object(&o, NULL);
	err = perfetto_write(&s->trace, &o, t_zero);
	out_object(&o, "otherData");
	out_str(&o, "taktd", x->instance, NULL);
	snprintf(zero, sizeof(zero), "%" PRId64, t_zero);
	out_str(&o, "t_zero_tai_ns", zero, NULL);
	out_uint(&o, "frames", s->n, NULL);
	out_uint(&o, "frames_seen", x->frames, NULL);
	out_uint(&o, "records_lost", x->lost, NULL);
	out_uint(&o, "events_left_out", s->left_out, NULL);
	out_end(&o);
	out_end(&o);
	if (err)
		return why_fail(why, -err, "out of memory: ask for fewer frames with --worst");
	return o.err ? -o.err : 0;
}

const struct export_format export_trace = {
	.name = "trace", .help = "for Perfetto and chrome://tracing: the frames that stayed longest, hop by hop, and what had the CPUs meanwhile",
	.guests = true, .begin = begin, .frame = frame, .gap = gap, .event = add_span, .end = end, .fini = fini,
};
