/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backend: what joins the ends of a cell. A new one is a row of `backends` and a file.
 */
#ifndef TAKT_BENCH_BACKEND_H
#define TAKT_BENCH_BACKEND_H

#include "bench/cell_run.h"

struct backend {
	const char *name;	/* of AXIS_BACKEND */
	int (*can)(const struct cell *c, struct why *why);	/* beside what backend_can() asks of all. NULL: always */
	int (*check)(struct cell_run *r, struct why *why);	/* as cell_check(); only who is where is known. NULL: nothing to refuse */
	int (*start)(struct cell_run *r, struct why *why);	/* ends have their namespaces and veth pairs; until frames can pass. NULL: nothing to do */
	int (*watch)(struct cell_run *r, struct why *why);	/* several times a second while frames go; NULL: nothing to do */
	int (*end)(struct cell_run *r, struct why *why);	/* frames have gone; it still runs: what is to be kept? NULL: nothing */
	void (*stop)(struct cell_run *r);			/* after guests, before namespaces. NULL: its programs are stopped, and nothing else is to do */
	const char *package;	/* that its programs are in, for cell.json; NULL: none */
	bool direct;		/* far and guest are the two ends of one veth pair */
	bool vhost_user;	/* guests of User Mode Linux and QEMU come by vhost-user: it listens at their sockets */
	bool qemu_tap;		/* guests of QEMU come by a tap */
	bool many;		/* more than two ports */
	bool queues;		/* more than one queue pair of a guest's */
	bool schedules;		/* knows schedules and PTP */
};

extern const struct backend *const backends[];	/* NULL-terminated */

const struct backend *backend_find(const char *name);

/* What all have in common: guests, ports, schedules. 0, or -ENOTSUP and a sentence. */
int backend_can(const struct backend *b, const struct cell *c, struct why *why);

/* Is this program in PATH? 0, or -ENOTSUP: "NAME: PROGRAM is not installed: apt-get install PACKAGE". */
int backend_needs(const char *backend, const char *program, const char *package, struct why *why);

/* Start a program of the backend's as urgently as taktd is, on the CPUs of both, until it says `ready`; what it says goes to NAME.log. */
int backend_launch(struct proc **out, struct cell_run *r, const char *name, const char *ready, const struct words *w, struct why *why);

/* A tap e->port that is up, for a guest of QEMU's that is to boot; `vhost`: the kernel's vhost-net serves it. */
int backend_tap(struct cell_run *r, struct cell_end *e, bool vhost, struct why *why);

/*
 * Where a backend that offers a control queue is to listen for a guest: not at e->socket where that is of User Mode Linux, for which backend_relay() starts a vhost_relay.h there, once the backend listens.
 */
#define BACKEND_SOCKET_LEN sizeof(((struct cell_end *)0)->socket)
void backend_socket(const struct cell_run *r, const struct cell_end *e, char socket[BACKEND_SOCKET_LEN]);
int backend_relay(struct cell_run *r, struct why *why);

#endif
