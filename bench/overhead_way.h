/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * overhead_way: how long a frame's way takes, with a set of probes and without.
 *
 *	we --veth--> [wire port] taktd [guest port] --virtqueue--> a real guest, which answers pings; and back
 *
 * The way is there and back, by our own clock: through taktd twice, the guest's interrupt, its softirq and its driver in between. No clock of a
 * guest is believed, so a probe in the guest is measured like one on the host. The stay is what taktd's records say of each frame, both directions; they
 * are read when a stretch is over, so that nobody reads them where none is meant to.
 */
#ifndef TAKT_BENCH_OVERHEAD_WAY_H
#define TAKT_BENCH_OVERHEAD_WAY_H

#include "base/hist.h"
#include "bench/daemon.h"
#include "bench/netns.h"
#include "bench/vm.h"
#include "vnet/client.h"

/* A set of probes: a command line, blanks between words. `takt` is this program, %s taktd's control socket. In the guest a shell runs it. */
struct overhead_set {
	const char *name;	/* of its lines: overhead_NAME_... */
	bool in_guest;
	const char *command;
	const char *help;
};

struct overhead_way_conf {
	struct procs *set;
	const char *dir;		/* exists */
	const char *taktd, *takt;	/* programs */
	const char *guest;		/* "uml", "qemu", or a kernel of vm.h's for QEMU, "6.12" */
	int worker_cpu, other_cpu;
	int64_t period_ns, span_ns;	/* of pings; of a stretch */
};

/* What a stretch found. */
struct overhead_stretch {
	struct hist way, stay;	/* ns */
	uint64_t sent, lost;	/* pings; those that nobody answered */
	uint64_t unread;	/* records that were overwritten */
};

struct overhead_way {
	const struct overhead_way_conf *conf;
	struct netns *ns;
	struct daemon_conf daemon;
	struct proc *taktd;
	struct vm *vm;
	const struct rec_shm *shm;
	int fd;			/* raw ICMP */
	uint16_t id, seq;
	char ns_name[32], host_if[16], name[16], ctl[DAEMON_PATH_LEN], socket[DAEMON_PATH_LEN], ports[512];
};

/* The wire and taktd. -EINTR, or -errno and a sentence; overhead_way_close() in any case. */
int overhead_way_open(struct overhead_way *w, const struct overhead_way_conf *conf, struct why *why);
void overhead_way_close(struct overhead_way *w);

/* A guest, with a set of probes that is in it, or NULL; and until it answers. -ENODATA and a sentence: the probes have ended. */
int overhead_way_boot(struct overhead_way *w, const struct overhead_set *set, struct why *why);
void overhead_way_halt(struct overhead_way *w);

/* Measure, with a set of probes that is on the host, or NULL. -ENODATA and a sentence: the probes have ended, or will not start. */
int overhead_way_measure(struct overhead_way *w, const struct overhead_set *set, struct overhead_stretch *out, struct why *why);

#endif
