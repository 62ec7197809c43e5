/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/police_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check(const struct police_gate_conf *conf, struct why *why)
{
	const struct police_gate_entry *e = conf->entries;
	uint32_t i;

	if (conf->initial_ipv < POLICE_NONE || conf->initial_ipv > 7)
		return why_fail(why, EINVAL, "admin-ipv %d is out of range: give 0 to 7 or null", conf->initial_ipv);
	if (conf->n_entries > GCL_MAX_ENTRIES)
		return why_fail(why, EINVAL, "admin-control-list has %u entries: give at most %d", conf->n_entries,
				GCL_MAX_ENTRIES);
	for (i = 0; i < conf->n_entries; i++, e++)
		if (e->ipv < POLICE_NONE || e->ipv > 7)
			return why_fail(why, EINVAL,
					"admin-control-list entry %u: ipv-spec %d is out of range: give 0 to 7 or null",
					i, e->ipv);
	return 0;
}

/* The list as tsn/gate runs it. */
static int make_gcl(struct gcl **out, const struct police_gate_conf *conf, const struct wire *wire, struct why *why)
{
	struct gcl_conf list = {
		.enabled = true, .initial_gates = conf->initial_open, .t_base = conf->t_base,
			.cycle_ns = conf->cycle_ns,
		.cycle_frac_num = conf->cycle_frac_num, .cycle_frac_den = conf->cycle_frac_den,
		.extension_ns = conf->extension_ns,
		.n_entries = conf->n_entries, .entries = calloc(conf->n_entries, sizeof(*list.entries)),
	};
	uint32_t i;
	int err;

	if (!list.entries)
		return why_fail(why, ENOMEM, "admin-control-list: out of memory");
	for (i = 0; i < conf->n_entries; i++)
		list.entries[i] = (struct gcl_entry){.gates = conf->entries[i].open,
						     .interval_ns = conf->entries[i].interval_ns};
	err = gcl_create(out, &list, wire, why);
	free(list.entries);
	return err;
}

int police_list_create(struct police_list **out, const struct police_gate_conf *conf, const struct wire *wire,
		       struct why *why)
{
	struct police_list *l;
	int err = check(conf, why);

	if (err)
		return err;
	l = calloc(1, sizeof(*l) + conf->n_entries * sizeof(l->entries[0]));
	if (!l)
		return why_fail(why, ENOMEM, "stream gate: out of memory");
	l->initial_open = conf->initial_open;
	l->initial_ipv = conf->initial_ipv;
	l->latch_invalid_rx = conf->invalid_rx;
	l->latch_octets = conf->octets_exceeded;
	if (conf->enabled && conf->n_entries) {
		memcpy(l->entries, conf->entries, conf->n_entries * sizeof(l->entries[0]));
		err = make_gcl(&l->gcl, conf, wire, why);
	}
	if (err)
		free(l);
	else
		*out = l;
	return err;
}

void police_list_destroy(struct police_list *l)
{
	if (l)
		gcl_destroy(l->gcl);
	free(l);
}
