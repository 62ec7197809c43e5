/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tables of policing as a port has them, and what their rows refer to. The rows' keys are in conf_police_keys.c.
 */
#include "vnet/conf_type.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tsn/police_list.h"
#include "vnet/conf.h"

/* -- tables ------------------------------------------------------------------------------------------------- */

static const struct table {
	const char *key;
	const struct conf_key *rows;
	size_t size;		/* of a row's struct, which begins with a struct conf_row */
	uint32_t max;
	size_t list, n;		/* where struct conf_police has it */
	bool ordered;		/* numbers count up: the order of rows says something */
} tables[] = {
#define TABLE(key, rows, type, max, member, ordered)                                                          \
	{key, rows, sizeof(struct type), max, offsetof(struct conf_police, member),                           \
	 offsetof(struct conf_police, n_##member), ordered}
	TABLE("stream-filters", conf_filter_keys, conf_filter, POLICE_MAX_FILTERS, filters, true),
	TABLE("stream-gates", conf_stream_gate_keys, conf_stream_gate, POLICE_MAX_GATES, gates, false),
	TABLE("flow-meters", conf_meter_keys, conf_meter, POLICE_MAX_METERS, meters, false),
	TABLE("schedulers", conf_scheduler_keys, conf_scheduler, POLICE_MAX_SCHEDULERS, schedulers, false),
	TABLE("scheduler-groups", conf_group_keys, conf_group, POLICE_MAX_GROUPS, groups, false),
#undef TABLE
};

static const struct table *find_table(const char *key)
{
	const struct table *t = tables;

	while (strcmp(t->key, key))
		t++;
	return t;
}

static char **list_of(const struct table *t, struct conf_police *c)
{
	return (char **)((char *)c + t->list);
}

static uint32_t *number_of(const struct table *t, struct conf_police *c)
{
	return (uint32_t *)((char *)c + t->n);
}

static struct conf_row *row_of(const struct table *t, const struct conf_police *c, uint32_t i)
{
	return (struct conf_row *)(*list_of(t, (struct conf_police *)c) + i * t->size);
}

/* Index of the row with that id, or POLICE_NONE. */
static int32_t find_row(const struct table *t, const struct conf_police *c, const char *id)
{
	uint32_t i;

	for (i = 0; i < *number_of(t, (struct conf_police *)c); i++)
		if (!strcmp(row_of(t, c, i)->id, id))
			return (int32_t)i;
	return POLICE_NONE;
}

/* -- reading and printing -------------------------------------------------------------------------------------- */

static int read_table(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf_police *c = &((struct conf_port *)field)->police;
	const struct table *t = find_table(k->key);
	const struct yml_node *item;
	struct conf_row *row;
	uint32_t i = 0;
	int err = 0;

	if (n->kind != YML_LIST)
		return conf_refuse(at, n->line, k->key, "is %s: give a list of rows (lines that begin with -)",
				   yml_kind_name(n));
	if (n->n > t->max)
		return conf_refuse(at, n->line, k->key, "has %u rows: give at most %u", n->n, t->max);
	if (!n->n)
		return 0;
	*list_of(t, c) = calloc(n->n, t->size);
	if (!*list_of(t, c))
		return why_fail(at->why, ENOMEM, "%s:%d: out of memory", at->where, n->line);
	for (item = n->child; item && !err; item = item->next, i++) {
		row = row_of(t, c, i);
		*number_of(t, c) = i + 1;
		row->line = item->line;
		err = conf_keys_default(t->rows, row, at->why);
		if (!err)
			err = conf_keys_read(at, t->rows, item, 0, row);
	}
	return err;
}

static void print_table(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct conf_police *c = &((const struct conf_port *)field)->police;
	const struct table *t = find_table(k->key);
	uint32_t i;

	if (indent == CONF_JSON)
		fputc('[', f);
	for (i = 0; i < *number_of(t, (struct conf_police *)c); i++) {
		if (indent == CONF_JSON)
			fputs(i ? ", {" : "{", f);
		else
			fprintf(f, "\n%*s- ", indent + 2, "");
		conf_keys_print(t->rows, row_of(t, c, i), 0, f, indent == CONF_JSON ? CONF_JSON : indent + 4);
		if (indent == CONF_JSON)
			fputc('}', f);
	}
	if (indent == CONF_JSON)
		fputc(']', f);
}

/* What cqf made is not printed: cqf is. */
static bool no_table(const struct conf_key *k, const void *field)
{
	const struct conf_port *p = field;

	return p->has_cqf || !*number_of(find_table(k->key), (struct conf_police *)&p->police);
}

const struct conf_type conf_type_police = {.name = "list of mappings, see below", .read = read_table,
					   .print = print_table, .block = true,
					   .absent = no_table};

void conf_police_fini(struct conf_police *c)
{
	uint32_t i;

	for (i = 0; i < c->n_gates; i++)
		free(c->gates[i].gate.entries);
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		free(*list_of(&tables[i], c));
	memset(c, 0, sizeof(*c));
}

/* -- as tsn/police wants it ------------------------------------------------------------------------------------ */

static void gate_conf(struct police_gate_conf *out, const struct conf_stream_gate *g)
{
	*out = g->gate;
	out->t_base = g->time.t_base;
	out->cycle_ns = g->time.cycle_ns;
	out->cycle_frac_num = g->time.cycle_frac_num;
	out->cycle_frac_den = g->time.cycle_frac_den;
	out->extension_ns = g->time.extension_ns;
}

int conf_police_list(struct police_list **out, const struct conf_stream_gate *g, const struct wire *wire,
		     struct why *why)
{
	struct police_gate_conf conf;

	gate_conf(&conf, g);
	return police_list_create(out, &conf, wire, why);
}

int conf_police_gate(const struct conf_police *c, const char *id)
{
	int32_t i = find_row(find_table("stream-gates"), c, id);

	return i == POLICE_NONE ? -ENOENT : i;
}

/* -- one stream gate alone --------------------------------------------------------------------------------------- */

static const struct conf_key *gate_keys = conf_stream_gate_keys + 1; /* but for the id */

int conf_parse_stream_gate(struct conf_stream_gate *out, const char *text, const char *where, struct why *why)
{
	struct conf_at at = {.where = where, .why = why};
	const struct yml_node *root, *gate;
	struct yml *y;
	int err;

	memset(out, 0, sizeof(*out));
	err = yml_parse(&y, text, strlen(text), where, why);
	if (err)
		return err;
	root = yml_root(y);
	gate = yml_find(root, "stream-gate");
	err = conf_keys_default(gate_keys, out, why);
	if (!err)
		err = conf_keys_read(&at, gate_keys, gate ? gate : root, 0, out);
	yml_free(y);
	if (err) {
		free(out->gate.entries);
		memset(out, 0, sizeof(*out));
	}
	return err;
}

void conf_print_stream_gate(const struct conf_stream_gate *g, FILE *f)
{
	fputc('{', f);
	conf_keys_print(gate_keys, g, 0, f, CONF_JSON);
	fputc('}', f);
}

/* ------------------------------------------------------------------------------------------------------------------ */

static int32_t refer(const struct conf_police *c, const char *table, const char *id)
{
	return id[0] ? find_row(find_table(table), c, id) : POLICE_NONE;
}

static void filter_conf(struct police_filter_conf *out, const struct conf_police *c, const struct conf_filter *f)
{
	*out = f->filter;
	out->gate = refer(c, "stream-gates", f->gate);
	out->meter = f->meter_enable ? refer(c, "flow-meters", f->meter) : POLICE_NONE;
	out->scheduler = f->scheduler_enable ? refer(c, "schedulers", f->scheduler) : POLICE_NONE;
}

struct lists {	/* in one piece of memory */
	struct police_filter_conf filters[POLICE_MAX_FILTERS];
	struct police_gate_conf gates[POLICE_MAX_GATES];
	struct meter_conf meters[POLICE_MAX_METERS];
	struct police_scheduler_conf schedulers[POLICE_MAX_SCHEDULERS];
	int64_t residences[POLICE_MAX_GROUPS];
};

int conf_police_create(struct police **out, const struct conf_police *c, const struct wire *wire, int64_t now,
		       struct why *why)
{
	struct police_conf conf = {c->n_filters, c->n_gates, c->n_meters, c->n_schedulers, c->n_groups, NULL, NULL,
				   NULL, NULL, NULL};
	struct lists *l;
	uint32_t i;
	int err;

	*out = NULL;
	if (!c->n_filters)
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l)
		return why_fail(why, ENOMEM, "policing: out of memory");
	for (i = 0; i < c->n_filters; i++)
		filter_conf(&l->filters[i], c, &c->filters[i]);
	for (i = 0; i < c->n_gates; i++)
		gate_conf(&l->gates[i], &c->gates[i]);
	for (i = 0; i < c->n_meters; i++)
		l->meters[i] = c->meters[i].meter;
	for (i = 0; i < c->n_schedulers; i++)
		l->schedulers[i] = (struct police_scheduler_conf){c->schedulers[i].ats,
								  refer(c, "scheduler-groups", c->schedulers[i].group)};
	for (i = 0; i < c->n_groups; i++)
		l->residences[i] = c->groups[i].residence_ns;
	conf.filters = l->filters;
	conf.gates = l->gates;
	conf.meters = l->meters;
	conf.schedulers = l->schedulers;
	conf.group_residence_ns = l->residences;
	err = police_create(out, &conf, wire, now, why);
	free(l);
	return err;
}

/* -- checks that need more than one key ------------------------------------------------------------------------ */

static bool is_number(const char *id)
{
	return id[strspn(id, "0123456789")] == '\0';
}

static int check_id(const struct conf_at *at, const struct table *t, const struct conf_police *c, uint32_t i)
{
	const struct conf_row *row = row_of(t, c, i), *last = i ? row_of(t, c, i - 1) : NULL;
	int32_t twin = find_row(t, c, row->id);

	if (twin != (int32_t)i)
		return conf_refuse(at, row->line, t->rows->key,
				   "%s is given twice (the other on line %d): give each row its own", row->id,
				   row_of(t, c, (uint32_t)twin)->line);
	if (t->ordered && last && is_number(row->id) && is_number(last->id) &&
	    strtoul(row->id, NULL, 10) < strtoul(last->id, NULL, 10))
		return conf_refuse(at, row->line, t->rows->key,
				   "%s stands behind %s, but smaller numbers come first: swap them, or give names",
				   row->id, last->id);
	return 0;
}

static int check_ids(const struct conf_at *at, const struct conf_police *c)
{
	const struct table *t;
	uint32_t i;
	int err = 0;

	for (t = tables; t < tables + sizeof(tables) / sizeof(tables[0]); t++)
		for (i = 0; i < *number_of(t, (struct conf_police *)c) && !err; i++)
			err = check_id(at, t, c, i);
	return err;
}

static int check_ref(const struct conf_at *at, const struct conf_police *c, int line, const char *leaf, const char *id,
		     const char *table)
{
	if (!id[0] || refer(c, table, id) != POLICE_NONE)
		return 0;
	return conf_refuse(at, line, leaf, "%s is no row of %s: add it there, or refer to one that is", id, table);
}

static int check_refs(const struct conf_at *at, const struct conf_police *c)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < c->n_filters && !err; i++) {
		const struct conf_filter *f = &c->filters[i];

		err = check_ref(at, c, f->row.line, "stream-gate-ref", f->gate, "stream-gates");
		if (!err)
			err = check_ref(at, c, f->row.line, "flow-meter-ref", f->meter, "flow-meters");
		if (!err)
			err = check_ref(at, c, f->row.line, "scheduler-ref", f->scheduler, "schedulers");
	}
	for (i = 0; i < c->n_schedulers && !err; i++)
		err = check_ref(at, c, c->schedulers[i].row.line, "scheduler-group-ref", c->schedulers[i].group,
				"scheduler-groups");
	return err;
}

/* Each row is tried alone: so the line to blame is known. */
static int check_gate(const struct conf_at *at, const struct conf_stream_gate *g, const struct wire *wire,
		      struct why *why)
{
	struct police_list *list = NULL;
	int err = conf_police_list(&list, g, wire, why);

	police_list_destroy(list);
	return err ? conf_refuse(at, g->row.line, "stream-gates", "%s", why->text) : 0;
}

static int check_rows(const struct conf_at *at, const struct conf_police *c, const struct wire *wire)
{
	struct why why = {""};
	struct meter meter;
	struct ats ats;
	uint32_t i;
	int err = 0;

	for (i = 0; i < c->n_gates && !err; i++)
		err = check_gate(at, &c->gates[i], wire, &why);
	for (i = 0; i < c->n_meters && !err; i++)
		if (meter_init(&meter, &c->meters[i].meter, 0, &why))
			err = conf_refuse(at, c->meters[i].row.line, "flow-meters", "%s", why.text);
	for (i = 0; i < c->n_groups && !err; i++)
		if (c->groups[i].residence_ns < 1 || c->groups[i].residence_ns > POLICE_MAX_RESIDENCE_NS)
			err = conf_refuse(at, c->groups[i].row.line, "scheduler-groups",
					  "max-residence-time %" PRId64 " ns is out of range: give 1 to %" PRId64 " ns", c->groups[i].residence_ns,
					  POLICE_MAX_RESIDENCE_NS);
	for (i = 0; i < c->n_schedulers && !err; i++)
		if (ats_init(&ats, &c->schedulers[i].ats, 0, &why))
			err = conf_refuse(at, c->schedulers[i].row.line, "schedulers", "%s", why.text);
	return err;
}

int conf_check_police(const struct conf_at *at, const struct yml_node *port, struct conf_port *p)
{
	const struct yml_node *cqf = yml_find(port, "cqf");
	struct wire wire;
	uint32_t i;
	int err = wire_init(&wire, p->link_bps, at->why);

	for (i = 0; cqf && i < sizeof(tables) / sizeof(tables[0]); i++)
		if (yml_find(port, tables[i].key))
			return conf_refuse(at, cqf->line, "cqf",
					   "makes stream filters and gates of its own: take %s out, or write out what cqf would make",
					   tables[i].key);
	if (cqf && p->has_gate)
		return conf_refuse(at, cqf->line, "cqf",
				   "makes gate-parameters of its own: take them out, or write out what cqf would make");
	if (!err && cqf)
		err = conf_cqf_make(at, cqf, p);
	if (!err)
		err = check_ids(at, &p->police);
	if (!err)
		err = check_refs(at, &p->police);
	return err ? err : check_rows(at, &p->police, &wire);
}
