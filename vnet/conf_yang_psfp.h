/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_yang_psfp: what the printers of instance data share.
 */
#ifndef TAKT_VNET_CONF_YANG_PSFP_H
#define TAKT_VNET_CONF_YANG_PSFP_H

#include "vnet/conf_sched.h"
#include "vnet/yang_psfp.h"

#define YANG_MAC_LEN 18	/* with NUL */

/* Policing as it is printed: zeroed at first, yang_free() by the rows of its document. */
struct yang_psfp_doc {
	struct yang_psfp psfp;
	struct yang_list streams;	/* struct yang_identity */
	char mac[POLICE_MAX_FILTERS][YANG_MAC_LEN];
};

/* Fill it from s->police; notes what the modules have no leaf for. -ENOMEM. */
int yang_give_psfp(struct conf_sched *s, struct yang_psfp_doc *doc);

/* Base and cycle of a list whose entries last sum_ns (what a cycle of 0 means); no cycle is given when that is 0. */
void yang_give_times(struct conf_sched *s, const struct gcl_conf *conf, int64_t sum_ns, struct yang_rational *cycle, struct yang_instant *base);

#endif
