/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stay: a frame's way as far as taktd's record alone tells it: the hops from `copy` to `send`, on taktd's own clock, with no bound.
 *
 * A record is believed as little as a file: a verdict or a port that is none reads "?".
 */
#ifndef TAKT_PROBES_STAY_H
#define TAKT_PROBES_STAY_H

#include "probes/records.h"
#include "probes/way.h"

void stay_way(struct way *w, const struct pkt *rec, uint64_t key);

/* Names of ports, copied out of the shared memory: cut to REC_NAME bytes, whatever stands there. */
struct stay_ports {
	char name[PKT_MAX_PORTS][REC_NAME + 1];
};

void stay_ports(struct stay_ports *ports, const struct records *r);
const char *stay_port(const struct stay_ports *ports, uint8_t port);	/* "-": PKT_NO_PORT; "?": without a name */
const char *stay_verdict(const struct pkt *rec);
const char *stay_hop(enum way_hop hop);

#endif
