/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_source.h"

#include <errno.h>
#include <string.h>

#include "probes/blame_roles.h"
#include "probes/blame_watched.h"

struct taking {
	struct blame_store *s;
	bool ways;	/* somebody beside taktd told of frames */
	int err;
};

static bool take_way(void *ctx, const struct way *w)
{
	struct taking *t = ctx;

	t->err = t->ways ? blame_store_way(t->s, w) : blame_store_rec(t->s, &w->rec, w->key);
	return !t->err;
}

/* Spans alone are wanted: frames' edges are in their ways. */
static int take_events(struct blame_store *s, struct gather *g, int index)
{
	const struct gather_source *from = &g->source[index];
	struct join_point t, t_end;
	size_t i;

	for (i = 0; i < from->n_events; i++) {
		const struct event *e = &from->event[i];

		if (e->t_end <= e->t || e->kind < EV_PREEMPTED)
			continue;
		t = gather_map(g, from, e->t);
		t_end = gather_map(g, from, e->t_end);
		if (t.bound_ns == INT64_MAX || t_end.bound_ns == INT64_MAX)
			continue;
		if (cause_spans_add(&s->spans, from->kind == GATHER_HOST ? CAUSE_HOST : index, e, t.t, t_end.t))
			return -ENOMEM;
	}
	return 0;
}

/* -- all of it ----------------------------------------------------------------------------------------------------- */

int blame_source_take(struct blame_store *s, struct gather *g, int64_t t_from, int64_t t_to, struct ways_stat *stat)
{
	struct taking t = {.s = s};
	size_t i;
	int k, err;

	for (k = 0; k < PKT_MAX_PORTS; k++)
		memcpy(s->port_name[k], g->port_name[k], REC_NAME);
	blame_roles_read(&s->roles, g->show);
	blame_roles_load(&s->roles, json_object_get(json_object_get(g->meta, "extra"), "guests"));
	err = gather_fit(g);
	for (k = 0; k < g->n_sources; k++)
		t.ways |= g->source[k].kind != GATHER_HOST;
	err = err ?: ways_tell(g, t_from, t_to, take_way, &t, stat); /* it bounds the guests' clocks further: events are put on the axis after it */
	err = err ?: t.err;
	for (i = 0; !err && i < g->n_gaps; i++)
		err = blame_store_gap(s, &g->gap[i], g->gap[i].t_end > s->t_first && g->gap[i].t_begin < s->t_last);
	for (k = 0; !err && k < g->n_sources; k++)
		if (g->source[k].kind != GATHER_WIRE)
			err = take_events(s, g, k);
	if (!err)
		blame_watched(s, g);
	return err;
}
