/* SPDX-License-Identifier: BSD-3-Clause */
/* From a schedule to an interface's instance data: ietf-interfaces with the modules of 802.1DC, which need no bridge component around it. */
#include "vnet/conf_sched.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ns.h"
#include "vnet/conf_yang_psfp.h"

#define AT(type, field) .offset = offsetof(struct type, field)

struct interface {
	uint64_t given;
	const char *name;
	uint64_t type;
	struct yang_table table;
	struct yang_cbsa cbsa;
};

struct interfaces {
	uint64_t given;
	struct yang_list list;
};

struct root {
	uint64_t given;
	struct interfaces interfaces;
	struct yang_psfp_doc doc;
};

static const char *const types[] = {"iana-if-type:ethernetCsmacd", NULL};

static const struct yang_row interface_rows[] = {
	{.name = "name", .kind = YANG_STRING, AT(interface, name)},
	{.name = "type", .kind = YANG_IDENTITY, AT(interface, type), .words = types},
	{.name = "gate-parameter-table", .kind = YANG_BOX, AT(interface, table), .sub = yang_table_rows, .module = "ieee802-dot1dc-sched-if"},
	{.name = "cbsa", .kind = YANG_BOX, AT(interface, cbsa), .sub = yang_cbsa_rows, .module = "ieee802-dot1dc-cbsa-if"},
	{.kind = YANG_END},
};

static const struct yang_row interfaces_rows[] = {
	{.name = "interface", .kind = YANG_TABLE, AT(interfaces, list), .max = 1, .sub = interface_rows, .size = sizeof(struct interface)},
	{.kind = YANG_END},
};

static const struct yang_row root_rows[] = {
	{.name = "interfaces", .kind = YANG_BOX, AT(root, interfaces), .sub = interfaces_rows, .module = "ietf-interfaces"},
	{.name = "stream-identity", .kind = YANG_TABLE, AT(root, doc.streams), .sub = yang_identity_rows, .size = sizeof(struct yang_identity),
	 .module = "ieee802-dot1cb-stream-identification"},
	{.name = "system", .kind = YANG_BOX, AT(root, doc.psfp), .sub = yang_psfp_rows, .module = "ietf-system"},
	{.kind = YANG_END},
};

#define ALL_ROWS (~UINT64_C(0))

/* The module knows no "sum of the entries": it is written out. Without entries there is no cycle. */
void yang_give_times(struct conf_sched *s, const struct gcl_conf *conf, int64_t sum_ns, struct yang_rational *cycle, struct yang_instant *base)
{
	int64_t cycle_ns = conf->cycle_ns ? conf->cycle_ns : sum_ns, num, den;

	if (conf->t_base < 0)
		conf_sched_note(s, "a base time before 1970 cannot be written: the schedule begins at 0 instead");
	*base = (struct yang_instant){ALL_ROWS, 0, 0};
	if (conf->t_base > 0)
		*base = (struct yang_instant){ALL_ROWS, (uint64_t)(conf->t_base / NS_PER_SEC), (uint64_t)(conf->t_base % NS_PER_SEC)};
	if (!cycle_ns)
		return;
	gcl_cycle_seconds(cycle_ns, conf->cycle_frac_num, conf->cycle_frac_den, &num, &den);
	if (num > UINT32_MAX || den > UINT32_MAX) {
		conf_sched_note(s, "admin-cycle-time does not fit a fraction of 32-bit numbers: %u/%u ns of it are lost", conf->cycle_frac_num,
				conf->cycle_frac_den);
		gcl_cycle_seconds(cycle_ns, 0, 1, &num, &den);
	}
	*cycle = (struct yang_rational){ALL_ROWS, (uint64_t)num, (uint64_t)den};
}

static int give_table(struct conf_sched *s, struct yang_table *t, struct why *why)
{
	const struct gcl_conf *g = &s->gate;
	struct yang_entry *e = calloc(g->n_entries + 1, sizeof(*e));
	struct yang_sdu *sdu = calloc(TSN_CLASSES, sizeof(*sdu));
	int64_t sum_ns = 0;
	uint32_t i, n = 0;

	*t = (struct yang_table){.given = ALL_ROWS, .enabled = g->enabled, .states = g->initial_gates, .extension = (uint64_t)g->extension_ns};
	t->entries = (struct yang_entries){ALL_ROWS, {e, g->n_entries}};
	t->sdu.items = sdu;
	if (!e || !sdu)
		return why_fail(why, ENOMEM, "out of memory");
	for (i = 0; i < g->n_entries; i++) {
		e[i] = (struct yang_entry){ALL_ROWS, i, 0, (uint64_t)g->entries[i].interval_ns, g->entries[i].gates};
		sum_ns += g->entries[i].interval_ns;
	}
	for (i = 0; i < TSN_CLASSES; i++)
		if (g->max_sdu[i])
			sdu[n++] = (struct yang_sdu){ALL_ROWS, i, g->max_sdu[i]};
	t->sdu.n = n;
	yang_give_times(s, g, sum_ns, &t->cycle, &t->base);
	if (!t->cycle.given)
		yang_take(yang_table_rows, t, "admin-cycle-time");
	return 0;
}

static int give_cbsa(const struct conf_sched *s, struct yang_cbsa *c, struct why *why)
{
	struct yang_slope *slope = calloc(TSN_CLASSES, sizeof(*slope));
	uint32_t i;

	*c = (struct yang_cbsa){ALL_ROWS, {slope, 0}};
	if (!slope)
		return why_fail(why, ENOMEM, "out of memory");
	for (i = 0; i < TSN_CLASSES; i++)
		if (s->cbs.idle_bps[i])
			slope[c->slopes.n++] = (struct yang_slope){ALL_ROWS, i, (uint64_t)s->cbs.idle_bps[i]};
	return 0;
}

static int give_interface(struct conf_sched *s, struct interface *i, struct why *why)
{
	int err;

	yang_give(interface_rows, i, "name");
	yang_give(interface_rows, i, "type");
	yang_give(interface_rows, i, "gate-parameter-table");
	err = give_table(s, &i->table, why);
	if (!err)
		err = give_cbsa(s, &i->cbsa, why);
	if (i->cbsa.slopes.n)
		yang_give(interface_rows, i, "cbsa");
	return err;
}

int conf_yang_print(struct conf_sched *s, const char *dev, FILE *f, struct why *why)
{
	struct interface *i = calloc(1, sizeof(*i));
	struct root *root = calloc(1, sizeof(*root));
	int err;

	if (!i || !root) {
		free(i);
		free(root);
		return why_fail(why, ENOMEM, "out of memory");
	}
	root->interfaces = (struct interfaces){ALL_ROWS, {i, 1}};
	i->name = dev ? dev : *s->name ? s->name : "eth0";
	yang_give(root_rows, root, "interfaces");
	err = give_interface(s, i, why);
	if (!err && yang_give_psfp(s, &root->doc))
		err = why_fail(why, ENOMEM, "out of memory");
	if (root->doc.streams.n)
		yang_give(root_rows, root, "stream-identity");
	if (root->doc.psfp.given)
		yang_give(root_rows, root, "system");
	if (!err) {
		yang_print(root_rows, root, f, 0);
		fputc('\n', f);
	}
	yang_free(root_rows, root);
	free(root);
	return err;
}
