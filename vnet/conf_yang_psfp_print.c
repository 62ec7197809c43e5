/* SPDX-License-Identifier: BSD-3-Clause */
/* From a port's tables of policing to a system's instance data. The modules number what here may have names. */
#include "vnet/conf_yang_psfp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define ALL_ROWS (~UINT64_C(0))

/* Rows of any of the tables, which begin with a struct conf_row. */
struct ids {
	const char *rows;
	size_t size;
	uint32_t n;
	bool numbers;	/* each id is a number as the module has it: they stay */
};

static const char *id_of(const struct ids *ids, uint32_t i)
{
	return ((const struct conf_row *)(ids->rows + i * ids->size))->id;
}

static bool canonical(const char *id)
{
	return strspn(id, "0123456789") == strlen(id) && (id[0] != '0' || !id[1]) && strtoull(id, NULL, 10) <= UINT32_MAX;
}

static struct ids ids_of(struct conf_sched *s, const char *what, const void *rows, size_t size, uint32_t n)
{
	struct ids ids = {rows, size, n, true};
	uint32_t i;

	for (i = 0; i < n; i++)
		ids.numbers &= canonical(id_of(&ids, i));
	if (!ids.numbers)
		conf_sched_note(s, "%s have names, and the module numbers them: they count from 0 in their order", what);
	return ids;
}

static uint64_t number(const struct ids *ids, uint32_t i)
{
	return ids->numbers ? strtoull(id_of(ids, i), NULL, 10) : i;
}

/* The number of a row that is referred to; conf_load() has seen that it is there. */
static uint64_t refer(const struct ids *ids, const char *id)
{
	uint32_t i;

	for (i = 0; i < ids->n && strcmp(id_of(ids, i), id); i++)
		;
	return number(ids, i);
}

/* -- gates ----------------------------------------------------------------------------------------------------- */

static int give_gate(struct conf_sched *s, struct yang_stream_gate *y, const struct conf_stream_gate *g)
{
	struct yang_stream_entry *e = calloc(g->gate.n_entries + 1, sizeof(*e));
	int64_t sum_ns = 0;
	uint32_t i;

	if (!e)
		return -ENOMEM;
	y->given = ALL_ROWS;
	y->enable = g->gate.enabled;
	y->open = g->gate.initial_open;
	y->ipv = g->gate.initial_ipv == POLICE_NONE ? YANG_NULL_IPV : (uint64_t)g->gate.initial_ipv;
	y->extension = (uint64_t)g->time.extension_ns;
	y->invalid_rx = g->gate.invalid_rx;
	y->octets_exceeded = g->gate.octets_exceeded;
	y->entries = (struct yang_stream_entries){ALL_ROWS, {e, g->gate.n_entries}};
	for (i = 0; i < g->gate.n_entries; i++) {
		const struct police_gate_entry *from = &g->gate.entries[i];

		e[i] = (struct yang_stream_entry){ALL_ROWS, i, 0, (uint64_t)from->interval_ns, from->open,
						  from->ipv == POLICE_NONE ? YANG_NULL_IPV : (uint64_t)from->ipv, from->octets_max};
		if (!from->octets_max)
			yang_take(yang_psfp_entry_rows, &e[i], "interval-octet-max"); /* "if omitted, there is no maximum" */
		sum_ns += from->interval_ns;
	}
	yang_give_times(s, &g->time, sum_ns, &y->cycle, &y->base);
	if (!y->cycle.given)
		yang_take(yang_psfp_gate_rows, y, "admin-cycle-time");
	return 0;
}

/* -- filters ------------------------------------------------------------------------------------------------- */

static void give_stream(struct conf_sched *s, const struct conf_filter *f, struct yang_filter *y, struct yang_psfp_doc *doc)
{
	struct yang_identity *id = (struct yang_identity *)doc->streams.items + doc->streams.n;
	char *mac = doc->mac[doc->streams.n];
	const uint8_t *a = f->filter.dst;

	if (f->filter.any_dst && f->filter.vid == POLICE_ANY) {
		yang_take(yang_psfp_filter_rows, y, "stream-handle");
		return;
	}
	yang_take(yang_psfp_filter_rows, y, "wildcard");
	y->handle = y->id;
	*id = (struct yang_identity){ALL_ROWS, y->id, y->id, {ALL_ROWS, mac, YANG_ALL, f->filter.vid == POLICE_ANY ? 0 : (uint64_t)f->filter.vid}};
	snprintf(mac, YANG_MAC_LEN, "%02X-%02X-%02X-%02X-%02X-%02X", a[0], a[1], a[2], a[3], a[4], a[5]);
	if (f->filter.any_dst) {
		yang_take(yang_null_stream_rows, &id->null, "destination-mac");
		conf_sched_note(s, "filter %s is for any destination in a VLAN: destination-mac is left out, which 802.1CB says nothing about", f->row.id);
	}
	doc->streams.n++;
}

static void give_filter(struct conf_sched *s, const struct ids refs[3], const struct conf_filter *f, struct yang_filter *y, struct yang_psfp_doc *doc)
{
	y->given = ALL_ROWS;
	y->priority = f->filter.pcp == POLICE_ANY ? YANG_WILDCARD : (uint64_t)f->filter.pcp;
	y->max_sdu = f->filter.max_sdu;
	y->block = f->filter.block_oversize;
	give_stream(s, f, y, doc);
	if (f->gate[0]) {
		y->gate = refer(&refs[0], f->gate);
	} else {
		yang_take(yang_psfp_filter_rows, y, "stream-gate-ref");
		conf_sched_note(s, "filter %s has no gate, which the module wants: refer to one that is always open for a strict reader", f->row.id);
	}
	y->meter_enable = f->meter[0] && f->meter_enable;
	if (f->meter[0])
		y->meter = refer(&refs[1], f->meter);
	else
		yang_take(yang_psfp_filter_rows, y, "flow-meter-ref");
	y->scheduler = (struct yang_scheduler_use){ALL_ROWS, 0, f->scheduler_enable};
	if (f->scheduler[0])
		y->scheduler.ref = refer(&refs[2], f->scheduler);
	else
		yang_take(yang_psfp_filter_rows, y, "scheduler");
}

/* A module's filters are in the order of their numbers. */
static bool ascending(const struct ids *ids)
{
	uint32_t i;

	for (i = 1; ids->numbers && i < ids->n; i++)
		if (number(ids, i) <= number(ids, i - 1))
			return false;
	return ids->numbers;
}

/* -- all ------------------------------------------------------------------------------------------------------- */

static int room(struct yang_table_of *t, uint32_t n, size_t size)
{
	t->given = ALL_ROWS;
	t->list.items = calloc(n + 1, size);
	return t->list.items ? 0 : -ENOMEM;
}

static int make_room(const struct conf_police *c, struct yang_psfp_doc *doc)
{
	doc->streams.items = calloc(c->n_filters + 1, sizeof(struct yang_identity));
	if (!doc->streams.items || room(&doc->psfp.filters, c->n_filters, sizeof(struct yang_filter)) ||
	    room(&doc->psfp.gates, c->n_gates, sizeof(struct yang_stream_gate)) || room(&doc->psfp.meters, c->n_meters, sizeof(struct yang_meter)) ||
	    room(&doc->psfp.schedulers, c->n_schedulers, sizeof(struct yang_scheduler)) ||
	    room(&doc->psfp.groups, c->n_groups, sizeof(struct yang_group)))
		return -ENOMEM;
	return 0;
}

static void give_rest(const struct conf_police *c, const struct ids refs[4], struct yang_psfp *out)
{
	struct yang_meter *m = out->meters.list.items;
	struct yang_scheduler *k = out->schedulers.list.items;
	struct yang_group *g = out->groups.list.items;
	uint32_t i;

	for (i = 0; i < c->n_meters; i++) {
		const struct meter_conf *from = &c->meters[i].meter;

		m[out->meters.list.n++] = (struct yang_meter){ALL_ROWS, number(&refs[1], i), (uint64_t)from->cir_bps, (uint64_t)from->cbs_bytes,
							      (uint64_t)from->eir_bps, (uint64_t)from->ebs_bytes, from->coupling,
							      from->colour_aware, from->drop_yellow, from->mark_all_red};
	}
	for (i = 0; i < c->n_schedulers; i++)
		k[out->schedulers.list.n++] = (struct yang_scheduler){ALL_ROWS, number(&refs[2], i), (uint64_t)c->schedulers[i].ats.cir_bps,
								      (uint64_t)c->schedulers[i].ats.cbs_bits, refer(&refs[3], c->schedulers[i].group)};
	for (i = 0; i < c->n_groups; i++)
		g[out->groups.list.n++] = (struct yang_group){ALL_ROWS, number(&refs[3], i), (uint64_t)c->groups[i].residence_ns};
}

int yang_give_psfp(struct conf_sched *s, struct yang_psfp_doc *doc)
{
	const struct conf_police *c = &s->police;
	struct ids filters = ids_of(s, "stream filters", c->filters, sizeof(*c->filters), c->n_filters);
	const struct ids refs[4] = {
		ids_of(s, "stream gates", c->gates, sizeof(*c->gates), c->n_gates),
		ids_of(s, "flow meters", c->meters, sizeof(*c->meters), c->n_meters),
		ids_of(s, "schedulers", c->schedulers, sizeof(*c->schedulers), c->n_schedulers),
		ids_of(s, "scheduler groups", c->groups, sizeof(*c->groups), c->n_groups),
	};
	const uint32_t counts[] = {c->n_filters, c->n_gates, c->n_meters, c->n_schedulers, c->n_groups};
	struct yang_filter *f;
	struct yang_stream_gate *g;
	uint32_t i;
	int err = make_room(c, doc);

	filters.numbers = ascending(&filters);
	f = doc->psfp.filters.list.items;
	g = doc->psfp.gates.list.items;
	for (i = 0; !err && i < c->n_filters; i++, doc->psfp.filters.list.n++) {
		f[i].id = number(&filters, i);
		give_filter(s, refs, &c->filters[i], &f[i], doc);
	}
	for (i = 0; !err && i < c->n_gates; i++, doc->psfp.gates.list.n++) {
		g[i].id = number(&refs[0], i);
		err = give_gate(s, &g[i], &c->gates[i]);
	}
	if (!err)
		give_rest(c, refs, &doc->psfp);
	for (i = 0; i < 5; i++)
		doc->psfp.given |= (uint64_t)(counts[i] != 0) << i; /* in the order of yang_psfp_rows */
	return err;
}
