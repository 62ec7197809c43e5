/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bridge_pvt: what the bridge is made of; for bridge.c, which makes and ends it,
 * bridge_mail.c, which changes it while it runs, and bridge_view.c, which answers questions.
 */
#ifndef TAKT_VNET_BRIDGE_PVT_H
#define TAKT_VNET_BRIDGE_PVT_H

#include <pthread.h>
#include <semaphore.h>

#include "vnet/timebase.h"
#include "vnet/bridge.h"
#include "vnet/port_mem.h"
#include "vnet/worker.h"

struct bridge {
	struct worker worker;
	struct conf conf;
	struct timebase *timebase;
	struct pktbuf buf;
	struct port port[PKT_MAX_PORTS];
	struct port_mem mem[PKT_MAX_PORTS]; /* state of the ports that are in memory */
	uint32_t n_ports;		    /* opened */
	uint16_t generation;		    /* of the last schedule made */
	bool holding;			    /* schedules wait for the clock to be good */
	bool hold_told;
	struct gcl *held[PKT_MAX_PORTS];    /* those of the gates; lists of stream gates are made when their time comes */
	uint32_t released, released_gates;  /* ports below, and of that one stream gates below, wait no more */
	uint32_t n_released;		    /* schedules */
	uint32_t stuck;			    /* ticks that could not release one; said once */
	uint64_t clock_steps;		    /* that the worker took over, as of the last tick */
	pthread_t thread;
	int worker_tid; /* the thread's; set before it says that it has started */
	bool running;
	_Atomic bool stop;
	sem_t started;
	int start_error;
	struct why start_why;
};

/* A schedule for a port, with the next generation. -EINVAL and a sentence that names the port. */
int bridge_make_gcl(struct bridge *b, uint32_t port, const struct gcl_conf *conf, struct gcl **out, struct why *why);

/* Take in what the worker is done with, and free it; `but` is not freed: true when it came back. */
bool bridge_reclaim(struct bridge *b, const struct worker_mail *but);

/* A message about a port, to be filled in and posted. NULL and a sentence when there is no memory. */
struct worker_mail *bridge_mail(struct bridge *b, enum worker_mail_kind kind, uint32_t port, struct why *why);

/* Free a message, and what comes with it: what the worker gave back, or, if it was not read, what the worker was to get. */
void bridge_mail_free(struct worker_mail *m, bool read);

/*
 * Schedules that wait (bridge_hold.c). The first two for a port that is being opened; bridge_hold_gcl() and bridge_hold_list() for one that
 * is set meanwhile: the latter makes what stands in for it at a stream gate. The gcl is taken over, by bridge_hold_port() also when it fails.
 */
int bridge_hold_port(struct bridge *b, uint32_t port, struct gcl *gcl, struct why *why);
int bridge_hold_stream_gates(struct bridge *b, uint32_t port, struct why *why);
int bridge_hold_gcl(struct bridge *b, uint32_t port, struct gcl *gcl, struct why *why);
int bridge_hold_list(struct bridge *b, uint32_t port, struct police_list **out, const struct conf_stream_gate *g, struct why *why);
bool bridge_holds(const struct bridge *b, uint32_t port); /* do this port's schedules wait? */
void bridge_hold_tick(struct bridge *b);
void bridge_drop_held(struct bridge *b);

/* -EBUSY and a sentence when the mailbox is full: the message is still the caller's. */
int bridge_post(struct bridge *b, struct worker_mail *m, struct why *why);

#endif
