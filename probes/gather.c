/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/gather_pvt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/ns.h"
#include "base/printable.h"
#include "base/term.h"
#include "ptp/now.h"

#define EVENTS_MAX (4u << 20)	/* of a source: 256 MiB; then the older half goes */
#define TAI_OFFSET_MAX_S 1000	/* what no clock says */
#define RECS_MAX   (4u << 20)
#define GAPS_MAX   (1u << 20)
#define NAP_NS	   (2 * NS_PER_MS)

/* -- growing ------------------------------------------------------------------------------------------------- */

/* Room for one more of `size` bytes in *array. */
static int grow(void *array, size_t *room, size_t n, size_t size)
{
	size_t more = *room ? 2 * *room : 1024;
	void *p;

	if (n < *room)
		return 0;
	p = realloc(*(void **)array, more * size);
	if (!p)
		return -ENOMEM;
	*(void **)array = p;
	*room = more;
	return 0;
}

int gather_add_rec(struct gather *g, const struct pkt *p, uint64_t key)
{
	size_t half = g->n_recs / 2;
	int err;

	if (g->n_recs >= RECS_MAX) {
		memmove(g->rec, g->rec + half, (g->n_recs - half) * sizeof(*g->rec));
		g->n_recs -= half;
		g->recs_forgotten += half;
	}
	err = grow(&g->rec, &g->io->rec_room, g->n_recs, sizeof(*g->rec));
	if (err)
		return err;
	g->rec[g->n_recs++] = (struct gather_rec){*p, key};
	if (p->t_out > g->io->t_now)
		g->io->t_now = p->t_out;
	if (p->in_port < PKT_MAX_PORTS && p->flags & PKT_FROM_GUEST)
		g->port_guest[p->in_port] = true;
	if (p->out_port < PKT_MAX_PORTS && p->flags & PKT_TO_GUEST)
		g->port_guest[p->out_port] = true;
	return 0;
}

int gather_add_gap(struct gather *g, const struct rec_gap *gap)
{
	size_t half = g->n_gaps / 2;
	int err;

	if (g->n_gaps >= GAPS_MAX) {
		memmove(g->gap, g->gap + half, (g->n_gaps - half) * sizeof(*g->gap));
		g->n_gaps -= half;
	}
	err = grow(&g->gap, &g->io->gap_room, g->n_gaps, sizeof(*g->gap));
	if (!err)
		g->gap[g->n_gaps++] = *gap;
	return err;
}

static void forget_events(struct gather_feed *f, size_t n)
{
	struct gather_source *s = f->s;
	int i;

	n = n < s->n_events ? n : s->n_events;
	if (!n)
		return;
	memmove(s->event, s->event + n, (s->n_events - n) * sizeof(*s->event));
	s->n_events -= n;
	s->forgotten += n;
	for (i = 0; i < f->n_marks; i++)
		f->mark[i].n = f->mark[i].n > n ? f->mark[i].n - n : 0;
}

/* Both sides at once: a host that read its TAI in a bracket, a guest that was answered. The axis is taktd's TAI, which may not be its kernel's. */
static int note_clock(const struct gather *g, struct gather_source *s, const struct event *e)
{
	int64_t h = (int64_t)e->arg, t;
	int err;

	if (e->kind == EV_CLOCK && s->kind == GATHER_HOST) {
		if (e->by > TAI_OFFSET_MAX_S)
			return 0;
		t = e->t_end + (g->tai_offset_known ? g->tai_offset_s - (int64_t)e->by : 0) * NS_PER_SEC;
		return join_not_after(s->join, e->t, t + h) ?: join_not_before(s->join, e->t, t - h);
	}
	if (e->kind != EV_SYNC || s->kind != GATHER_GUEST)
		return 0;
	err = join_not_after(s->join, e->t, h) ?: join_not_before(s->join, e->t_end, h);
	return err ?: join_not_after(s->exchange, e->t, h) ?: join_not_before(s->exchange, e->t_end, h);
}

/* A guest that tells of a host's matters, or the other way round, is not believed. */
static bool may_tell(const struct gather_source *s, uint16_t kind)
{
	static const char *const who[EV_COUNT] = {
#define X(id, name, family, who, help) [EV_##id] = who,
		EVENT_KINDS(X)
#undef X
	};

	return s->kind == GATHER_WIRE ? kind == EV_WIRE : kind < EV_COUNT && strchr(who[kind], s->kind == GATHER_GUEST ? 'g' : 'h');
}

void gather_on_event(void *feed, const struct event *e)
{
	struct gather_feed *f = feed;
	struct gather_source *s = f->s;

	if (!may_tell(s, e->kind)) {
		gather_on_trouble(feed, 0, "events of a kind that is not its own: left out");
		return;
	}
	if (s->n_events >= EVENTS_MAX)
		forget_events(f, s->n_events / 2);
	f->err = f->err ?: grow(&s->event, &f->room, s->n_events, sizeof(*s->event)) ?: note_clock(f->g, s, e);
	if (!f->err)
		s->event[s->n_events++] = *e;
}

/* As deep as jansson reads, no deeper than JSON_PARSER_MAX_DEPTH. */
void gather_printable(json_t *j)
{
	const char *key;
	json_t *value;
	char *text;
	size_t i;

	json_object_foreach(j, key, value)
		gather_printable(value);
	json_array_foreach(j, i, value)
		gather_printable(value);
	text = json_is_string(j) ? strdup(json_string_value(j)) : NULL;
	if (!text)
		return;
	printable(text);
	json_string_set(j, text);
	free(text);
}

void gather_on_meta(void *feed, const char *json)
{
	struct gather_feed *f = feed;
	json_t *meta = json_loads(json, 0, NULL);

	if (!json_is_object(meta)) {
		json_decref(meta);
		gather_on_trouble(feed, 0, "a META that is no JSON object");
		return;
	}
	gather_printable(meta);
	json_decref(f->s->meta);
	f->s->meta = meta;
}

void gather_on_trouble(void *feed, uint64_t offset, const char *sentence)
{
	struct gather_feed *f = feed;
	struct why why;

	if (f->s->troubles++)
		return;
	why_fail(&why, 0, "%s, at offset %llu: %s", f->s->name, (unsigned long long)offset, sentence);
	snprintf(f->s->trouble, sizeof(f->s->trouble), "%s", why.text);
}

static struct join *new_join(const struct gather *g)
{
	struct join_conf conf = {.noise_ns = g->axis_error_ns, .wander_ppb = g->io->conf.wander_ppb};

	return join_create(&conf);
}

/* A guest that booted again has another clock, and what it said before belongs to the old one. */
void gather_on_restart(void *feed)
{
	struct gather_feed *f = feed;
	struct gather_source *s = f->s;

	forget_events(f, s->n_events);
	join_destroy(s->join);
	join_destroy(s->exchange);
	s->join = new_join(f->g);
	s->exchange = s->kind == GATHER_GUEST ? new_join(f->g) : NULL;
	if (!s->join || (s->kind == GATHER_GUEST && !s->exchange))
		f->err = -ENOMEM;
}

struct gather_source *gather_source_add(struct gather *g, enum gather_kind kind, const char *name, uint8_t port)
{
	struct gather_source *s = &g->source[g->n_sources];
	struct gather_feed *f = &g->io->feed[g->n_sources];

	if (g->n_sources == GATHER_SOURCES)
		return NULL;
	*s = (struct gather_source){.kind = kind, .port = port};
	*f = (struct gather_feed){.g = g, .s = s};
	snprintf(s->name, sizeof(s->name), "%s", name);
	if (kind != GATHER_WIRE)
		s->join = new_join(g);
	if (kind == GATHER_GUEST)
		s->exchange = new_join(g);
	if ((kind != GATHER_WIRE && !s->join) || (kind == GATHER_GUEST && !s->exchange))
		return NULL;
	g->n_sources++;
	return s;
}

/* -- forgetting ---------------------------------------------------------------------------------------------- */

static void trim_source(struct gather_feed *f, int64_t now, int64_t keep_ns)
{
	size_t old = 0;
	int i, n = 0;

	for (i = 0; i < f->n_marks && f->mark[i].t_mono < now - keep_ns; i++) {
		old = f->mark[i].n;
		n = i + 1;
	}
	memmove(f->mark, f->mark + n, (size_t)(f->n_marks - n) * sizeof(f->mark[0]));
	f->n_marks -= n;
	forget_events(f, old);
	if (f->n_marks < GATHER_MARKS) {
		f->mark[f->n_marks].t_mono = now;
		f->mark[f->n_marks++].n = f->s->n_events;
	}
}

static void trim(struct gather *g, int64_t now)
{
	int64_t keep_ns = g->io->conf.keep_ns;
	size_t n = 0;
	int i;

	while (n < g->n_recs && g->rec[n].p.t_out < g->io->t_now - keep_ns)
		n++;
	memmove(g->rec, g->rec + n, (g->n_recs - n) * sizeof(*g->rec));
	g->n_recs -= n;
	g->recs_forgotten += n;
	for (n = 0; n < g->n_gaps && g->gap[n].t_end < g->io->t_now - keep_ns;)
		n++;
	memmove(g->gap, g->gap + n, (g->n_gaps - n) * sizeof(*g->gap));
	g->n_gaps -= n;
	for (i = 0; i < g->n_sources; i++)
		trim_source(&g->io->feed[i], now, keep_ns);
}

/* -- the module ---------------------------------------------------------------------------------------------- */

int gather_open(struct gather **out, const struct gather_conf *conf, struct why *why)
{
	struct gather *g = calloc(1, sizeof(*g));
	struct stat st;
	int err;

	if (g)
		g->io = calloc(1, sizeof(*g->io));
	if (!g || !g->io) {
		free(g);
		return why_fail(why, ENOMEM, "out of memory");
	}
	g->io->conf = *conf;
	if (!conf->input || stat(conf->input, &st) || !S_ISDIR(st.st_mode))
		err = gather_open_live(g, why);
	else if (conf->guests.count || conf->wires.count || conf->host)
		err = why_fail(why, EINVAL, "%s is a recording, which has its sources already: leave --guest, --wire and --host out", conf->input);
	else
		err = gather_load(g, conf->input, why);
	if (err) {
		gather_close(g);
		return err;
	}
	*out = g;
	return 0;
}

void gather_close(struct gather *g)
{
	int i;

	if (!g)
		return;
	gather_close_live(g);
	for (i = 0; i < g->n_sources; i++) {
		free(g->source[i].event);
		json_decref(g->source[i].meta);
		join_destroy(g->source[i].join);
		join_destroy(g->source[i].exchange);
	}
	json_decref(g->show);
	json_decref(g->dump);
	json_decref(g->meta);
	free(g->rec);
	free(g->gap);
	free(g->io);
	free(g);
}

int gather_poll(struct gather *g, int64_t wait_ns, struct why *why)
{
	int64_t t_end = now_mono() + wait_ns, now, nap;
	struct timespec ts;
	int some;

	for (;;) {
		some = g->io->live ? gather_poll_live(g, why) : 0;
		if (some < 0)
			return some;
		now = now_mono();
		if (g->io->live && g->io->conf.keep_ns && now >= g->io->t_trim) {
			trim(g, now);
			g->io->t_trim = now + g->io->conf.keep_ns / (GATHER_MARKS / 2) + 1;
		}
		if (some || now >= t_end || !g->io->live)
			return 0;
		nap = t_end - now < NAP_NS ? t_end - now : NAP_NS;
		ts = (struct timespec){0, nap};
		if (nanosleep(&ts, NULL))
			return 0;
	}
}

static bool is_over(const struct gather *g)
{
	int i;

	if (!g->io->live)
		return true;
	if (!g->ended)
		return false;
	for (i = 0; i < g->n_sources; i++)
		if (!g->source[i].ended && (g->io->feed[i].stream || (g->io->feed[i].wire && wire_watch_ends(g->io->feed[i].wire))))
			return false;
	return true;
}

int gather_run(struct gather *g, int64_t ns, struct why *why)
{
	int64_t t_end = now_mono() + ns, now;
	int err = 0;

	if (g->io->live && g->ended) /* a copied file of records is at its end before it was read */
		err = gather_poll(g, 0, why);
	while (!err && !term_stopped() && !is_over(g) && (now = now_mono()) < t_end)
		err = gather_poll(g, t_end - now < 10 * NS_PER_MS ? t_end - now : 10 * NS_PER_MS, why);
	return err;
}

int64_t gather_now(const struct gather *g)
{
	return g->io->t_now;
}
