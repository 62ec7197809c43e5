/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * police_list: what was asked of a stream gate (802.1Q-2022 8.6.5.4, 8.6.10) as an immutable profile: its control list
 * as tsn/gate runs it, with each entry's IPV and octets beside it in the same order, and what holds while no list
 * runs. Any thread may read it; its owner destroys it.
 */
#ifndef TAKT_TSN_POLICE_LIST_H
#define TAKT_TSN_POLICE_LIST_H

#include "tsn/gcl.h"
#include "tsn/police.h"

struct police_list {
	struct gcl *gcl;		/* bit 0 is the stream gate; NULL: no list, or gate-enable false */
	bool initial_open;
	int8_t initial_ipv;
	bool latch_invalid_rx, latch_octets;	/* enabled? */
	struct police_gate_entry entries[];
};

/* As gcl_create(): -EINVAL and a sentence that names the leaf; -ENOMEM. The conf is copied. */
int police_list_create(struct police_list **out, const struct police_gate_conf *conf, const struct wire *wire,
		       struct why *why);
void police_list_destroy(struct police_list *l);	/* NULL is legal */

#endif
