/* SPDX-License-Identifier: BSD-3-Clause */
/* From a component's or system's instance data to a port's tables of policing. */
#include "vnet/conf_sched.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/conf_type.h"
#include "vnet/yang_psfp.h"

struct reader {
	struct conf_sched *s;
	struct yang_at at;
	struct yang_psfp *in;
	struct yang_list streams;	/* struct yang_identity */
	int line;			/* of the container that is being taken */
};

static void set_id(char id[CONF_ID_LEN], uint64_t number)
{
	snprintf(id, CONF_ID_LEN, "%" PRIu64, number);
}

static int no_memory(const struct reader *r)
{
	return why_fail(r->at.why, ENOMEM, "%s: out of memory", r->at.where);
}

/* -- filters ------------------------------------------------------------------------------------------------- */

static int take_mac(const struct reader *r, const struct yang_null_stream *n, struct police_filter_conf *f)
{
	unsigned int b[6];
	int end = 0, i;

	f->any_dst = !n->mac;
	if (!n->mac)
		return 0;
	if (strlen(n->mac) == 17 && !strpbrk(n->mac, " +xX"))
		sscanf(n->mac, "%2x-%2x-%2x-%2x-%2x-%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &end);
	if (end != 17)
		return yang_refuse(&r->at, r->line, "destination-mac: \"%.32s\" is no address: give six bytes such as 02-00-00-00-00-01", n->mac);
	for (i = 0; i < 6; i++)
		f->dst[i] = (uint8_t)b[i];
	return 0;
}

/* 802.1CB's null stream identification; the first entry of a handle counts. */
static int take_stream(struct reader *r, const struct yang_filter *y, struct police_filter_conf *f)
{
	const struct yang_identity *id = r->streams.items;
	uint32_t i;

	f->any_dst = true;
	f->vid = POLICE_ANY;
	if (!yang_given(yang_psfp_filter_rows, y, "stream-handle"))
		return 0;
	for (i = 0; i < r->streams.n && id[i].handle != y->handle; i++)
		;
	if (i == r->streams.n || !yang_given(yang_identity_rows, &id[i], "null-stream-identification"))
		return yang_refuse(&r->at, r->line, "stream-handle %" PRIu64 " has no null-stream-identification in stream-identity: add one, or wildcard",
				   y->handle);
	if (id[i].null.vlan > 4094)
		return yang_refuse(&r->at, r->line, "stream-handle %" PRIu64 ": vlan 4095 is reserved: give 1 to 4094, or 0 for any", y->handle);
	if (id[i].null.vlan)
		f->vid = (int32_t)id[i].null.vlan;
	if (id[i].null.tagged != YANG_ALL)
		conf_sched_note(r->s, "stream-handle %" PRIu64 ": tagged is taken as all: a frame without a tag is in the port's VLAN", y->handle);
	return take_mac(r, &id[i].null, f);
}

static int by_id(const void *a, const void *b)
{
	const struct yang_filter *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int take_filters(struct reader *r, struct conf_police *c)
{
	struct yang_list *list = &r->in->filters.list;
	struct yang_filter *y = list->items;
	struct conf_filter *f;
	int err = 0;

	if (!list->n)
		return 0;
	qsort(y, list->n, sizeof(*y), by_id); /* "smaller values appear earlier in the ordered list" */
	c->filters = calloc(list->n, sizeof(*c->filters));
	if (!c->filters)
		return no_memory(r);
	for (f = c->filters; !err && c->n_filters < list->n; f++, y++, c->n_filters++) {
		set_id(f->row.id, y->id);
		f->row.line = r->line;
		f->filter.pcp = y->priority == YANG_WILDCARD ? POLICE_ANY : (int32_t)y->priority;
		f->filter.max_sdu = (uint32_t)y->max_sdu;
		f->filter.block_oversize = y->block;
		if (yang_given(yang_psfp_filter_rows, y, "stream-gate-ref"))
			set_id(f->gate, y->gate);
		if (yang_given(yang_psfp_filter_rows, y, "flow-meter-ref"))
			set_id(f->meter, y->meter);
		f->meter_enable = y->meter_enable || !f->meter[0];
		if (yang_given(yang_psfp_filter_rows, y, "scheduler") && (y->scheduler.enable || y->scheduler.ref))
			set_id(f->scheduler, y->scheduler.ref);
		f->scheduler_enable = y->scheduler.enable || !f->scheduler[0];
		err = take_stream(r, y, &f->filter);
	}
	return err;
}

/* -- gates ----------------------------------------------------------------------------------------------------- */

static int by_index(const void *a, const void *b)
{
	const struct yang_stream_entry *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static int take_entries(struct reader *r, struct yang_stream_gate *y, struct police_gate_conf *g)
{
	struct yang_stream_entry *e = y->entries.list.items;
	uint32_t i, n = y->entries.list.n;

	if (!n)
		return 0;
	qsort(e, n, sizeof(*e), by_index);
	g->entries = calloc(n, sizeof(*g->entries));
	if (!g->entries)
		return no_memory(r);
	g->n_entries = n;
	for (i = 0; i < n; i++) {
		if (i && e[i].index == e[i - 1].index)
			return yang_refuse(&r->at, r->line, "stream gate %" PRIu64 ": two entries have index %" PRIu64 ": give each its own", y->id, e[i].index);
		g->entries[i] = (struct police_gate_entry){e[i].open, e[i].ipv == YANG_NULL_IPV ? POLICE_NONE : (int8_t)e[i].ipv,
							   (int64_t)e[i].interval, (uint32_t)e[i].octets};
	}
	return 0;
}

static int take_gate(struct reader *r, struct yang_stream_gate *y, struct conf_stream_gate *g)
{
	int err;

	set_id(g->row.id, y->id);
	g->row.line = r->line;
	g->gate = (struct police_gate_conf){.enabled = y->enable, .initial_open = y->open, .invalid_rx = y->invalid_rx,
					    .octets_exceeded = y->octets_exceeded, .initial_ipv = POLICE_NONE};
	if (!yang_given(yang_psfp_gate_rows, y, "admin-gate-states"))
		g->gate.initial_open = true;
	if (yang_given(yang_psfp_gate_rows, y, "admin-ipv") && y->ipv != YANG_NULL_IPV)
		g->gate.initial_ipv = (int8_t)y->ipv;
	if (!yang_given(yang_psfp_gate_rows, y, "gate-enable") && y->entries.list.n)
		conf_sched_note(r->s, "stream gate %" PRIu64 ": gate-enable is not given and false by default: its list does not run", y->id);
	err = yang_take_times(&r->at, r->line, &y->cycle, &y->base, &g->time);
	g->time.extension_ns = (int64_t)y->extension;
	return err ? err : take_entries(r, y, &g->gate);
}

static int take_gates(struct reader *r, struct conf_police *c)
{
	struct yang_list *list = &r->in->gates.list;
	struct yang_stream_gate *y = list->items;
	int err = 0;

	if (!list->n)
		return 0;
	c->gates = calloc(list->n, sizeof(*c->gates));
	if (!c->gates)
		return no_memory(r);
	for (; !err && c->n_gates < list->n; y++)
		err = take_gate(r, y, &c->gates[c->n_gates++]);
	return err;
}

/* -- meters, schedulers, groups ------------------------------------------------------------------------------ */

static int take_meters(struct reader *r, struct conf_police *c)
{
	const struct yang_list *list = &r->in->meters.list;
	const struct yang_meter *y = list->items;
	struct conf_meter *m;

	if (!list->n)
		return 0;
	c->meters = calloc(list->n, sizeof(*c->meters));
	if (!c->meters)
		return no_memory(r);
	for (m = c->meters; c->n_meters < list->n; m++, y++, c->n_meters++) {
		set_id(m->row.id, y->id);
		m->row.line = r->line;
		m->meter = (struct meter_conf){(int64_t)y->cir, (int64_t)y->eir, (int64_t)y->cbs, (int64_t)y->ebs, y->coupling, y->mode,
					       y->drop_yellow, y->mark_red};
	}
	return 0;
}

static int take_schedulers(struct reader *r, struct conf_police *c)
{
	const struct yang_list *list = &r->in->schedulers.list;
	const struct yang_scheduler *y = list->items;
	struct conf_scheduler *k;

	if (!list->n)
		return 0;
	c->schedulers = calloc(list->n, sizeof(*c->schedulers));
	if (!c->schedulers)
		return no_memory(r);
	for (k = c->schedulers; c->n_schedulers < list->n; k++, y++, c->n_schedulers++) {
		set_id(k->row.id, y->id);
		k->row.line = r->line;
		k->ats = (struct ats_conf){(int64_t)y->cir, (int64_t)y->cbs};
		set_id(k->group, y->group);
	}
	return 0;
}

static int take_groups(struct reader *r, struct conf_police *c)
{
	const struct yang_list *list = &r->in->groups.list;
	const struct yang_group *y = list->items;

	if (!list->n)
		return 0;
	c->groups = calloc(list->n, sizeof(*c->groups));
	if (!c->groups)
		return no_memory(r);
	for (; c->n_groups < list->n; y++, c->n_groups++) {
		set_id(c->groups[c->n_groups].row.id, y->id);
		c->groups[c->n_groups].row.line = r->line;
		c->groups[c->n_groups].residence_ns = (int64_t)y->residence;
	}
	return 0;
}

/* -- all ------------------------------------------------------------------------------------------------------- */

/* In the order of yang_psfp_rows. */
static int (*const takers[])(struct reader *r, struct conf_police *c) = {take_filters, take_gates, take_meters, take_schedulers, take_groups};

static int read_streams(struct reader *r, const struct yml_node *root)
{
	static const struct yang_row rows[] = {
		{.name = "stream-identity", .kind = YANG_TABLE, .offset = sizeof(uint64_t), .max = POLICE_MAX_FILTERS, .sub = yang_identity_rows,
		 .size = sizeof(struct yang_identity)},
		{.kind = YANG_END},
	};
	struct yml_node only = {.kind = YML_MAP, .n = 1};
	struct yang_table_of box = {.given = 0};
	const struct yml_node *n = yang_find(root, "stream-identity");
	struct yml_node copy;
	int err;

	if (!n)
		return 0;
	copy = *n;
	copy.next = NULL;
	only.child = &copy;
	only.line = n->line;
	err = yang_read(&r->at, rows, &only, &box);
	r->streams = box.list;
	return err;
}

static int read_boxes(struct reader *r, const struct yml_node *body)
{
	const struct yang_row *row;
	const struct yml_node *n;
	size_t mark;
	int err = 0;

	for (row = yang_psfp_rows; !err && row->kind != YANG_END; row++) {
		n = yang_find(body, row->name);
		if (!n)
			continue;
		r->line = n->line;
		mark = yang_enter(&r->at, row->name, -1);
		err = yang_read(&r->at, row->sub, n, (char *)r->in + row->offset);
		if (!err)
			err = takers[row - yang_psfp_rows](r, &r->s->police);
		yang_leave(&r->at, mark);
	}
	return err;
}

static bool polices(const struct yml_node *n)
{
	const struct yang_row *row;

	for (row = yang_psfp_rows; row->kind != YANG_END; row++)
		if (yang_find(n, row->name))
			return true;
	return false;
}

/* The component that polices: of a bridge, a system, or the document itself. */
static const struct yml_node *find_body(const struct yml_node *root)
{
	const struct yml_node *bridges = yang_find(root, "bridges"), *bridge, *c;

	if (polices(root))
		return root;
	if (polices(yang_find(root, "system")))
		return yang_find(root, "system");
	bridge = yang_find(bridges, "bridge");
	for (bridge = bridge ? bridge->child : NULL; bridge; bridge = bridge->next) {
		c = yang_find(bridge, "component");
		for (c = c ? c->child : NULL; c; c = c->next)
			if (polices(c))
				return c;
	}
	return NULL;
}

static int check(struct reader *r)
{
	struct conf_at at = {.where = r->at.where, .why = r->at.why};
	struct conf_port *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return no_memory(r);
	p->link_bps = r->s->link_bps ? r->s->link_bps : NS_PER_SEC;
	p->police = r->s->police;
	err = conf_check_police(&at, NULL, p);
	free(p);
	return err;
}

int conf_yang_read_police(struct conf_sched *s, const struct yml_node *root, const char *where, struct why *why)
{
	struct reader r = {.s = s, .at = {.where = where, .why = why}};
	const struct yml_node *body = find_body(root);
	int err;

	if (!body)
		return 0;
	r.in = calloc(1, sizeof(*r.in));
	if (!r.in)
		return no_memory(&r);
	err = read_streams(&r, root);
	if (!err)
		err = read_boxes(&r, body);
	if (!err)
		err = check(&r);
	if (r.at.n_state)
		conf_sched_note(s, "%s%s no configuration but state: not looked at", r.at.state, r.at.n_state > 1 ? " and other leaves are" : " is");
	free(r.streams.items);
	yang_free(yang_psfp_rows, r.in);
	free(r.in);
	return err;
}
