/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rig: taktd between a talker and an independent receiver, for the live benches.
 *
 *	takt-judge --virtio-user--> [guest port] taktd [wire port] --memif--> takt-judge
 *
 * taktd's worker has one CPU; the judge, taktd's other threads and we share the other. Both run on TSC and CLOCK_TAI,
 * and on nothing else in common. Every record and every poll gap of taktd is read while it runs.
 */
#ifndef TAKT_BENCH_RIG_H
#define TAKT_BENCH_RIG_H

#include <sched.h>
#include <stddef.h>

#include "bench/daemon.h"
#include "bench/judge_clock.h"
#include "vnet/client.h"

#define RIG_PAGES 180	/* huge pages of 2 MiB that taktd and the judge take */
#define RIG_TURN_NS INT64_C(5000000)
#define RIG_WIRE  "wire"	/* the port with the schedule */

struct rig_conf {
	struct procs *set;
	const char *dir;		/* exists, empty */
	const char *taktd, *judge;	/* programs */
	int worker_cpu, other_cpu;
	int64_t link_bps;
	int64_t poll_gap_ns;		/* taktd publishes gaps from this length on */
	const char *egress;		/* YAML of the wire port, beside the speed: lines indented by four blanks */
	struct judge_flow flow[JUDGE_FLOWS];
	uint64_t frames;		/* no more are sent */
};

struct rig {
	const struct rig_conf *conf;
	struct daemon_conf daemon;
	struct proc *taktd, *judge;
	char name[16], ctl[DAEMON_PATH_LEN], ports[2048], more[128];
	const struct rec_shm *shm;
	uint64_t pos, gap_pos;
	struct judge_shm *seen;		/* what the judge tells */
	int fd;				/* of that */
	cpu_set_t cpus;			/* those we had */
	int64_t since_look_ns;

	/* What was gathered. */
	struct pkt *rec;
	size_t n_rec, room_rec;
	struct rec_gap *gap;
	size_t n_gap, room_gap;
	uint64_t lost, gaps_lost;	/* records and gaps overwritten before they were read */
	struct clock_bound *bound;	/* taktd's clock against CLOCK_TAI, as it told while frames went */
	size_t n_bound, room_bound;
	int64_t clock_error_ns;		/* the most of it */
	uint64_t overruns;		/* of the wire port, as taktd last counted them */
	bool up;			/* both ports, as taktd last told */
};

/* Start both, both links up. -EINTR, or -errno and a sentence. Call rig_stop() and rig_fini() in any case. */
int rig_start(struct rig *r, const struct rig_conf *conf, struct why *why);

void rig_tell(struct rig *r, enum judge_state want);

/*
 * Pass `ns` (0: RIG_TURN_NS), then read records and gaps. They are to be read at least every 100 ms. -EINTR; -EIO and a
 * sentence when one of the two has died.
 */
int rig_turn(struct rig *r, int64_t ns, struct why *why);

/* Ask taktd how far its clock may be off, and what it counts. rig_turn() does, often enough. */
int rig_look(struct rig *r, struct why *why);

/* Send no more; wait until all that was sent has been seen, or nothing comes any more; then end the judge. */
int rig_drain(struct rig *r, struct why *why);

/* End the processes, read what is left, remove files. What was gathered stays. */
void rig_stop(struct rig *r);
void rig_fini(struct rig *r);

uint64_t rig_sent(const struct rig *r);		/* frames, all flows */
uint64_t rig_seen(const struct rig *r);

#endif
