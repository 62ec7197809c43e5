/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worker: one thread's turn through the house.
 *
 * worker_poll() is one turn: mail, then each port's receive, then each port's send. It never blocks, takes no lock, allocates nothing.
 * The clock is read through one function, which sees to three things on the way: a step of the clock moves every instant kept here along;
 * a poll gap is published; time never runs backwards. A stop of the whole thread for longer than WORKER_STALL_NS (a debugger, a suspended machine)
 * is treated as a step: it is nobody's waiting time.
 *
 * When a frame waits for a gate that opens within the time of a turn, and no higher class could send meanwhile, nothing is received until
 * it has opened: a visit to a busy guest right before would make that frame late.
 *
 * A turn reads the clock once per port, plus around each burst it moves:
 *	t_seen	the last read before the visit that found the frame
 *	copied	after receive
 *	queued	after the whole burst was classified and looked up
 *	chosen	just before send: the gate is checked against this read, not against the one the choice was made with
 *	t_out	after send, and after a fence: when the other side can see it
 */
#ifndef TAKT_VNET_WORKER_H
#define TAKT_VNET_WORKER_H

#include <stdatomic.h>

#include "base/spsc.h"
#include "ptp/clk.h"
#include "vnet/fdb.h"
#include "vnet/ingress.h"
#include "vnet/port.h"
#include "vnet/recw.h"

#define WORKER_STALL_NS INT64_C(250000000) /* a frame of PKT_MAX_STAY_NS and one gap: its hops still fit 32 bits */

enum worker_mail_kind {
	MAIL_GATE,	   /* make a schedule pending */
	MAIL_POLICE_RESET, /* open the latches of the port's policing */
	MAIL_POLICE_SET,   /* make another list pending at one of its stream gates */
	MAIL_CBS_SET,	   /* shape classes by credit */
	MAIL_CBS_ASK,	   /* how do they stand? */
};

/* Mail from the control thread. The worker hands the same message back when it has done it. What it carries, the kind says. */
struct worker_mail {
	enum worker_mail_kind kind;
	uint8_t port;
	union {
		struct { /* MAIL_GATE */
			const struct gcl *gcl;	   /* to become pending */
			const struct gcl *dropped; /* back: was pending and never ran, or NULL */
		};
		struct { /* MAIL_POLICE_SET */
			uint8_t police_gate;
			struct police_list *police_list;    /* to become pending there */
			struct police_list *police_back[3]; /* back: not needed any more */
		};
		struct cbs_limits limits[TSN_CLASSES]; /* MAIL_CBS_SET: as egress_shape() has them */
		struct cbs cbs[TSN_CLASSES];	       /* MAIL_CBS_ASK, back: as egress_credit() has them */
	};
};

/* What the worker tells about a port's schedule, for the control thread to read at leisure. */
struct worker_gate_view {
	_Atomic(const struct gcl *) oper;
	_Atomic(const struct gcl *) admin;
	_Atomic int64_t t_change;
	_Atomic int64_t t_last; /* start of oper's last cycle before it; NS_NEVER: none */
};

struct worker {
	struct clk clk;
	int64_t t_now;	  /* last clock read */
	int64_t stepped;  /* sum of clock steps as of that read */
	int64_t t_open;	  /* instant taken by the burst that is being worked on; moves along with steps */
	int64_t t_stall;  /* the last stop of the thread was over: who had come before has been here for longer than it seems */
	int64_t poll_gap_ns;
	int64_t t_opening; /* the next such gate, as the last turn's sends know it */
	int64_t t_visited; /* when all ports had last been received from */
	int64_t turn_ns;   /* what a turn takes: decaying maximum */
	uint64_t seq;
	struct port *port[PKT_MAX_PORTS];
	uint32_t n_ports;
	struct ingress ingress;
	struct recw rec;
	struct stat_worker stat;
	struct worker_gate_view view[PKT_MAX_PORTS];
	const struct gcl *retired[PKT_MAX_PORTS * 2]; /* waiting for room in `spent` */
	uint32_t n_retired;
	struct spsc mail;  /* struct worker_mail, to the worker */
	struct spsc done;  /* the same ones back */
	struct spsc spent; /* struct gcl: schedules the worker let go of, to be freed by the control thread */
};

/* `buf` copies and frees frames. The ports are added before the first turn. -ENOMEM. */
int worker_init(struct worker *w, const struct clk *clk, const struct pktbuf *buf, int64_t ageing_ns, int64_t poll_gap_ns);
void worker_fini(struct worker *w);
void worker_add_port(struct worker *w, struct port *port);

void worker_poll(struct worker *w);

/* Drop every queued frame (verdict flushed), as when the worker ends. */
void worker_flush(struct worker *w);

#endif
