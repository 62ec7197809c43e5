/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt record: some seconds of everything, as a folder that `takt path`, `takt clock guest` and `takt blame` read.
 */
#include "probes/probes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "probes/blame_roles.h"
#include "probes/floor.h"
#include "probes/gather.h"

#define SETTLE_NS (NS_PER_SEC / 2)

struct conf {
	const char *name, *dir, *host;
	struct opt_list guests, wires;
	int64_t interval_ns;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt record_opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"output", 'o', OPT_STR, AT(dir), "DIR", NULL, 0, 0, "folder to make"},
	{"guest", 'g', OPT_LIST, AT(guests), "PORT=SRC", NULL, 0, 0, "the guest at taktd's PORT runs `takt guest`, whose events come from SRC: a file, unix:PATH, udp:PORT or vsock:PORT"},
	{"wire", 'w', OPT_LIST, AT(wires), "PORT=IFACE", NULL, 0, 0, "watch the far end of this wire, an interface here or IFACE@NETNS; or a capture's FILE"},
	{"host", 0, OPT_STR, AT(host), "live|FILE", NULL, 0, 0, "with the host's events: watch taktd's and the guests' threads, or a file that takt host wrote"},
	{"interval", 'i', OPT_NS, AT(interval_ns), "TIME", "10s", NS_PER_MS, 86400 * NS_PER_SEC, "record for TIME; Ctrl-C ends it, too"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the summary as JSON"},
	OPT_END,
};
#undef AT

const char record_examples[] = "  takt record -o late -i 5s -g plc=unix:/run/takt/plc.ev --host live\n"
			       "  takt path --input late          and look at it afterwards\n";

static void print(const struct gather *g, const struct conf *c, struct out *o)
{
	int i;

	out_object(o, NULL);
	out_str(o, "dir", c->dir, "%s:", c->dir);
	out_uint(o, "records", g->n_recs, " %zu records", g->n_recs);
	out_uint(o, "lost", g->recs_lost, g->recs_lost ? " (%" PRIu64 " lost)" : "", g->recs_lost);
	out_uint(o, "gaps", g->n_gaps, ", %zu poll gaps", g->n_gaps);
	out_array(o, "sources");
	for (i = 0; i < g->n_sources; i++) {
		const struct gather_source *s = &g->source[i];

		out_object(o, NULL);
		out_str(o, "name", s->name, s->kind == GATHER_HOST ? ", host (%s):" : ", %s:", s->name);
		out_uint(o, "events", s->n_events, " %zu events", s->n_events);
		out_uint(o, "lost", s->stat.lost, s->stat.lost ? " (%" PRIu64 " lost)" : "", s->stat.lost);
		out_end(o);
	}
	out_end(o);
	out_text(o, "\n");
	out_end(o);
}

/* The machine's floor before and after, and the worker's gaps meanwhile, as meta.json keeps them. NULL: no memory. */
static json_t *floor_json(const struct noise_result *floor, const struct gather *g, int64_t span_ns)
{
	struct noise_worker worker = {.known = true, .span_ns = span_ns};
	char *text = NULL;
	size_t len = 0, i;
	FILE *f = open_memstream(&text, &len);
	struct out o;
	json_t *j;

	if (!f)
		return NULL;
	for (i = 0; i < g->n_gaps; i++) {
		int64_t ns = g->gap[i].t_end - g->gap[i].t_begin;

		worker.count++;
		worker.lost_ns += ns;
		worker.longest_ns = ns > worker.longest_ns ? ns : worker.longest_ns;
	}
	out_init(&o, f, true);
	out_object(&o, NULL);
	noise_floor_print(floor, &worker, &o);
	out_end(&o);
	out_fini(&o);
	fclose(f);
	j = json_loads(text, 0, NULL);
	free(text);
	return j;
}

/* What blame wants to know later, and what only a running machine can tell: the floor, and which threads are a guest's CPUs. */
static json_t *extra_json(const struct noise_result *floor, const struct gather *g, int64_t span_ns)
{
	struct blame_roles *roles = malloc(sizeof(*roles));
	json_t *j = floor_json(floor, g, span_ns);

	if (roles && j) {
		blame_roles_read(roles, g->show);
		json_object_set_new(j, "guests", blame_roles_save(roles));
	}
	free(roles);
	return j;
}

static int record(struct gather *g, const struct conf *c, struct noise_result *floor, struct why *why)
{
	int64_t t_begin = gather_now(g);
	struct out o;
	int err;

	log_info("recording for %.1f s; Ctrl-C ends it", (double)c->interval_ns / (double)NS_PER_SEC);
	err = gather_run(g, c->interval_ns, why);
	if (!err && !term_stopped())
		err = gather_run(g, SETTLE_NS, why);
	if (!err && !term_stopped())
		floor_look(floor, c->name, NULL);
	err = err ?: gather_save(g, c->dir, extra_json(floor, g, gather_now(g) - t_begin), why);
	if (err)
		return err;
	out_init(&o, stdout, c->json);
	print(g, c, &o);
	return out_fini(&o);
}

int record_run(const struct cmd *self, int argc, char **argv)
{
	struct gather_conf from;
	struct noise_result *floor;
	struct conf c = {0};
	struct gather *g = NULL;
	struct why why = {""};
	struct term t;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 0, 0, &status) < 0)
		return status;
	if (!c.dir)
		return cmd_refuse(why_fail(&why, EINVAL, "--output is missing: give a folder that does not exist yet"), &why);
	if (!access(c.dir, F_OK))
		return cmd_refuse(why_fail(&why, EEXIST, "--output %.128s exists: give a folder that does not exist yet", c.dir), &why);
	err = gather_save_check(c.dir, &why);
	if (err) {
		why_at(&why, "--output");
		return cmd_refuse(err, &why);
	}
	from = (struct gather_conf){.name = c.name, .guests = c.guests, .wires = c.wires, .host = c.host};
	floor = calloc(1, sizeof(*floor));
	if (!floor)
		return cmd_refuse(-ENOMEM, &why);
	term_open(&t, false);
	/* Before anything is open that would run over meanwhile. */
	floor_look(floor, c.name, NULL);
	err = gather_open(&g, &from, &why);
	err = err ?: record(g, &c, floor, &why);
	term_close(&t);
	gather_close(g);
	free(floor);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}
