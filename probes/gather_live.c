/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/gather_pvt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ns.h"
#include "probes/gather_vcpus.h"
#include "probes/host_file.h"
#include "ptp/now.h"
#include "vnet/client.h"

#define BATCH	 512
#define RENEW_NS NS_PER_SEC	/* between looks for a restart of taktd */

/* -- taktd --------------------------------------------------------------------------------------------------- */

static void take_header(struct gather *g)
{
	const struct rec_shm *s = g->io->records.shm;
	uint32_t i, n = atomic_load(&s->n_ports);

	g->n_ports = n < PKT_MAX_PORTS ? n : PKT_MAX_PORTS;
	g->gap_ns = s->gap_ns;
	for (i = 0; i < PKT_MAX_PORTS; i++)
		snprintf(g->port_name[i], sizeof(g->port_name[i]), "%.*s", REC_NAME - 1, i < g->n_ports ? s->port_name[i] : "");
}

/* What it says of itself; a taktd that is being stopped may not answer, its records are there all the same. */
static void ask(struct gather *g)
{
	const char *name = g->io->conf.name;
	const json_t *clock;

	if (client_request(name, json_pack("{s:s}", "cmd", "show"), &g->show, NULL))
		return;
	if (client_request(name, json_pack("{s:s}", "cmd", "dump"), &g->dump, NULL))
		g->dump = NULL;
	if (g->io->conf.host)
		gather_vcpus_look(g->show, g->show);
	clock = json_object_get(g->show, "clock");
	g->tai_offset_s = (int)json_integer_value(json_object_get(clock, "tai_offset_s"));
	g->tai_offset_known = true;
	g->axis_error_ns = json_integer_value(json_object_get(clock, "error_bound_ns"));
	snprintf(g->instance, sizeof(g->instance), "%s", json_string_value(json_object_get(g->show, "instance")) ?: "");
}

static int read_taktd(struct gather *g)
{
	struct records *r = &g->io->records;
	struct pkt batch[BATCH];
	uint64_t keys[BATCH];
	struct rec_gap gaps[64];
	uint32_t i, n;
	int64_t t_worker;
	int some = 0, err = 0;

	/* Its clock first: whatever it published before is read now. */
	t_worker = atomic_load(&r->shm->t_worker);
	while (!err && (n = records_read(r, batch, keys, BATCH))) {
		for (i = 0; i < n && !err; i++)
			err = gather_add_rec(g, &batch[i], keys[i]);
		some = 1;
	}
	while (!err && (n = records_gaps(r, gaps, 64)))
		for (i = 0; i < n && !err; i++)
			err = gather_add_gap(g, &gaps[i]);
	if (t_worker > g->io->t_now)
		g->io->t_now = t_worker;
	g->recs_lost = r->lost;
	g->gaps_lost = r->gaps_lost;
	return err ?: some;
}

static void look_for_restart(struct gather *g)
{
	uint64_t before = g->io->records.restarts;

	g->ended = !records_renew(&g->io->records);
	g->restarts = g->io->records.restarts;
	if (g->restarts != before)
		take_header(g);
}

/* A guest may have come. */
static void look_for_guests(struct gather *g)
{
	json_t *now = NULL;

	if (!g->io->conf.host || !g->show || g->ended || client_request(g->io->conf.name, json_pack("{s:s}", "cmd", "show"), &now, NULL))
		return;
	gather_vcpus_look(g->show, now);
	json_decref(now);
}

/* -- sources ------------------------------------------------------------------------------------------------- */

/* "PORT=SRC" */
static int split(const struct gather *g, const char *option, const char *word, uint8_t *port, const char **src, struct why *why)
{
	const char *eq = strchr(word, '=');
	char name[REC_NAME];

	if (!eq || eq == word || !eq[1])
		return why_fail(why, EINVAL, "--%s %.64s: give taktd's port and the source, PORT=SOURCE: %s", option, word,
				strcmp(option, "wire") ? "plc=unix:/run/takt/plc.ev" : "wire=eth1@far");
	snprintf(name, sizeof(name), "%.*s", (int)(eq - word), word);
	*port = eq - word < REC_NAME ? gather_port_index(g, name) : PKT_MAX_PORTS;
	if (*port == PKT_MAX_PORTS)
		return why_fail(why, EINVAL, "--%s %.64s: this taktd has no port %.*s (`takt show` lists them)", option, word,
				(int)(eq - word < 32 ? eq - word : 32), word);
	*src = eq + 1;
	return 0;
}

static struct evreader_conf reader_of(struct gather_feed *f)
{
	return (struct evreader_conf){.on_event = gather_on_event, .on_meta = gather_on_meta, .on_trouble = gather_on_trouble,
				      .on_restart = gather_on_restart, .ctx = f};
}

static int open_source(struct gather *g, const char *option, const char *word, enum gather_kind kind, struct why *why)
{
	struct gather_source *s;
	struct evreader_conf conf;
	struct gather_feed *f;
	const char *src = NULL;
	uint8_t port;
	int err = split(g, option, word, &port, &src, why);

	if (err)
		return err;
	if (gather_at(g, kind, port))
		return why_fail(why, EINVAL, "--%s %.64s: this port has a source already", option, word);
	s = gather_source_add(g, kind, src, port);
	if (!s)
		return why_fail(why, ENOMEM, "out of memory");
	f = &g->io->feed[s - g->source];
	conf = reader_of(f);
	err = kind == GATHER_WIRE ? wire_watch_open(&f->wire, src, g->tai_offset_s * NS_PER_SEC, why) :
				    evsource_open(&f->stream, src, !g->io->conf.input, &conf, why);
	if (err)
		why_at(why, "--%s %.64s", option, word);
	return err;
}

/* As its stream would begin. */
static json_t *meta_of(const struct host *h)
{
	char *text;
	json_t *meta = host_meta(h, &text) ? NULL : json_loads(text, 0, NULL);

	free(text);
	return meta;
}

static int open_host(struct gather *g, struct why *why)
{
	const char *spec = g->io->conf.host;
	struct host_conf conf = {.name = g->io->conf.name, .taktd = true};
	struct evreader_conf reader;
	struct gather_source *s;
	struct gather_feed *f;
	int err;

	if (!spec)
		return 0;
	s = gather_source_add(g, GATHER_HOST, spec, PKT_NO_PORT);
	if (!s)
		return why_fail(why, ENOMEM, "out of memory");
	f = &g->io->feed[s - g->source];
	reader = reader_of(f);
	err = strcmp(spec, "live") ? evsource_open(&f->stream, spec, false, &reader, why) : host_open(&f->host, &conf, why);
	if (err == -ENOENT && strcmp(spec, "live"))
		why_fail(why, ENOENT, "no such file: give live, or what `takt host --out` wrote");
	if (err)
		why_at(why, "--host %.64s", spec);
	else if (f->host)
		s->meta = meta_of(f->host);
	return err;
}

static void on_plain_event(void *ctx, const struct event *e)
{
	struct gather_feed *f = ctx;

	if (e->kind == EV_LOST)
		f->s->stat.lost += e->arg;
	gather_on_event(ctx, e);
}

static int take(struct gather *g, struct gather_feed *f, struct why *why)
{
	int rc = 0;
	size_t before = f->s->n_events;

	if (f->s->ended)
		return 0;
	if (f->host) {
		host_poll(f->host, on_plain_event, f);
		rc = f->s->n_events != before;
	} else if (f->wire) {
		rc = wire_watch_work(f->wire, on_plain_event, f);
		f->s->stat.lost = wire_watch_lost(f->wire);
		if (rc == -EIO && *wire_watch_error(f->wire)) {
			gather_on_trouble(f, 0, wire_watch_error(f->wire));
			rc = -ENODATA;
		}
	} else if (f->stream) {
		rc = evsource_work(f->stream);
		f->s->stat = *evsource_stat(f->stream);
	}
	f->s->ended = rc == -ENODATA;
	if (f->err)
		return why_fail(why, -f->err, "out of memory");
	if (rc < 0 && rc != -ENODATA)
		return why_fail(why, EIO, "%.64s of port %s: %s", f->s->name, gather_port(g, f->s->port), strerror(-rc));
	return rc > 0;
}

/* -- all of it ----------------------------------------------------------------------------------------------- */

int gather_open_live(struct gather *g, struct why *why)
{
	const struct gather_conf *c = &g->io->conf;
	int i, err;

	if (c->input)
		snprintf(g->io->file, sizeof(g->io->file), "%s%s", strchr(c->input, '/') ? "" : "./", c->input);
	err = records_open(&g->io->records, c->input ? g->io->file : c->name, c->input, why);
	if (err)
		return err;
	g->io->live = true;
	g->ended = c->input;
	take_header(g);
	if (!c->input)
		ask(g);
	for (i = 0; i < c->guests.count && !err; i++)
		err = open_source(g, "guest", c->guests.item[i], GATHER_GUEST, why);
	for (i = 0; i < c->wires.count && !err; i++)
		err = open_source(g, "wire", c->wires.item[i], GATHER_WIRE, why);
	return err ?: open_host(g, why);
}

int gather_poll_live(struct gather *g, struct why *why)
{
	int64_t now = now_mono();
	int some = read_taktd(g), i, rc;

	if (some < 0)
		return why_fail(why, -some, "out of memory");
	for (i = 0; i < g->n_sources; i++) {
		rc = take(g, &g->io->feed[i], why);
		if (rc < 0)
			return rc;
		some |= rc;
	}
	if (!g->io->conf.input && (now >= g->io->t_renew || g->io->records.shm->closed)) {
		look_for_restart(g);
		look_for_guests(g);
		g->io->t_renew = now + RENEW_NS;
	}
	return some;
}

void gather_close_live(struct gather *g)
{
	int i;

	for (i = 0; i < GATHER_SOURCES; i++) {
		if (g->io->feed[i].stream)
			evsource_close(g->io->feed[i].stream);
		wire_watch_close(g->io->feed[i].wire);
		host_close(g->io->feed[i].host);
	}
	if (g->io->live)
		records_close(&g->io->records);
}
