/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sim: a whole bridge in plain memory under a clock that can be stopped, warped and stepped.
 *
 * A seed makes a world: ports, VLANs, link rates, schedules, traffic, a clock that costs time to read, jumps and
 * stalls. The world is turned with worker_poll(), as taktd does it; then every published record is held against
 * invariants (sim/check.c). The same seed gives the same run.
 */
#ifndef TAKT_TESTS_SIM_H
#define TAKT_TESTS_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "tests/sim/police.h"
#include "vnet/port_mem.h"
#include "vnet/worker.h"

#define SIM_MAX_PORTS	  5
#define SIM_MAX_SCHEDULES 64
#define SIM_MAX_RATES	  32 /* times that slopes are changed while it runs */
#define SIM_MAX_PHASES	  (SIM_MAX_SCHEDULES + SIM_MAX_RATES + 1)
#define SIM_RECORDS	  (1 << 17)
#define SIM_MAX_PUT	  (1 << 15)
#define SIM_NO_LAUNCH	  INT64_MIN

struct sim_odd {
	int64_t start, end;
};

/* A schedule that was set in the course of a run, as it was asked for. */
struct sim_schedule {
	struct gcl_conf conf;
	struct gcl_entry entries[12];
	uint8_t port;
	int64_t t_set;	 /* when: after t_set_from, and not later than this */
	int64_t t_set_from;
	int64_t t_start; /* its config-change-time; kept when it was replaced before it ran: until then it was what came next */
	/* by sim_plan() */
	struct sim_odd odd[8]; /* its cycles that did not end when they regularly do, in order */
	int n_odd;
	int64_t t_sure; /* until when all this is known beyond doubt */
};

/*
 * What a port's gates and shapers did, as far as it is known beyond doubt: between two of these is the end of one
 * schedule and the begin of another, or of slopes.
 */
struct sim_phase {
	int64_t t_from, t_to;
	uint32_t gen; /* schedule[gen - 1]; 0: all open */
	struct cbs_limits limits[TSN_CLASSES];
};

/* Asks for the time: well formed; with a flaw; from taktd's own address. */
enum sim_ask { SIM_NO_ASK, SIM_ASK, SIM_ASK_FLAWED, SIM_ASK_FALSE };

/* An answer that a driver was offered. */
struct sim_answer {
	uint64_t seq, key;
};

/* A frame that was put in. */
struct sim_put {
	int64_t t_launch; /* as it says, or SIM_NO_LAUNCH */
	uint32_t len;
	uint64_t key;	  /* base/key.h */
	uint8_t ask;	  /* enum sim_ask */
	bool ptp;	  /* PTP by EtherType or port */
	bool unread;	  /* with a flaw in it, or behind so many tags that nobody looks */
	bool link_local;  /* over Ethernet to 01-80-C2-00-00-0E, and no S-tag before it */
	uint8_t type;	  /* messageType */
	uint8_t clock;	  /* the port in whose clock's name it is, or a number beyond them */
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
	struct sim_phase phase[SIM_MAX_PORTS][SIM_MAX_PHASES];
	uint32_t n_phases[SIM_MAX_PORTS];
	struct cbs_limits limits[SIM_MAX_PORTS][TSN_CLASSES]; /* now */
	uint32_t n_rates;   /* times they were changed */
	struct sim_police police[SIM_MAX_PORTS];
	uint64_t policed;   /* frames dropped by policing */
	uint64_t shaped;    /* classes, by credit */
	uint64_t ordered;   /* classes, by launch or eligibility time */
	struct sim_put *put[SIM_MAX_PORTS]; /* frames put in there, in order */
	uint32_t n_put[SIM_MAX_PORTS];
	uint64_t injected;  /* frames put in */
	uint64_t ptp, ptp_role, ptp_clock, ptp_rate; /* of them PTP; dropped by role, by whose clock they name, by rate */
	uint64_t ptp_corrected; /* event messages offered to a driver with their stay in them */
	bool ptp_leak;	    /* PTP went out where it must not, or with a wrong correction: why says what */
	uint32_t ask_pm;    /* per mille of frames that ask for the time */
	uint64_t asks, answered;
	struct sim_answer *answer; /* in the order in which they were offered */
	uint32_t n_answers;
	bool ask_leak;	    /* an ask or an answer went out where it must not, or with another time: why says what */
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

/* A list as it was asked for: the length of its cycle in whole ns; where the first one begins that is not before t. */
int64_t sim_cycle_ns(const struct gcl_conf *c);
int64_t sim_cycle_from(const struct gcl_conf *c, int64_t t);

/*
 * Which cycles of which schedule were cut or held; then: is gate tc open at t, and until when for sure; how long is it
 * shut in [from, to)?
 */
void sim_plan(struct sim *s);
bool sim_open_at(const struct sim_schedule *sch, uint8_t tc, int64_t t, int64_t *until);
int64_t sim_shut_ns(const struct sim_schedule *sch, uint8_t tc, int64_t from, int64_t to);

/* All records of a run, and what is known of them beside. */
struct sim_records {
	struct pkt *rec;
	uint64_t *key;	     /* of each */
	uint64_t n;
	int64_t *t_start;    /* of each: when it starts on the modelled link, or would have when it was dropped */
	uint32_t *len;	     /* by seq: as it came in */
	int64_t *launch;     /* by seq: the launch time in it, or SIM_NO_LAUNCH */
	const struct sim_put **put; /* by seq */
	int64_t *t_eligible; /* by seq: worked out by tsn/ats from when it was seen */
};

int sim_records_read(struct sim *s, struct sim_records *rec); /* -ENOMEM, or -EOVERFLOW when records are lost */
void sim_records_free(struct sim_records *rec);

/* Parts of sim_check(). */
bool sim_check_credit(struct sim *s, const struct sim_records *rec);
bool sim_check_order(struct sim *s, const struct sim_records *rec);
bool sim_check_ptp(struct sim *s, const struct sim_records *rec);
bool sim_check_asks(struct sim *s, const struct sim_records *rec);

/* PTP in the world (ptp.c): roles, rates and peers of its ports; a frame, its header's length; a look at a frame that is handed over. */
void sim_ptp_conf(struct sim *s);
uint32_t sim_ptp_frame(struct sim *s, uint32_t port, uint8_t *f, struct sim_put *put, uint32_t *header);
void sim_ptp_sent(struct sim *s, const struct port *port, const struct pkt *p);

/* Asks for the time (ask.c): a frame, its header's length; a look at a frame that is handed over. */
uint32_t sim_ask_frame(struct sim *s, uint32_t port, uint8_t *f, struct sim_put *put, uint32_t *header);
void sim_ask_sent(struct sim *s, const struct port *port, const struct pkt *p);

/* Was this an ask, as far as anybody looked? Then its record is no stream's and no copy's. */
static inline bool sim_is_ask(const struct sim_put *put, const struct pkt *r)
{
	return put->ask && !(r->verdict >= VERDICT_RUNT && r->verdict <= VERDICT_VLAN_IN) && r->verdict != VERDICT_BAD_SOURCE;
}

/* Read the worker's answers; t_before: its clock before the turn. */
void sim_read_back(struct sim *s, int64_t t_before);

/* Hold every record of the run against the invariants. False, and s->why says which and where. */
bool sim_check(struct sim *s);

#endif
