/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probes/blame_roles.h"

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

/* -- what is watched ----------------------------------------------------------------------------------------------- */

static void not_watched(struct blame_store *s, enum cause_watch bit, const char *sentence)
{
	char *why = s->unwatched[__builtin_ctz(bit)];

	if (!*why)
		snprintf(why, sizeof(s->unwatched[0]), "%s", sentence);
}

/* All these points of a source are live? Else why the first one is not. */
static bool are_live(struct blame_store *s, const struct gather_source *from, enum cause_watch bit, const char *const *point)
{
	char sentence[WHY_LEN];
	const char *why;

	for (; *point; point++) {
		why = NULL;
		if (gather_point(from, *point, &why) == 1)
			continue;
		snprintf(sentence, sizeof(sentence), "%.60s: %s: %.160s", from->name, *point, why ?: "not told");
		not_watched(s, bit, sentence);
		return false;
	}
	s->watched |= bit;
	return true;
}

static void watch_host(struct blame_store *s, const struct gather_source *host)
{
	static const char *const sched[] = {"sched_switch", NULL}, *const irq[] = {"irq_handler", "softirq", NULL},
			  *const kvm[] = {"kvm_exit", "kvm_entry", NULL};
	bool vcpus = false;
	uint32_t i;

	for (i = 0; i < PKT_MAX_PORTS; i++)
		vcpus |= s->roles.guest[i].n;
	if (!host) {
		for (i = CAUSE_BY_HOST_SCHED; i <= CAUSE_BY_KVM; i <<= 1)
			not_watched(s, i, "the host: give --host");
		return;
	}
	if (!s->roles.worker_tid)
		not_watched(s, CAUSE_BY_HOST_SCHED, "taktd did not tell which thread its worker is");
	else
		are_live(s, host, CAUSE_BY_HOST_SCHED, sched);
	if (s->roles.worker_cpu < 0) {
		not_watched(s, CAUSE_BY_HOST_IRQ, "taktd's worker is on no CPU of its own (`cpu:` in its file)");
		not_watched(s, CAUSE_BY_STEAL, "taktd's worker is on no CPU of its own (`cpu:` in its file)");
	} else {
		are_live(s, host, CAUSE_BY_HOST_IRQ, irq);
		s->watched |= CAUSE_BY_STEAL;
	}
	if (!vcpus) {
		not_watched(s, CAUSE_BY_VCPU, "no guest's vCPU threads are known");
		not_watched(s, CAUSE_BY_KVM, "no guest's vCPU threads are known");
	} else {
		are_live(s, host, CAUSE_BY_VCPU, sched);
		are_live(s, host, CAUSE_BY_KVM, kvm);
	}
}

static void watch_guests(struct blame_store *s, const struct gather *g)
{
	static const char *const points[] = {"switch", "irq", "softirq", NULL};
	int i;

	for (i = 0; i < g->n_sources; i++)
		if (g->source[i].kind == GATHER_GUEST) {
			s->watched |= CAUSE_BY_GUEST;
			are_live(s, &g->source[i], CAUSE_BY_GUEST_CPU, points);
		}
	not_watched(s, CAUSE_BY_GUEST, "no guest: give --guest");
	not_watched(s, CAUSE_BY_GUEST_CPU, "no guest: give --guest");
}

/* -- all of it ----------------------------------------------------------------------------------------------------- */

int blame_source_take(struct blame_store *s, struct gather *g, int64_t t_from, int64_t t_to, bool live, struct ways_stat *stat)
{
	struct taking t = {.s = s};
	const struct gather_source *host = NULL;
	size_t i;
	int k, err;

	for (k = 0; k < PKT_MAX_PORTS; k++)
		memcpy(s->port_name[k], g->port_name[k], REC_NAME);
	blame_roles_read(&s->roles, g->show, live);
	blame_roles_load(&s->roles, json_object_get(json_object_get(g->meta, "extra"), "guests"));
	err = gather_fit(g);
	for (k = 0; !err && k < g->n_sources; k++) {
		if (g->source[k].kind == GATHER_HOST)
			host = &g->source[k];
		else
			t.ways = true;
	}
	err = err ?: ways_tell(g, t_from, t_to, take_way, &t, stat); /* it bounds the guests' clocks further: events are put on the axis after it */
	err = err ?: t.err;
	for (i = 0; !err && i < g->n_gaps; i++)
		err = blame_store_gap(s, &g->gap[i], g->gap[i].t_end > s->t_first && g->gap[i].t_begin < s->t_last);
	for (k = 0; !err && k < g->n_sources; k++)
		if (g->source[k].kind != GATHER_WIRE)
			err = take_events(s, g, k);
	if (!err) {
		watch_host(s, host);
		watch_guests(s, g);
	}
	return err;
}
