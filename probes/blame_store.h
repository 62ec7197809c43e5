/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_store: all that is known of an interval: frames, what happened, who is who, and what was not watched.
 *
 * Frames are kept as ways where guests or wires told of them, and as taktd's records (a tenth of the size) where nobody did. Pure; one thread.
 */
#ifndef TAKT_PROBES_BLAME_STORE_H
#define TAKT_PROBES_BLAME_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "probes/blame_frame.h"
#include "vnet/rec.h"

struct blame_rec {
	struct pkt rec;
	uint64_t key;
};

struct blame_store {
	struct blame_rec *rec;		/* frames known by their record; those dropped are only counted */
	size_t n_rec, room_rec;
	struct way *way;		/* frames of which more is known */
	size_t n_way, room_way;
	uint64_t dropped[VERDICT_COUNT];
	uint64_t gaps;
	int64_t gap_ns;
	int64_t t_first, t_last;	/* TAI ns: t_out of the first and the last frame */
	struct cause_spans spans;
	struct blame_roles roles;
	uint32_t watched;		/* enum cause_watch */
	char unwatched[CAUSE_WATCHES][WHY_LEN];	/* why the bit of that number is not watched; "": nobody asked for it */
	char port_name[PKT_MAX_PORTS][REC_NAME];
};

void blame_store_init(struct blame_store *s);
void blame_store_fini(struct blame_store *s);

int blame_store_rec(struct blame_store *s, const struct pkt *rec, uint64_t key);	/* -ENOMEM */
int blame_store_way(struct blame_store *s, const struct way *w);			/* -ENOMEM */
int blame_store_gap(struct blame_store *s, const struct rec_gap *g, bool counted);	/* counted: in the interval; -ENOMEM */

/* Frames that were sent, 0 .. blame_store_frames() - 1; `room` holds the way where only a record is known. */
size_t blame_store_frames(const struct blame_store *s);
const struct way *blame_store_get(const struct blame_store *s, size_t i, struct way *room);

/* Forget what was over before t. */
void blame_store_forget(struct blame_store *s, int64_t t);

const char *blame_store_port(const struct blame_store *s, uint8_t port);	/* "?" without a name */

#endif
