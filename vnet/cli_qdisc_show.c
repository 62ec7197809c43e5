/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli_qdisc_show: keys and shapes of `tc -j qdisc show` (iproute2 6.5 and later), but always valid JSON, and base times with their sign.
 */
#include "vnet/cli_qdisc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

static void put_handle(struct out *o, const char *key, uint32_t h, bool whole)
{
	char text[16];

	if (whole && h & 0xffff)
		snprintf(text, sizeof(text), "%x:%x", h >> 16, h & 0xffff);
	else
		snprintf(text, sizeof(text), "%x:", h >> 16);
	out_str(o, key, text, NULL);
}

/* tc leaves CLOCK_ away. */
static void put_clock(struct out *o, int32_t clockid)
{
	const char *name = qdisc_clock_name(clockid);

	if (name)
		out_str(o, "clockid", name + strlen("CLOCK_"), NULL);
	else if (clockid != QDISC_NO_CLOCK)
		out_int(o, "clockid", clockid, NULL);
}

static void put_map(struct out *o, const struct qdisc_map *map, bool ranges)
{
	unsigned int i;

	out_uint(o, "tc", map->num_tc, NULL);
	out_array(o, "map");
	for (i = 0; i < QDISC_PRIOS; i++)
		out_uint(o, NULL, map->prio_tc[i], NULL);
	out_end(o);
	out_array(o, "queues");
	for (i = 0; i < map->num_tc && i < QDISC_MAX_TC; i++) {
		if (ranges) {
			out_array(o, NULL);
			out_uint(o, NULL, map->offset[i], NULL);
			out_uint(o, NULL, map->offset[i] + map->count[i] - 1u, NULL);
		} else {
			out_object(o, NULL);
			out_uint(o, "offset", map->offset[i], NULL);
			out_uint(o, "count", map->count[i], NULL);
		}
		out_end(o);
	}
	out_end(o);
}

static void put_fp(struct out *o, uint16_t preemptible)
{
	unsigned int i;

	if (!preemptible)
		return;
	out_array(o, "fp");
	for (i = 0; i < QDISC_MAX_TC; i++)
		out_str(o, NULL, preemptible >> i & 1 ? "P" : "E", NULL);
	out_end(o);
}

static void put_schedule(struct out *o, const struct gcl_conf *g, const uint8_t *commands)
{
	char text[8];
	uint32_t i;

	out_int(o, "base_time", g->t_base, NULL);
	out_int(o, "cycle_time", g->cycle_ns, NULL);
	out_int(o, "cycle_time_extension", g->extension_ns, NULL);
	out_array(o, "schedule");
	for (i = 0; i < g->n_entries; i++) {
		out_object(o, NULL);
		out_uint(o, "index", i, NULL);
		snprintf(text, sizeof(text), "%c", commands ? commands[i] : 'S');
		out_str(o, "cmd", text, NULL);
		snprintf(text, sizeof(text), "0x%x", g->entries[i].gates);
		out_str(o, "gatemask", text, NULL);
		out_int(o, "interval", g->entries[i].interval_ns, NULL);
		out_end(o);
	}
	out_end(o);
}

static void put_taprio(struct out *o, const struct qdisc_seen *s)
{
	const struct qdisc_taprio *t = &s->q.taprio;
	char text[16];
	unsigned int i;

	put_map(o, &t->map, false);
	put_clock(o, t->clockid);
	if (t->flags) {
		snprintf(text, sizeof(text), "0x%" PRIx32, t->flags);
		out_str(o, "flags", text, NULL);
	}
	if (t->txtime_delay_ns)
		out_uint(o, "txtime_delay", t->txtime_delay_ns, NULL);
	if (t->gate.n_entries)
		put_schedule(o, &t->gate, t->commands);
	if (s->has_admin) {
		out_object(o, "admin");
		put_schedule(o, &s->admin, s->admin_commands);
		out_end(o);
	}
	out_array(o, "max-sdu");
	for (i = 0; i < QDISC_MAX_TC; i++)
		out_uint(o, NULL, i < TSN_CLASSES ? t->gate.max_sdu[i] : 0, NULL);
	out_end(o);
	put_fp(o, t->fp_preemptible);
}

static void put_rates(struct out *o, const char *key, const uint64_t *rate, unsigned int n)
{
	unsigned int i;

	if (!n)
		return;
	out_array(o, key);
	for (i = 0; i < n; i++)
		out_uint(o, NULL, rate[i], NULL);
	out_end(o);
}

static void put_mqprio(struct out *o, const struct qdisc_mqprio *m)
{
	put_map(o, &m->map, true);
	if (m->mode)
		out_str(o, "mode", m->mode == QDISC_MODE_DCB ? "dcb" : "channel", NULL);
	if (m->shaper)
		out_str(o, "shaper", m->shaper == QDISC_SHAPER_DCB ? "dcb" : "bw_rlimit", NULL);
	put_rates(o, "min_rate", m->min_rate, m->n_min_rate);
	put_rates(o, "max_rate", m->max_rate, m->n_max_rate);
	put_fp(o, m->fp_preemptible);
}

static void put_options(struct out *o, const struct qdisc_seen *s)
{
	const struct qdisc_cbs *c = &s->q.cbs;
	const struct qdisc_etf *e = &s->q.etf;

	switch (s->q.kind) {
	case QDISC_TAPRIO:
		put_taprio(o, s);
		break;
	case QDISC_MQPRIO:
		put_mqprio(o, &s->q.mqprio);
		break;
	case QDISC_CBS:
		out_int(o, "hicredit", c->hicredit, NULL);
		out_int(o, "locredit", c->locredit, NULL);
		out_int(o, "sendslope", c->sendslope, NULL);
		out_int(o, "idleslope", c->idleslope, NULL);
		out_int(o, "offload", c->offload, NULL);
		break;
	case QDISC_ETF:
		put_clock(o, e->clockid);
		out_int(o, "delta", e->delta_ns, NULL);
		out_str(o, "offload", e->offload ? "on" : "off", NULL);
		out_str(o, "deadline_mode", e->deadline ? "on" : "off", NULL);
		out_str(o, "skip_sock_check", e->skip_sock_check ? "on" : "off", NULL);
		break;
	}
}

static void put_json(struct out *o, const struct qdisc_netdev *dev, const struct qdisc_seen *s)
{
	out_object(o, NULL);
	out_str(o, "kind", s->kind, NULL);
	put_handle(o, "handle", s->handle, false);
	out_str(o, "dev", dev->name, NULL);
	if (s->parent == QDISC_ROOT)
		out_bool(o, "root", true, NULL);
	else if (s->parent)
		put_handle(o, "parent", s->parent, true);
	if (s->refcnt != 1)
		out_uint(o, "refcnt", s->refcnt, NULL);
	if (s->offloaded)
		out_bool(o, "offloaded", true, NULL);
	out_object(o, "options");
	if (s->known)
		put_options(o, s);
	out_end(o);
	if (s->q.overhead) {
		out_object(o, "stab");
		out_int(o, "overhead", s->q.overhead, NULL);
		out_end(o);
	}
	if (s->has_xstats) {
		out_uint(o, "window_drops", s->window_drops, NULL);
		out_uint(o, "transmit_overruns", s->tx_overruns, NULL);
	}
	out_end(o);
}

/* -- for people ---------------------------------------------------------------------------------------------- */

static void say_schedule(struct out *o, const char *what, const struct gcl_conf *g, const uint8_t *commands)
{
	char cycle[NS_STR_LEN], at[NS_STR_LEN];
	int64_t t = 0;
	uint32_t i;

	out_text(o, "  %s: base time %" PRId64 ", cycle %s, %" PRIu32 " entries\n", what, g->t_base, ns_exact(cycle, g->cycle_ns), g->n_entries);
	for (i = 0; i < g->n_entries; i++) {
		out_text(o, "    +%-10s %c %02x %s\n", ns_exact(at, t), commands ? commands[i] : 'S', g->entries[i].gates,
			 ns_exact(cycle, g->entries[i].interval_ns));
		t += g->entries[i].interval_ns;
	}
}

static void say_one(struct out *o, const struct qdisc_netdev *dev, const struct qdisc_seen *s)
{
	char *line = s->known ? qdisc_print_tc(&s->q, dev->name) : NULL;

	if (!s->known && s->parent != QDISC_ROOT)
		return;		/* the kernel's own below a root: one for each queue */
	if (line)
		out_text(o, "%s\n", line);
	else
		out_text(o, "%s: %s %x: root\n", dev->name, s->kind, s->handle >> 16);
	free(line);
	if (!s->known || s->q.kind != QDISC_TAPRIO)
		return;
	if (s->q.taprio.gate.n_entries)
		say_schedule(o, "runs", &s->q.taprio.gate, s->q.taprio.commands);
	else
		out_text(o, "  nothing runs yet: all gates are open\n");
	if (s->has_admin)
		say_schedule(o, "waits", &s->admin, s->admin_commands);
	if (s->has_xstats)
		out_text(o, "  window drops %" PRIu64 ", transmit overruns %" PRIu64 "\n", s->window_drops, s->tx_overruns);
}

void qdisc_show_one(struct out *o, const struct qdisc_netdev *dev, const struct qdisc_seen *s)
{
	if (o->json)
		put_json(o, dev, s);
	else
		say_one(o, dev, s);
}
