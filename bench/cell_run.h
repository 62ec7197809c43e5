/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cell_run: a cell while it is measured: its ends, what joins them, who talks and who listens, and what was found. Of cell.c and the files cell_*.c, backend_*.c alone.
 *
 * An end is where frames come from or go to: a network namespace at the far end of a veth pair, or a guest. The backend joins the ends by their ports. All names are fixed words,
 * since a cell has namespaces of its own.
 *
 *	far (wire0)  --veth--  p-far [backend] p-guest  --veth or vhost-user--  guest (eth0)
 */
#ifndef TAKT_BENCH_CELL_RUN_H
#define TAKT_BENCH_CELL_RUN_H

#include <jansson.h>
#include <limits.h>

#include "bench/cell.h"
#include "bench/cell_clock.h"
#include "bench/netns.h"
#include "bench/vm.h"
#include "bench/words.h"
#include "vnet/client.h"

#define CELL_PATH_LEN (PATH_MAX + 64)
#define CELL_ROOM  "/run/takt-cell"	/* sockets and what else no result needs */
#define CELL_ETHERTYPE_BESIDE "0xdeae"	/* of frames that are not measured: floods, neighbours, hellos */
#define CELL_LOADS (2 + 8)	/* of the load; of each neighbour */
#define CELL_URGENT (-19)	/* niceness of what is measured, */
#define CELL_URGENT_STEPS 19	/* and what takes it back */
#define CELL_GRACE_NS INT64_C(3000000000)

enum cell_end_id { END_FAR, END_GUEST, END_PEER, END_NOISE, END_NEIGHBOUR, CELL_ENDS = END_NEIGHBOUR + 8 };
enum cell_end_kind { END_NONE, END_WIRE, END_UML, END_QEMU };

struct cell_end {
	enum cell_end_kind kind;
	char name[16];		/* of its namespace, guest and folder */
	char port[16];		/* p-NAME: the backend's port, and its end of the veth pair or tap */
	char socket[64];	/* vhost-user */
	char netdev[160];	/* of a guest of QEMU's at a tap, instead of it: what the backend made of it */
	char mac[18];
	const char *iface;	/* in it */
	struct netns *ns;
	struct vm *vm;
	char out[PATH_MAX];	/* of a guest: the folder that it knows as /out */
	struct clock_fit fit;	/* of a guest: its clock */
};

struct backend;
struct cell_ptp;

struct cell_run {
	const struct cell *c;
	const char *dir;
	struct procs *set;
	const struct backend *backend;
	char takt[PATH_MAX], taktd[PATH_MAX];
	struct cell_end end[CELL_ENDS];
	int talker, listener, reflector;	/* ends; reflector -1: none */
	struct proc *talk, *listen;		/* where these are in a namespace; the reflector's besides */
	struct proc *reflect, *load[CELL_LOADS];
	struct proc *device[3];			/* programs that the backend is */
	struct proc *relay[CELL_ENDS];		/* bench/vhost_relay.h, where one is needed */
	struct cell_ptp *ptp;
	void *backend_state;			/* the backend's own; freed with free() */
	int fd;					/* of the backend, for a guest to inherit; 0: none */
	struct clock_looks looks;		/* at our own clock */
	int64_t t_begin, t_end;			/* when frames went */
	json_t *doc;				/* cell.json in the making */
	json_t *commands, *programs;		/* in it */
	bool has_guests;
};

/* Is this end a guest? */
static inline bool cell_is_vm(const struct cell_end *e)
{
	return e->kind == END_UML || e->kind == END_QEMU;
}

/* -- cell.c -- */

/* cell.json begins: what was asked for. */
int cell_begin(struct cell_run *r, struct why *why);

/* -- cell_end.c -- */

/* Make the namespaces and pairs of all ends. Guests come later, with what they are to do. */
int cell_ends_make(struct cell_run *r, struct why *why);
void cell_ends_stop(struct cell_run *r);

/* Start a program and write it down. `end` NULL: in our own namespace. `log`: file in the cell's folder; NULL: none. */
int cell_start(struct proc **out, struct cell_run *r, const struct cell_end *end, const char *name, const char *log, const struct words *w, struct why *why);

/* The same, to its end: any status but 0 is -EIO and its last line. */
int cell_do(struct cell_run *r, const struct words *w, struct why *why);

/* Boot a guest that runs `w` with its output to /out/NAME.json, its stamps in /out; `w` NULL: nothing but being there. Until it is ready. */
int cell_boot(struct cell_run *r, struct cell_end *e, const char *name, const struct words *w, struct why *why);

/* -- cell_talk.c -- */

/* Listener, reflector, talker, in this order; until all was sent, and all that will come has come. */
int cell_talk(struct cell_run *r, struct why *why);

/* -- cell_load.c -- */
int cell_load_can(const struct cell *c, struct why *why);
int cell_load_start(struct cell_run *r, struct why *why);
int cell_load_watch(struct cell_run *r, struct why *why);

/* -- cell_file.c: what is left in the folder -- */

/* frames.dat of both halves, and its counts into cell.json. */
int cell_frames(struct cell_run *r, struct why *why);

/* cell.json. */
int cell_write(struct cell_run *r, const char *status, const char *reason, struct why *why);

#endif
