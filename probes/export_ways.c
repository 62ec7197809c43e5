/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/export_ways.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "base/term.h"
#include "probes/ways.h"

#define SETTLE_NS (NS_PER_SEC)		/* an event of a guest is here by then: its agent writes ten times a second */
#define STEP_NS	  (NS_PER_SEC / 4)	/* between looks at what has come */
#define BEGIN_NS  (300 * NS_PER_MS)	/* sources have begun by then */

static const enum event_family family[EV_COUNT] = {
#define X(id, name, fam, who, help) [EV_##id] = EVENT_##fam,
	EVENT_KINDS(X)
#undef X
};

struct told {
	const struct export_ways *to;
	int err;
};

static bool on_way(void *ctx, const struct way *w)
{
	struct told *t = ctx;

	t->err = t->to->way(t->to->ctx, w);
	return !t->err;
}

static int tell_gaps(const struct gather *g, int64_t t_from, int64_t t_to, const struct export_ways *to)
{
	size_t i;
	int err = 0;

	for (i = 0; i < g->n_gaps && !err; i++)
		if (g->gap[i].t_end >= t_from && g->gap[i].t_end < t_to)
			err = to->gap(to->ctx, &g->gap[i]);
	return err;
}

/* What was kept from running, in guests and on the host; nothing of a source whose clock is not known. */
static int tell_spans(const struct gather *g, const struct gather_source *s, int64_t t_from, int64_t t_to, const struct export_ways *to)
{
	char name[80];
	size_t i;
	int err = 0;

	if (s->kind == GATHER_WIRE)
		return 0;
	snprintf(name, sizeof(name), "%s %s", s->kind == GATHER_GUEST ? "guest" : "host", s->kind == GATHER_GUEST ? gather_port(g, s->port) : "");
	for (i = 0; i < s->n_events && !err; i++) {
		const struct event *e = &s->event[i];
		struct join_point begin, end;

		if (e->kind >= EV_COUNT || family[e->kind] != EVENT_SPAN || e->t_end < e->t)
			continue;
		end = gather_map(g, s, e->t_end);
		begin = gather_map(g, s, e->t);
		if (begin.bound_ns != INT64_MAX && end.bound_ns != INT64_MAX && end.t >= t_from && end.t < t_to)
			err = to->event(to->ctx, name, begin.t, end.t, e);
	}
	return err;
}

static int tell(struct gather *g, int64_t t_from, int64_t t_to, const struct export_ways *to)
{
	struct told told = { .to = to };
	struct ways_stat stat = { 0 };
	int i, err = ways_tell(g, t_from, t_to, on_way, &told, &stat);

	err = err ? err : told.err;
	err = err ? err : tell_gaps(g, t_from, t_to, to);
	for (i = 0; i < g->n_sources && !err; i++)
		err = tell_spans(g, &g->source[i], t_from, t_to, to);
	return err;
}

/* The clocks first, of all that there is. */
static int read_recording(struct gather *g, const struct export_ways *to, struct why *why)
{
	struct ways_stat stat = { 0 };
	int err = gather_run(g, NS_NEVER / 4, why);

	err = err ? err : ways_tell(g, INT64_MIN, INT64_MAX, NULL, NULL, &stat);
	return err ? err : tell(g, INT64_MIN, INT64_MAX, to);
}

int export_ways_run(struct gather *g, bool recording, int64_t duration_ns, const struct export_ways *to, struct why *why)
{
	int64_t t_from, t_end, t_to;
	int err, enough = 0;

	if (recording)
		return read_recording(g, to, why);
	err = gather_run(g, BEGIN_NS, why);
	t_from = gather_now(g);
	t_end = duration_ns ? t_from + duration_ns : INT64_MAX;
	while (!err && !enough && !term_stopped() && t_from < t_end) {
		err = gather_run(g, STEP_NS, why);
		t_to = gather_now(g) - SETTLE_NS;
		if (g->ended)	/* nothing comes any more: all that there is */
			t_to = t_end = t_end == INT64_MAX ? gather_now(g) + 1 : t_end;
		t_to = t_to < t_end ? t_to : t_end;
		if (!err && t_to > t_from) {
			err = tell(g, t_from, t_to, to);
			t_from = t_to;
		}
		enough = err ? 0 : to->idle(to->ctx);
		err = enough < 0 ? enough : err;
	}
	return err;
}
