/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/police_gate.h"

#include <errno.h>
#include <string.h>

#include "base/ns.h"

#define NONE	INT64_MIN	/* no occurrence of an entry */
#define NO_LIST UINT32_MAX

#define tell(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#define hear(field)	   __atomic_load_n(&(field), __ATOMIC_RELAXED)

static int check_entry(const struct police_gate_entry *e, uint32_t i, struct why *why)
{
	if (e->ipv < POLICE_NONE || e->ipv > 7)
		return why_fail(why, EINVAL, "admin-control-list entry %u: ipv-spec %d is out of range: give 0 to 7 or null", i, e->ipv);
	return 0;
}

/* The list as tsn/gate runs it: bit 0, and nothing else. */
static int make_gcl(struct police_gate *g, const struct police_gate_conf *conf, struct gcl_entry *entries, const struct wire *wire,
		    struct why *why)
{
	struct gcl_conf list = {
		.enabled = true, .initial_gates = conf->initial_open, .t_base = conf->t_base, .cycle_ns = conf->cycle_ns,
		.cycle_frac_num = conf->cycle_frac_num, .cycle_frac_den = conf->cycle_frac_den, .extension_ns = conf->extension_ns,
		.n_entries = conf->n_entries, .entries = entries,
	};
	uint32_t i;
	int err;

	for (i = 0; i < conf->n_entries; i++) {
		err = check_entry(&conf->entries[i], i, why);
		if (err)
			return err;
		entries[i] = (struct gcl_entry){.gates = conf->entries[i].open, .interval_ns = conf->entries[i].interval_ns};
	}
	return gcl_create(&g->gcl, &list, wire, why);
}

int police_gate_init(struct police_gate *g, const struct police_gate_conf *conf, struct police_gate_entry *entries, const struct wire *wire,
		     int64_t now, struct why *why)
{
	struct gcl_entry list[GCL_MAX_ENTRIES];
	int err;

	memset(g, 0, sizeof(*g));
	gate_init(&g->gate, now);
	g->gate.initial_gates = conf->initial_open;
	g->initial_ipv = conf->initial_ipv;
	g->latch_invalid_rx = conf->invalid_rx;
	g->latch_octets = conf->octets_exceeded;
	g->t_interval = NONE;
	g->t_start = NS_NEVER;
	if (conf->initial_ipv < POLICE_NONE || conf->initial_ipv > 7)
		return why_fail(why, EINVAL, "admin-ipv %d is out of range: give 0 to 7 or null", conf->initial_ipv);
	if (!conf->enabled || !conf->n_entries)
		return 0;
	if (conf->n_entries > GCL_MAX_ENTRIES)
		return why_fail(why, EINVAL, "admin-control-list has %u entries: give at most %d", conf->n_entries, GCL_MAX_ENTRIES);
	err = make_gcl(g, conf, list, wire, why);
	if (err)
		return err;
	memcpy(entries, conf->entries, conf->n_entries * sizeof(*entries));
	g->entries = entries;
	gate_set(&g->gate, g->gcl, now);
	g->t_start = g->gate.t_change;
	return 0;
}

void police_gate_fini(struct police_gate *g)
{
	gcl_destroy(g->gcl);
}

enum police_verdict police_gate_frame(struct police_gate *g, uint32_t octets, int64_t now, int8_t *ipv)
{
	const struct police_gate_entry *e;
	int64_t t_interval = NONE;
	uint32_t i;

	gate_advance(&g->gate, now); /* retires nothing: there is one list */
	if (g->invalid_rx || g->octets_exceeded)
		return POLICE_GATE;
	if (!(gate_states(&g->gate) & 1)) {
		tell(g->invalid_rx, g->latch_invalid_rx);
		return POLICE_GATE;
	}
	i = gate_entry(&g->gate, &t_interval);
	if (i == NO_LIST) {
		*ipv = g->initial_ipv;
		return POLICE_PASS;
	}
	e = &g->entries[i];
	if (e->octets_max) {
		if (t_interval != g->t_interval)
			g->octets_left = e->octets_max;
		g->t_interval = t_interval;
		if (octets > g->octets_left) {
			tell(g->octets_exceeded, g->latch_octets);
			return POLICE_OCTETS;
		}
		g->octets_left -= octets;
	}
	*ipv = e->ipv;
	return POLICE_PASS;
}

/* Within one interval a small step gives no new octets; what comes round again after a larger one is a new occurrence. */
void police_gate_step(struct police_gate *g, int64_t delta, int64_t now)
{
	int64_t t_interval = NONE;

	gate_step(&g->gate, now);
	gate_entry(&g->gate, &t_interval);
	if (t_interval != g->t_interval)
		g->t_interval = NONE;
	if (g->gate.admin)
		tell(g->t_start, g->gate.t_change);
	else if (g->gcl)
		tell(g->t_start, g->t_start + delta);
}

void police_gate_reset(struct police_gate *g)
{
	tell(g->invalid_rx, false);
	tell(g->octets_exceeded, false);
}

/*
 * A gate of the reader's own, set a while ago, is where the owner's is: profiles do not change, and cycles count from the base time.
 */
void police_gate_look(const struct police_gate *g, int64_t now, struct police_gate_view *out)
{
	struct gate here;
	int64_t t_set = now;
	uint32_t i = NO_LIST;

	out->invalid_rx = hear(g->invalid_rx);
	out->octets_exceeded = hear(g->octets_exceeded);
	out->ipv = g->initial_ipv;
	gate_init(&here, now);
	here.initial_gates = g->gate.initial_gates;
	if (g->gcl && now >= hear(g->t_start)) {
		t_set = now - 2 * g->gcl->cycle_ns - 2;
		gate_init(&here, t_set);
		gate_set(&here, g->gcl, t_set);
		gate_advance(&here, now);
		i = gate_entry(&here, &t_set);
	}
	out->open = gate_states(&here) & 1;
	out->running = i != NO_LIST;
	out->entry = out->running ? i : 0;
	if (out->running)
		out->ipv = g->entries[i].ipv;
}
