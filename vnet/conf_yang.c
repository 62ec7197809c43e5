/* SPDX-License-Identifier: BSD-3-Clause */
/* From an interface's instance data to a schedule. */
#include "vnet/conf_sched.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/conf_type.h"
#include "vnet/yang_sched.h"

/* -- the tables ---------------------------------------------------------------------------------------------- */

int yang_take_times(const struct yang_at *at, int line, const struct yang_rational *c, const struct yang_instant *base, struct gcl_conf *out)
{
	if (base->seconds > GCL_MAX_BASE_NS / NS_PER_SEC - 1)
		return yang_refuse(at, line, "admin-base-time: %" PRIu64 " s is after 2096: give less than %" PRId64, base->seconds,
				   GCL_MAX_BASE_NS / NS_PER_SEC);
	out->t_base = (int64_t)(base->seconds * NS_PER_SEC + base->nanoseconds);
	if (!c->given)
		return 0;
	if (!c->denominator || !c->numerator || c->numerator > c->denominator)
		return yang_refuse(at, line, "admin-cycle-time: %" PRIu64 "/%" PRIu64 " s is out of range: give more than 0 and up to 1 s", c->numerator,
				   c->denominator);
	if (c->numerator * NS_PER_SEC < c->denominator)
		return yang_refuse(at, line, "admin-cycle-time: %" PRIu64 "/%" PRIu64 " s is less than a nanosecond: give at least the sum of the entries",
				   c->numerator, c->denominator);
	gcl_cycle_set(out, (int64_t)c->numerator, (int64_t)c->denominator);
	return 0;
}

static int by_index(const void *a, const void *b)
{
	const struct yang_entry *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* A list's order in JSON says nothing, its key does. */
static int take_entries(struct conf_sched *s, const struct yang_at *at, struct yang_table *t, const struct yml_node *n)
{
	struct yang_entry *e = t->entries.list.items;
	uint32_t i, count = t->entries.list.n;
	bool preempts = false;

	if (!count)
		return 0;
	qsort(e, count, sizeof(*e), by_index);
	s->gate.entries = calloc(count, sizeof(*s->gate.entries));
	if (!s->gate.entries)
		return why_fail(at->why, ENOMEM, "%s: out of memory", at->where);
	s->gate.n_entries = count;
	for (i = 0; i < count; i++) {
		if (i && e[i].index == e[i - 1].index)
			return yang_refuse(at, yang_find(n, "admin-control-list")->line,
					   "admin-control-list: two entries have index %" PRIu64 ": give each its own", e[i].index);
		s->gate.entries[i] = (struct gcl_entry){.gates = (uint8_t)e[i].states, .interval_ns = (int64_t)e[i].interval};
		preempts |= e[i].operation != 0;
	}
	if (preempts)
		conf_sched_note(s, "frame preemption is not done: hold and release entries only set gate states");
	return 0;
}

static int take_sdu(struct conf_sched *s, const struct yang_at *at, const struct yang_table *t, const struct yml_node *n)
{
	const struct yang_sdu *sdu = t->sdu.items;
	uint32_t i;
	uint8_t seen = 0;

	for (i = 0; i < t->sdu.n; i++) {
		if (seen >> sdu[i].tc & 1)
			return yang_refuse(at, yang_find(n, "queue-max-sdu-table")->line,
					   "queue-max-sdu-table: traffic-class %" PRIu64 " is given twice: keep one of them", sdu[i].tc);
		seen |= (uint8_t)(1 << sdu[i].tc);
		s->gate.max_sdu[sdu[i].tc] = (uint32_t)sdu[i].bytes;
	}
	return 0;
}

static int read_table(struct conf_sched *s, struct yang_at *at, const struct yml_node *n)
{
	struct yang_table t = {.states = UINT8_MAX};
	size_t mark = yang_enter(at, "gate-parameter-table", -1);
	int err = yang_read(at, yang_table_rows, n, &t);

	s->line = n->line;
	s->gate = (struct gcl_conf){.enabled = t.enabled, .initial_gates = (uint8_t)t.states, .extension_ns = (int64_t)t.extension};
	if (!err && !yang_given(yang_table_rows, &t, "gate-enabled"))
		conf_sched_note(s, "gate-enabled is not given and false by default: all gates stay open; add \"gate-enabled\": true");
	if (!err && t.enabled && !t.cycle.given)
		conf_sched_note(s, "admin-cycle-time is not given: the sum of the entries is taken");
	if (!err)
		err = yang_take_times(at, n->line, &t.cycle, &t.base, &s->gate);
	if (!err)
		err = take_sdu(s, at, &t, n);
	if (!err)
		err = take_entries(s, at, &t, n);
	yang_free(yang_table_rows, &t);
	yang_leave(at, mark);
	return err;
}

static int read_cbsa(struct conf_sched *s, struct yang_at *at, const struct yml_node *n)
{
	struct yang_cbsa c = {.given = 0};
	size_t mark = yang_enter(at, "cbsa", -1);
	int err = yang_read(at, yang_cbsa_rows, n, &c);
	const struct yang_slope *slope = c.slopes.items;
	uint32_t i;
	uint8_t seen = 0;

	for (i = 0; !err && i < c.slopes.n; i++) {
		if (seen >> slope[i].tc & 1)
			err = yang_refuse(at, n->line, "traffic-class %" PRIu64 " is given twice: keep one of them", slope[i].tc);
		else if (slope[i].bps && (slope[i].bps < (uint64_t)CBS_MIN_BPS || slope[i].bps > (uint64_t)WIRE_MAX_BPS))
			err = yang_refuse(at, n->line, "admin-idle-slope of traffic-class %" PRIu64 ": %" PRIu64 " bit/s is out of range: give 0, or %" PRId64 " to %" PRId64,
					  slope[i].tc, slope[i].bps, CBS_MIN_BPS, WIRE_MAX_BPS);
		seen |= (uint8_t)(1 << slope[i].tc);
		s->cbs.idle_bps[slope[i].tc] = (int64_t)slope[i].bps;
	}
	yang_free(yang_cbsa_rows, &c);
	yang_leave(at, mark);
	return err;
}

/* -- around it ----------------------------------------------------------------------------------------------- */

static const char *const roots[] = {"data", "interfaces", "interface", "gate-parameter-table", "cbsa", "bridges", "system", "stream-identity",
				    "stream-filters", "stream-gates", "flow-meters", "schedulers", "scheduler-groups", NULL};

/* The tables of policing have their names in taktd's file too, where they are lists. */
bool conf_yang_is(const struct yml_node *root)
{
	const struct yml_node *n;
	const char *const *r;

	for (r = roots; *r; r++) {
		n = yang_find(root, *r);
		if (n && (n->kind == YML_MAP || strchr(n->key, ':') || !conf_is_part(root)))
			return true;
	}
	return false;
}

static bool has_schedule(const struct yml_node *n)
{
	return yang_find(n, "gate-parameter-table") || yang_find(n, "cbsa");
}

/* An interface has its schedule itself, or its bridge port does. */
static const struct yml_node *body_of(const struct yml_node *interface)
{
	const struct yml_node *port = yang_find(interface, "bridge-port");

	return has_schedule(interface) ? interface : has_schedule(port) ? port : NULL;
}

static const char *name_of(const struct yml_node *interface)
{
	const struct yml_node *name = yang_find(interface, "name");

	return name && name->kind == YML_SCALAR ? name->text : "";
}

/* Which interface is meant? One that has the port's name, or the only one that has a schedule. */
static int choose(struct conf_sched *s, const struct yang_at *at, const struct yml_node *list, const struct yml_node **out)
{
	const struct yml_node *i, *only = NULL, *named = NULL;
	char names[120] = "";
	uint32_t n = 0;

	if (list->kind != YML_LIST)
		return yang_refuse(at, list->line, "interface: is %s: give a list, [{\"name\": ...}]", yml_kind_name(list));
	for (i = list->child; i; i = i->next) {
		if (!body_of(i))
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%.20s", n++ ? ", " : "", name_of(i));
		only = i;
		if (s->port && !strcmp(s->port, name_of(i)))
			named = i;
	}
	if (!n)
		return yang_refuse(at, list->line, "interface: none has a gate-parameter-table or cbsa: add it to one");
	if (!named && n > 1)
		return yang_refuse(at, list->line, "interface: several have a schedule (%s)%s%s: name the port after one of them, with --port",
				   names, s->port ? ", none is named " : "", s->port ? s->port : "");
	if (!named && s->port)
		conf_sched_note(s, "the schedule was written for interface %.32s and is taken for %.32s", name_of(only), s->port);
	*out = named ? named : only;
	snprintf(s->name, sizeof(s->name), "%s", name_of(*out));
	return 0;
}

/* NULL: no interface is in it, only policing. */
static int find_body(struct conf_sched *s, const struct yang_at *at, const struct yml_node *root, const struct yml_node **out)
{
	const struct yml_node *n;
	int err;

	*out = root;
	if (has_schedule(root))
		return 0;
	n = yang_find(root, "interfaces");
	n = yang_find(n ? n : root, "interface");
	if (!n && conf_sched_more(s)) {
		*out = NULL;
		return 0;
	}
	if (!n)
		return yang_refuse(at, root->line, "there is no interface in it: give {\"ietf-interfaces:interfaces\": {\"interface\": [...]}}, "
				   "or a gate-parameter-table alone");
	err = choose(s, at, n, out);
	if (!err)
		*out = body_of(*out);
	return err;
}

int conf_yang_read(struct conf_sched *s, const struct yml_node *root, const char *where, struct why *why)
{
	struct yang_at at = {.where = where, .why = why};
	const struct yml_node *body, *n = yang_find(root, "data");
	int err;

	root = n ? n : root;
	s->gate = (struct gcl_conf){.initial_gates = UINT8_MAX};
	err = conf_yang_read_police(s, root, where, why);
	if (!err)
		err = find_body(s, &at, root, &body);
	if (err)
		return err;
	n = yang_find(body, "gate-parameter-table");
	if (n)
		err = read_table(s, &at, n);
	n = yang_find(body, "cbsa");
	if (!err && n)
		err = read_cbsa(s, &at, n);
	if (at.n_state)
		conf_sched_note(s, "%s%s no configuration but state: not looked at", at.state,
				at.n_state > 1 ? " and other leaves are" : " is");
	return err;
}
