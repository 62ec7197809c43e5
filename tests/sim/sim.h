/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sim: a whole bridge in plain memory under a clock that can be stopped, warped and stepped.
 *
 * A seed makes a world: ports, VLANs, link rates, schedules, traffic, a clock that costs time to read, jumps and stalls. The world is
 * turned with worker_poll(), as taktd does it; then every published record is held against invariants (sim/check.c).
 * The same seed gives the same run.
 */
#ifndef TAKT_TESTS_SIM_H
#define TAKT_TESTS_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "vnet/port_mem.h"
#include "vnet/worker.h"

#define SIM_MAX_PORTS	  5
#define SIM_MAX_SCHEDULES 64
#define SIM_RECORDS	  (1 << 17)

/* A schedule that was set in the course of a run, as it was asked for. */
struct sim_schedule {
	struct gcl_conf conf;
	struct gcl_entry entries[12];
	uint8_t port;
	int64_t t_set;	 /* when */
	int64_t t_start; /* its config-change-time; kept when it was replaced before it ran: until then it was what came next */
};

struct sim {
	uint64_t seed;
	uint64_t random;
	struct clk_sim clock;
	int64_t buffers; /* in use */
	struct worker worker;
	struct port port[SIM_MAX_PORTS];
	struct port_mem mem[SIM_MAX_PORTS];
	struct conf_port conf[SIM_MAX_PORTS];
	uint32_t n_ports;
	struct sim_schedule schedule[SIM_MAX_SCHEDULES];
	uint32_t n_schedules;
	uint64_t injected;  /* frames put in */
	bool calm;	    /* odd seeds: the clock is neither stepped nor stopped, so that all checks apply */
	uint32_t refuse_pm; /* per mille of sends refused by the driver */
	uint64_t steps;	    /* of the clock */
	uint64_t stalls;
	struct why why;	    /* the first invariant that broke */
};

/* xorshift64*: small, repeatable, good enough to shake a bridge. */
uint32_t sim_random(struct sim *s, uint32_t below);

/* Make the world of a seed, run it, flush it. 0, or -errno when it could not be made. */
int sim_run(struct sim *s, uint64_t seed);
void sim_free(struct sim *s);

/* Hold every record of the run against the invariants. False, and s->why says which and where. */
bool sim_check(struct sim *s);

#endif
