/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_rig: a taktd that things are done to, the frames that suffer, and who tells why.
 *
 *	wires	talkers -> [m0 ---- m1] taktd [c1 ---- c0], everything in namespaces; both far ends are watched, so a frame's way begins where it
 *		left its sender. Classes 7 and 6, a frame each a millisecond.
 *	clock	the same, gates on class 7, taktd's clock read through a shim whose file is a step
 *	guest	a QEMU with takt guest inside, a frame each five milliseconds from it to the wire and from the wire to it. What is done inside it is done
 *		by a script of its own, which tells when
 *
 * One thread, but for the hogs.
 */
#ifndef TAKT_BENCH_BLAME_RIG_H
#define TAKT_BENCH_BLAME_RIG_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "bench/blame_judge.h"
#include "bench/daemon.h"
#include "bench/netns.h"
#include "vnet/rec.h"

struct vm;
struct blame_storm_bpf;

#define BLAME_GUEST_MAC "02:00:00:00:00:01"

enum blame_scene { BLAME_WIRES, BLAME_CLOCK, BLAME_GUEST };

struct blame_rig_conf {
	struct procs *set;
	const char *dir;		/* exists, empty */
	const char *takt, *taktd;	/* programs */
	const char *clock_dir;		/* clock_shim.so and clock_set of tests/net/clock_shim.c; NULL: no clock scene */
	const char *hog;		/* tests/guest/hog.c, for the guest; NULL: nothing starves there */
	const char *kernel_dir, *kernel;	/* the guest's: takt vm run's --kernel-dir and --kernel; NULL: no guest scene */
	int worker_cpu, other_cpu;
	int64_t still_ns;		/* so long the guest does nothing to itself at first */
	enum blame_scene scene;
};

struct blame_rig {
	const struct blame_rig_conf *conf;
	struct daemon_conf daemon;
	struct netns *middle, *near, *far, *storm;
	char net[4][40];		/* their names */
	char name[16], ctl[DAEMON_PATH_LEN], ports[2048];
	struct proc *taktd, *talker[2], *guest, *blame;
	int64_t axis_ns, t_step;	/* what taktd's clock was stepped by so far; when it saw the latest, on the new axis */
	pid_t guest_pid;		/* its QEMU */
	struct blame_deed inside;	/* what the guest does to itself now; cause NULL: nothing */
	char out[128];			/* what takt blame prints goes there */
	const struct rec_shm *shm;
	uint64_t gap_pos;
	struct blame_gap *gap;		/* read so far */
	size_t n_gaps;
	/* What is done now. */
	pthread_t hog;
	_Atomic int hog_until_told;	/* 1: it spins */
	int64_t hog_limit; /* TAI: it ends by itself then */
	struct blame_storm_bpf *storm_bpf;
	int storm_fd, storm_if, tick_fd;
};

/* -EINTR, or -errno and a sentence. blame_rig_stop() in any case. */
int blame_rig_start(struct blame_rig *r, const struct blame_rig_conf *conf, struct why *why);
void blame_rig_stop(struct blame_rig *r);

/* Begin to watch for ns: frames that take longer than late_ns are told; 0: the worst hundredth. Returns when it watches. */
int blame_rig_watch(struct blame_rig *r, int64_t ns, int64_t late_ns, struct why *why);

/* Wait for it to end; what it said is the caller's. */
int blame_rig_told(struct blame_rig *r, json_t **told, struct why *why);

/*
 * Pass ns; deeds that the guest did to itself and that are over are added behind deed[*n], of which there are `room`. -EINTR; -EIO and a
 * sentence when the guest has ended.
 */
int blame_rig_pause(struct blame_rig *r, int64_t ns, struct blame_deed *deed, size_t *n, size_t room, struct why *why);

/* Take in the poll gaps since the last call: into r->gap. They are to be read every few seconds. -ENOMEM and a sentence. */
int blame_rig_gaps(struct blame_rig *r, struct why *why);

/* TAI ns, as taktd's worker reads it. */
int64_t blame_rig_now(void);

/* The guest scene's: blame_guest.c. */
int blame_guest_start(struct blame_rig *r, struct why *why);
void blame_guest_clean(struct blame_rig *r);

int blame_guest_play(struct blame_rig *r, struct why *why);	/* wait until it begins to do things to itself */

/* How often taktd's clock was stepped by its own account; -1: it did not answer. *t_step: TAI ns behind the latest, when it saw that. */
int64_t blame_rig_steps(const struct blame_rig *r, int64_t *t_step);
void blame_rig_shim(const struct blame_rig *r, char *path, size_t size);

/* -- what can be done ---------------------------------------------------------------------------------------------- */

struct blame_inject {
	const char *cause;
	int64_t min_ns, max_ns;		/* how long */
	int64_t late_ns;		/* who is later than this is to name it */
	int (*begin)(struct blame_rig *r, int64_t ns, struct why *why);
	int (*end)(struct blame_rig *r, struct why *why);	/* NULL: it ends by itself */
	/* As in struct blame_deed. */
	bool takes_worker, at_once;
	const char *hop, *label, *or_cause;
	int of_class;
	/* Any two of a scene may be done together; what deafens taktd, not while another asks something of it. */
	bool deafens, asks;
	enum blame_scene scene;
};

extern const struct blame_inject blame_injects[];
extern const int blame_n_injects;

/* What the rig needs for them, made once taktd runs. */
int blame_inject_open(struct blame_rig *r, struct why *why);
void blame_inject_close(struct blame_rig *r);

#endif
