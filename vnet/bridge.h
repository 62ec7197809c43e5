/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bridge: the ports, the worker and the configuration as one thing, seen from the control thread.
 *
 * All functions here are called by the control thread only. What has to reach the worker goes through its mailbox;
 * nothing here waits on a frame.
 */
#ifndef TAKT_VNET_BRIDGE_H
#define TAKT_VNET_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "tsn/cbs.h"
#include "vnet/conf.h"
#include "vnet/stat.h"
#include "vnet/timebase.h"

struct bridge;

/* What can be asked about a port. */
struct bridge_port {
	const struct conf_port *conf;
	bool up;			/* guest attached, or wire link up */
	const char *ring;		/* "split", "packed" for an attached guest, else "" */
	int peer_pid;			/* process at the other end of an attached guest's socket; 0: not known (port_guest_peer()) */
	struct stat_port stat;		/* a copy */
	const struct gcl *oper;		/* schedule that runs now; NULL: none */
	const struct gcl *admin;	/* schedule that will run at t_change; NULL: none pending */
	const struct gcl *held;		/* schedule that waits for the clock to be good; NULL: none does */
	int64_t t_change;		/* config-change-time of admin */
	uint8_t gate_states;		/* as of the last turn */
};

/* Takes the configuration over on success: the caller must not conf_fini() it then. Nothing is left behind on failure. */
int bridge_create(struct bridge **out, struct conf *conf, struct why *why);
int bridge_start(struct bridge *b, struct why *why);	/* the worker begins to turn */
void bridge_destroy(struct bridge *b);			/* stops the worker first; NULL is legal */

/* Housekeeping: frees retired profiles, notes link changes. Call about ten times a second. */
void bridge_tick(struct bridge *b);

const struct conf *bridge_conf(const struct bridge *b);	/* running configuration, for dump */
uint32_t bridge_ports(const struct bridge *b);
int bridge_port_find(const struct bridge *b, const char *name);	/* index, or -ENOENT */
void bridge_port_get(struct bridge *b, uint32_t i, struct bridge_port *out);
void bridge_worker_get(struct bridge *b, struct stat_worker *out);
int bridge_worker_tid(const struct bridge *b);		/* of its thread; 0: it does not run */
int64_t bridge_now(struct bridge *b);			/* TAI ns, the workers' clock */
void bridge_clock_get(struct bridge *b, struct timebase_state *out); /* how good that is, and what became of it */
const char *bridge_held(const struct bridge *b);	/* how gates with a schedule are held until that is good, "open" or "shut"; NULL: not any more */

/*
 * Make a schedule pending on a port. Validated first; refused with -EINVAL and a sentence, and nothing changes. The entries are copied,
 * also into the running configuration. *t_change is when it will take over; NS_NEVER: when the clock is good.
 */
int bridge_gate_set(struct bridge *b, uint32_t port, const struct gcl_conf *conf, int64_t *t_change, struct why *why);

/* What polices a port's ingress: its counters and gates may be looked at (tsn/police.h). NULL: nothing does. */
const struct police *bridge_police(const struct bridge *b, uint32_t port);

/*
 * Make another list pending on a stream gate of a port, named by its id. Validated first; refused with -EINVAL and a sentence, and nothing changes.
 * On success the running configuration has `gate`, whose entries are taken over. *t_change: as above.
 */
int bridge_police_set(struct bridge *b, uint32_t port, const char *id, struct conf_stream_gate *gate, int64_t *t_change, struct why *why);

/* Open the latches of a port's policing, before the worker's next frames. -EINVAL: it has none; -EBUSY. */
int bridge_police_reset(struct bridge *b, uint32_t port, struct why *why);

/*
 * Shape a class by credit, idle_bps 0: no more. -EINVAL and a sentence when the link, the other classes' slopes or the class's own order forbid it;
 * nothing changes then. The running configuration follows.
 */
int bridge_cbs_set(struct bridge *b, uint32_t port, uint8_t tc, int64_t idle_bps, struct why *why);

/* How the port's classes stand: asks the worker and waits for its answer. -ETIMEDOUT and a sentence when that does not come. */
int bridge_cbs_get(struct bridge *b, uint32_t port, struct cbs out[TSN_CLASSES], struct why *why);

#endif
