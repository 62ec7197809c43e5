/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cqf: a port's shorthand, and the tables that it stands for.
 */
#include "vnet/conf_type.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/conf.h"

#define NAME "cqf"	/* of the stream gate; filters are NAME-PRIORITY */

static int read_classes(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	const struct yml_node *c;
	uint8_t *class = field;
	int64_t v;
	int err;

	if (n->kind != YML_LIST || n->n != 2)
		return conf_refuse(at, n->line, k->key,
				   "wants the two classes that take turns: give a list such as [5, 4]");
	for (c = n->child; c; c = c->next) {
		err = conf_read_int(at, k, c, &v);
		if (err)
			return err;
		*class++ = (uint8_t)v;
	}
	return 0;
}

static void print_classes(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const uint8_t *class = field;

	(void)k;
	(void)indent;
	fprintf(f, "[%u, %u]", class[0], class[1]);
}

static const struct conf_type type_classes = {.name = "list of two classes", .read = read_classes,
					      .print = print_classes};

const struct conf_key conf_cqf_keys[] = {
	{.key = "cycle-time", .type = &conf_type_ns, .offset = offsetof(struct cqf_conf, cycle_ns), .min = 1, .max = GCL_MAX_CYCLE_NS / 2,
	 .flags = CONF_MUST, .help = "How long a cycle is; the two classes take turns by it."},
	{.key = "base-time", .type = &conf_type_instant, .offset = offsetof(struct cqf_conf, t_base), .min = 0, .max = GCL_MAX_BASE_NS, .def = "0",
	 .help = "When a cycle of the first class begins."},
	{.key = "classes", .type = &type_classes, .offset = offsetof(struct cqf_conf, class), .min = 0, .max = 7, .flags = CONF_MUST,
	 .help = "The two classes. Frames of all their priorities take part."},
	{.key = NULL},
};

static int read_cqf(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf_port *p = field;
	int err = conf_keys_default(conf_cqf_keys, &p->cqf, at->why);

	(void)k;
	p->has_cqf = true;
	return err ? err : conf_keys_read(at, conf_cqf_keys, n, 0, &p->cqf);
}

static void print_cqf(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct cqf_conf *c = &((const struct conf_port *)field)->cqf;
	const struct conf_key *row;

	(void)k;
	fputc('{', f);
	for (row = conf_cqf_keys; row->key; row++) {
		fprintf(f, indent == CONF_JSON ? "%s\"%s\": " : "%s%s: ", row == conf_cqf_keys ? "" : ", ", row->key);
		row->type->print(row, (const char *)c + row->offset, f, indent);
	}
	fputc('}', f);
}

static bool no_cqf(const struct conf_key *k, const void *field)
{
	(void)k;
	return !((const struct conf_port *)field)->has_cqf;
}

const struct conf_type conf_type_cqf = {.name = "mapping, see below", .read = read_cqf, .print = print_cqf,
					.absent = no_cqf};

/* -- what it stands for ---------------------------------------------------------------------------------------- */

static void make_gates(struct conf_port *p, struct conf_stream_gate *g, const struct cqf *x)
{
	p->has_gate = true;
	p->gate.enabled = true;
	p->gate.initial_gates = 0xff;
	p->gate.t_base = p->cqf.t_base;
	memcpy(p->gate.entries, x->egress, sizeof(x->egress));
	p->gate.n_entries = 2;
	strcpy(g->row.id, NAME);
	g->time.t_base = p->cqf.t_base;
	g->gate.enabled = true;
	g->gate.initial_open = true;
	g->gate.initial_ipv = POLICE_NONE;
	memcpy(g->gate.entries, x->ingress, sizeof(x->ingress));
	g->gate.n_entries = 2;
}

static void make_filter(struct conf_filter *f, uint8_t pcp)
{
	snprintf(f->row.id, sizeof(f->row.id), NAME "-%u", pcp);
	f->filter.any_dst = true;
	f->filter.vid = POLICE_ANY;
	f->filter.pcp = pcp;
	strcpy(f->gate, NAME);
}

int conf_cqf_make(const struct conf_at *at, const struct yml_node *n, struct conf_port *p)
{
	struct conf_police *c = &p->police;
	struct why why = {""};
	struct cqf x;
	uint32_t i;

	if (cqf_expand(&x, &p->cqf, p->class_map, &why))
		return conf_refuse(at, n->line, "cqf", "%s", why.text);
	p->gate.entries = calloc(2, sizeof(*p->gate.entries));
	c->filters = calloc(x.n_filters, sizeof(*c->filters));
	c->gates = calloc(1, sizeof(*c->gates));
	if (c->gates)
		c->gates->gate.entries = calloc(2, sizeof(*c->gates->gate.entries));
	c->n_gates = c->gates ? 1 : 0;
	if (!p->gate.entries || !c->filters || !c->gates || !c->gates->gate.entries)
		return why_fail(at->why, ENOMEM, "%s:%d: out of memory", at->where, n->line);
	c->gates->row.line = n->line;
	make_gates(p, c->gates, &x);
	for (i = 0; i < x.n_filters; i++)
		make_filter(&c->filters[i], x.pcp[i]);
	c->n_filters = x.n_filters;
	return 0;
}
