/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hop_table: something for each egress port, traffic class and hop that frames had; a histogram, say.
 *
 * Cells are made when they are first asked for, zeroed, and found again in order: by port, then by class from 7 down, then by hop, `total` last.
 */
#ifndef TAKT_PROBES_HOP_TABLE_H
#define TAKT_PROBES_HOP_TABLE_H

#include <stddef.h>

#include "probes/way.h"

#define HOP_TABLE_HOPS	(WAY_HOPS_COUNT + 1)	/* the last: the stay in taktd, or the whole way where more is known */
#define HOP_TABLE_CELLS (PKT_MAX_PORTS * 8 * HOP_TABLE_HOPS)

struct hop_table {
	size_t cell_size;
	void *cell[HOP_TABLE_CELLS];
};

struct hop_table *hop_table_create(size_t cell_size);	/* NULL: no memory */
void hop_table_destroy(struct hop_table *t, void (*fini)(void *cell));

/* Of a frame that was sent; NULL: no memory. hop: WAY_HOPS_COUNT for the total. */
void *hop_table_cell(struct hop_table *t, const struct pkt *rec, int hop);

/* Where cell i is; false: it was never asked for. */
struct hop_at {
	uint8_t port;
	int tc, hop;
	const char *name;	/* of the hop */
	void *cell;
};

bool hop_table_at(const struct hop_table *t, int i, struct hop_at *at);

/*
 * What a frame adds to the table: the hops that are known, and their sum, from the first known edge to the last. add() is called for each;
 * -ENOMEM, or what add() returns. Frames that were not sent add nothing.
 */
int hop_table_frame(struct hop_table *t, const struct way *w, int (*add)(void *cell, int64_t ns, const struct way *w));

#endif
