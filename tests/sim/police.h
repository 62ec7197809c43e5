/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sim police: a random policing of what comes in at a port, as it was asked for, and what its records have to show.
 */
#ifndef TAKT_TESTS_SIM_POLICE_H
#define TAKT_TESTS_SIM_POLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "tsn/police.h"
#include "vnet/pkt.h"

#define SIM_FILTERS 5
#define SIM_GATES   2
#define SIM_ENTRIES 6
#define SIM_METERS  2
#define SIM_ATS	    3
#define SIM_GROUPS  2

struct sim;

struct sim_police {
	bool on;
	int64_t t_made;
	struct police_conf conf;
	struct police_filter_conf filter[SIM_FILTERS];
	struct police_gate_conf gate[SIM_GATES];
	struct police_gate_entry entry[SIM_GATES][SIM_ENTRIES];
	struct meter_conf meter[SIM_METERS];
	struct police_scheduler_conf scheduler[SIM_ATS];
	int64_t residence[SIM_GROUPS];
};

/* Give port i a random policing, or none. 0, or -errno. */
int sim_police_make(struct sim *s, uint32_t i);

/* The filter that a frame which came as far matched, or NULL. */
const struct police_filter_conf *sim_police_filter(const struct sim_police *p, const struct pkt *r);

/*
 * The priorities by which a frame may have been put into its class, bit n for priority n: its own, or an IPV. One,
 * where the clock says which entry was in force.
 */
uint32_t sim_police_priorities(const struct sim *s, const struct pkt *r);

/*
 *	gate	what passed a stream gate came while it was open, and within its octets; what was dropped there came while it was closed
 *	sdu	what passed is within max-sdu-size, what was dropped is not
 *	meter	green and yellow bytes are within what both buckets can have given
 *	ats	nothing leaves before it is eligible, and nothing stays longer than it may
 * Only where the clock was neither stepped nor stopped. And anywhere: the filters' counters are those of the records.
 */
struct sim_records;
bool sim_check_police(struct sim *s, const struct sim_records *rec);

#endif
