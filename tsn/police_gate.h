/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * police_gate: one running stream gate (802.1Q-2022 8.6.5.4, 8.6.10): a part of tsn/police, which see.
 *
 * Its list runs on tsn/gate, whose bit 0 it is. IPVs and octets of the entries stand beside it, in the same order. The octets left count for one
 * occurrence of an entry: when it comes round again, or another begins, the next one's are counted from the full.
 */
#ifndef TAKT_TSN_POLICE_GATE_H
#define TAKT_TSN_POLICE_GATE_H

#include "tsn/gate.h"
#include "tsn/police.h"

struct police_gate {
	struct gate gate;
	struct gcl *gcl;			/* NULL: no list */
	const struct police_gate_entry *entries;
	int64_t t_start;			/* when the list takes over (atomic, for views) */
	int8_t initial_ipv;
	bool latch_invalid_rx, latch_octets;	/* enabled? */
	bool invalid_rx, octets_exceeded;	/* set? (atomic, for views) */
	int64_t t_interval;			/* begin of the occurrence that octets_left is of; INT64_MIN: none */
	uint32_t octets_left;
};

/* `entries`: room for the list's copy, n_entries of them, which outlives the gate. As gcl_create(). */
int police_gate_init(struct police_gate *g, const struct police_gate_conf *conf, struct police_gate_entry *entries, const struct wire *wire,
		     int64_t now, struct why *why);
void police_gate_fini(struct police_gate *g);

/* A frame with so many octets of MSDU: POLICE_PASS and its IPV, POLICE_GATE or POLICE_OCTETS. */
enum police_verdict police_gate_frame(struct police_gate *g, uint32_t octets, int64_t now, int8_t *ipv);

void police_gate_step(struct police_gate *g, int64_t delta, int64_t now);
void police_gate_reset(struct police_gate *g);
void police_gate_look(const struct police_gate *g, int64_t now, struct police_gate_view *out);	/* any thread */

#endif
