/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events: what came to and left one class queue, from the records; and which gate list held meanwhile.
 */
#ifndef TAKT_TESTS_SIM_EVENTS_H
#define TAKT_TESTS_SIM_EVENTS_H

#include "tests/sim/sim.h"

/* In the order in which they count at one instant. */
enum what { COMES, DROPPED, GOES };

struct event {
	int64_t t;
	enum what what;
	uint64_t n; /* of the record */
};

/*
 * Those of one class queue, sorted; room for two per record. Frames that never came to the queue stayed there for no
 * time: they do no harm.
 */
uint32_t events_gather(struct event *e, const struct sim_records *rec, uint8_t port, uint8_t tc);

/* The list that holds in a phase, or NULL: all open. */
const struct sim_schedule *events_list(const struct sim *s, const struct sim_phase *p);

/* Open time of class tc under a list, in [from, to). */
int64_t events_open_ns(const struct sim_schedule *c, uint8_t tc, int64_t from, int64_t to);

/*
 * Does a phase of a port hold at t? *phase goes on to it. A phase that is over and the next one's begin may leave a
 * time between them in which nobody knows.
 */
bool events_phase(const struct sim *s, uint8_t port, uint32_t *phase, int64_t t);

#endif
