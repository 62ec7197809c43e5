/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * police_gate: one running stream gate (802.1Q-2022 8.6.5.4, 8.6.10): a part of tsn/police, which see.
 *
 * Its list runs on tsn/gate, whose bit 0 it is: pending until its ConfigChangeTime, while the one before goes on. The
 * octets left count for one occurrence of an entry: when it comes round again, or another begins, the next one's are
 * counted from the full.
 *
 * A gate owns up to three lists: the one in force, one pending, and one that ended since police_gate_set() was last
 * called, which hands it back.
 */
#ifndef TAKT_TSN_POLICE_GATE_H
#define TAKT_TSN_POLICE_GATE_H

#include "tsn/gate.h"
#include "tsn/police_list.h"

struct police_gate {
	struct gate gate;
	struct police_list *oper, *admin;	/* in force; pending (atomic, for views: never both NULL). oper NULL: admin's initial state holds */
	struct police_list *spent;
	int64_t t_change;			/* of the pending one (atomic, for views) */
	bool invalid_rx, octets_exceeded;	/* latches (atomic, for views) */
	uint64_t errors;			/* config-change-error (atomic, for views) */
	int64_t t_interval;			/* begin of the occurrence that octets_left is of; INT64_MIN: none */
	uint32_t octets_left;
};

void police_gate_init(struct police_gate *g, struct police_list *list, int64_t now);
void police_gate_fini(struct police_gate *g);	/* with its lists */

/*
 * Another list, as ConfigChange: without one (gate-enable false) at once, else at its ConfigChangeTime. `back`: up to
 * three lists to be freed.
 */
void police_gate_set(struct police_gate *g, struct police_list *list, int64_t now, struct police_list *back[3]);

/* A frame with so many octets of MSDU: POLICE_PASS and its IPV, POLICE_GATE or POLICE_OCTETS. */
enum police_verdict police_gate_frame(struct police_gate *g, uint32_t octets, int64_t now, int8_t *ipv);

void police_gate_step(struct police_gate *g, int64_t now);
void police_gate_reset(struct police_gate *g);

/* By the thread that frees the lists. */
void police_gate_look(const struct police_gate *g, int64_t now, struct police_gate_view *out);

#endif
