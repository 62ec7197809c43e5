/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/path_ways.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "probes/floor.h"
#include "probes/ways_table.h"

#define SETTLE_NS (NS_PER_SEC)		/* an event of a guest is here by then: its agent writes ten times a second */
#define STEP_NS	  (NS_PER_SEC / 2)	/* between looks at what has come */
#define BEGIN_NS  (300 * NS_PER_MS)	/* sources have begun by then */
#define KEEP_NS	  (8 * NS_PER_SEC)
#define MOST	  16			/* frames that are shown one by one */

struct view {
	const struct path_ways *p;
	struct gather *g;
	struct ways_table *table;
	struct noise_result floor;	/* of a taktd that runs */
	int64_t t_begin;
	struct out out;
	uint64_t found;
	int err;
};

static bool is_one(const struct path_ways *p)
{
	return p->seq >= 0 || p->seqid >= 0 || p->key;
}

static bool is_asked(const struct view *v, const struct way *w)
{
	const struct path_ways *p = v->p;

	if (p->tc >= 0 && w->rec.tc != p->tc)
		return false;
	return !p->port || !strcmp(gather_port(v->g, w->rec.out_port), p->port);
}

static bool is_it(const struct view *v, const struct way *w)
{
	const struct path_ways *p = v->p;

	if (p->seq >= 0 && w->rec.seq != (uint64_t)p->seq)
		return false;
	if (p->seqid >= 0 && !(key_is_numbered(w->key) && key_seqid(w->key) == (uint32_t)p->seqid))
		return false;
	return !p->key || w->key == p->key;
}

static bool on_way(void *ctx, const struct way *w)
{
	struct view *v = ctx;

	if (!is_asked(v, w))
		return true;
	if (!is_one(v->p)) {
		v->err = ways_table_add(v->table, w);
		return !v->err && !(v->p->count && v->table->frames >= (uint64_t)v->p->count);
	}
	if (!is_it(v, w) || v->found == MOST)
		return true;
	v->found++;
	ways_waterfall(w, v->g, &v->out);
	return true;
}

static int tell(struct view *v, int64_t t_from, int64_t t_to)
{
	int err = ways_tell(v->g, t_from, t_to, on_way, v, &v->table->stat);

	return err ?: v->err;
}

/* What the machine itself takes, beside what was measured on it. */
static void print_floor(struct view *v, struct out *o)
{
	struct noise_worker worker = {.known = true, .span_ns = gather_now(v->g) - v->t_begin};
	size_t i;

	if (!v->floor.t_first)
		return;
	for (i = 0; i < v->g->n_gaps; i++) {
		int64_t ns = v->g->gap[i].t_end - v->g->gap[i].t_begin;

		if (v->g->gap[i].t_begin < v->t_begin)
			continue;
		/* Of a long look the last seconds' gaps are there. */
		if (!worker.count && v->g->recs_forgotten)
			worker.span_ns = gather_now(v->g) - v->g->gap[i].t_begin;
		worker.count++;
		worker.lost_ns += ns;
		worker.longest_ns = ns > worker.longest_ns ? ns : worker.longest_ns;
	}
	out_text(o, "\n");
	noise_floor_print(&v->floor, &worker, o);
}

static void show_table(struct view *v, const struct term *t)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct out o, like;

	if (!f) {
		v->err = -ENOMEM;
		return;
	}
	out_init(&like, stdout, v->p->json);
	out_init(&o, f, v->p->json);
	o.colour = like.colour;
	out_object(&o, NULL);
	out_str(&o, "instance", v->g->instance, NULL);
	ways_table_print(v->table, v->g, &o);
	print_floor(v, &o);
	out_end(&o);
	out_fini(&o);
	fclose(f);
	term_draw(t, text);
	free(text);
}

/* Live: what is old enough is told now and then, and forgotten. */
static int watch(struct view *v, const struct term *t, struct why *why)
{
	const struct path_ways *p = v->p;
	int64_t t_from, t_end, t_to;
	int err;

	if (!is_one(p))
		floor_look(&v->floor, p->from.name, NULL);
	err = gather_run(v->g, BEGIN_NS, why);
	t_from = v->t_begin = gather_now(v->g);
	t_end = p->follow ? INT64_MAX : t_from + p->interval_ns;
	while (!err && !term_stopped() && t_from < t_end && !(p->count && v->table->frames >= (uint64_t)p->count)) {
		err = gather_run(v->g, STEP_NS, why);
		t_to = gather_now(v->g) - SETTLE_NS;
		if (v->g->ended) /* nothing comes any more: all that there is */
			t_to = t_end = t_end == INT64_MAX ? gather_now(v->g) + 1 : t_end;
		t_to = t_to < t_end ? t_to : t_end;
		if (err || t_to <= t_from)
			continue;
		err = tell(v, t_from, t_to);
		t_from = t_to;
		if (!err && p->follow && !is_one(p))
			show_table(v, t);
	}
	if (!err && !is_one(p) && !p->follow && !term_stopped())
		floor_look(&v->floor, p->from.name, NULL);
	return err;
}

/* Where all guests' events are: a frame before or after them cannot have any. */
static void common_span(const struct gather *g, int64_t *t_from, int64_t *t_to)
{
	struct join_point first, last;
	int i;

	*t_from = INT64_MIN;
	*t_to = INT64_MAX;
	for (i = 0; i < g->n_sources; i++) {
		const struct gather_source *s = &g->source[i];

		if (s->kind != GATHER_GUEST || !s->n_events)
			continue;
		first = gather_map(g, s, s->event[0].t);
		last = gather_map(g, s, s->event[s->n_events - 1].t);
		if (first.bound_ns == INT64_MAX || last.bound_ns == INT64_MAX)
			continue;
		/* Of another time altogether, or so it says: that hides no frame of the others. */
		if (g->n_recs && (first.t > gather_now(g) || last.t < g->rec[0].p.t_seen))
			continue;
		*t_from = first.t > *t_from ? first.t : *t_from;
		*t_to = last.t < *t_to ? last.t : *t_to;
	}
}

/* A recording: the clocks first, of all that there is. */
static int read_all(struct view *v, struct why *why)
{
	int64_t t_from, t_to;
	int err = gather_run(v->g, NS_NEVER / 4, why);

	err = err ?: ways_tell(v->g, INT64_MIN, INT64_MAX, NULL, NULL, NULL);
	if (err)
		return err;
	common_span(v->g, &t_from, &t_to);
	return tell(v, t_from, t_to < INT64_MAX ? t_to + 1 : t_to);
}

static int check(const struct view *v, struct why *why)
{
	const struct path_ways *p = v->p;

	if (p->port && gather_port_index(v->g, p->port) == PKT_MAX_PORTS)
		return why_fail(why, EINVAL, "--port %.32s: this taktd has no such port (`takt show` lists them)", p->port);
	return 0;
}

static int answer(struct view *v, struct why *why)
{
	const struct ways_table *t = v->table;

	if (is_one(v->p) && !v->found)
		return why_fail(why, ENOENT, "no such frame left taktd meanwhile: %" PRIu64 " others did; look longer (--interval), or give another",
				t->stat.ways);
	if (t->stat.defects || t->bad_sums)
		return why_fail(why, EBADMSG, "%" PRIu64 " ways do not add up or are against their cause beyond all bounds: this is a defect",
				t->stat.defects + t->bad_sums);
	return 0;
}

int path_ways(const struct path_ways *p, struct why *why)
{
	struct view *v = calloc(1, sizeof(*v));
	struct gather_conf from = p->from;
	struct term t;
	int err;

	if (v)
		*v = (struct view){.p = p, .table = calloc(1, sizeof(*v->table))};
	if (!v || !v->table) {
		free(v);
		return why_fail(why, ENOMEM, "out of memory");
	}
	from.keep_ns = from.input ? 0 : KEEP_NS;
	err = gather_open(&v->g, &from, why);
	err = err ?: check(v, why);
	if (err)
		goto out;
	out_init(&v->out, stdout, p->json);
	if (is_one(p)) {
		out_object(&v->out, NULL);
		out_array(&v->out, "frames");
	}
	term_open(&t, p->follow && !p->json && !is_one(p));
	err = from.input ? read_all(v, why) : watch(v, &t, why);
	if (is_one(p)) {
		out_end(&v->out);
		out_end(&v->out);
		err = err ?: out_fini(&v->out);
	}
	term_close(&t);
	t.tty = false;	/* what is drawn now stays */
	if (!err && !is_one(p))
		show_table(v, &t);
	err = err ?: v->err ?: answer(v, why);
out:
	if (err && !*why->text)
		why_fail(why, -err, "%s", strerror(-err));
	gather_close(v->g);
	ways_table_fini(v->table);
	free(v->table);
	free(v);
	return err;
}
