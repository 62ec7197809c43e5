/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/hop_table.h"

#include <errno.h>
#include <stdlib.h>

struct hop_table *hop_table_create(size_t cell_size)
{
	struct hop_table *t = calloc(1, sizeof(*t));

	if (t)
		t->cell_size = cell_size;
	return t;
}

void hop_table_destroy(struct hop_table *t, void (*fini)(void *cell))
{
	int i;

	if (!t)
		return;
	for (i = 0; i < HOP_TABLE_CELLS; i++) {
		if (t->cell[i] && fini)
			fini(t->cell[i]);
		free(t->cell[i]);
	}
	free(t);
}

void *hop_table_cell(struct hop_table *t, const struct pkt *rec, int hop)
{
	void **cell = &t->cell[((rec->out_port % PKT_MAX_PORTS) * 8 + 7 - rec->tc % 8) * HOP_TABLE_HOPS + hop];

	if (!*cell)
		*cell = calloc(1, t->cell_size);
	return *cell;
}

bool hop_table_at(const struct hop_table *t, int i, struct hop_at *at)
{
	at->port = (uint8_t)(i / HOP_TABLE_HOPS / 8);
	at->tc = 7 - i / HOP_TABLE_HOPS % 8;
	at->hop = i % HOP_TABLE_HOPS;
	at->name = at->hop < WAY_HOPS_COUNT ? way_names[at->hop] : "total";
	at->cell = t->cell[i];
	return at->cell;
}

int hop_table_frame(struct hop_table *t, const struct way *w, int (*add)(void *cell, int64_t ns, const struct way *w))
{
	struct way_edge first, last;
	void *cell;
	int i, err = 0;

	if (w->rec.verdict != VERDICT_SENT || w->rec.out_port >= PKT_MAX_PORTS)
		return 0;
	for (i = 0; i < WAY_HOPS_COUNT && !err; i++) {
		if (!way_has(w, (enum way_hop)i))
			continue;
		cell = hop_table_cell(t, &w->rec, i);
		err = cell ? add(cell, way_ns(w, (enum way_hop)i), w) : -ENOMEM;
	}
	if (err)
		return err;
	way_span(w, &first, &last);
	cell = hop_table_cell(t, &w->rec, WAY_HOPS_COUNT);
	return cell ? add(cell, last.t - first.t, w) : -ENOMEM;
}
