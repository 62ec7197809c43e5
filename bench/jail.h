/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * jail: a function in a process of its own, and nothing of it is left when that process is gone, whoever killed it or us.
 *
 * The process is the first of a PID namespace, so all that it starts dies with it; it dies when the thread that started it does. Its network, mounts and
 * System V memory are its own as well: what it makes there (interfaces, named namespaces, pinned BPF objects, files in /run, /tmp and /dev/shm) goes when
 * the last process does. /proc and /sys show those namespaces. Of what lies in the three folders only `keep` stays to be seen, under the same names.
 *
 * What namespaces do not hold is told to a keeper (bench/keeper.h), which is found as JAIL_KEEPER.
 */
#ifndef TAKT_BENCH_JAIL_H
#define TAKT_BENCH_JAIL_H

#include "base/why.h"
#include "bench/proc.h"

#define JAIL_KEEPER "/run/takt/keeper"
#define JAIL_KEEP   8

struct jail;

struct jail_conf {
	const char *keep[JAIL_KEEP];	/* folders that are there, by their real absolute names; NULL ends them early */
	const char *log;		/* file for its stdout and stderr, truncated */
	bool host_net;			/* the network, and /sys, are the machine's */
	int keeper;			/* write end of a keeper's pipe; -1: none */
	int (*run)(void *arg, struct why *why);	/* in the jail; SIGINT and its like do nothing there. Returns 0 or -errno and a sentence */
	void *arg;
};

/* Root only. -errno and a sentence; nothing is left then. */
int jail_start(struct jail **out, const struct jail_conf *conf, struct why *why);

/*
 * 0: it ended, *rc and why are what `run` left there; of one that died *rc is -ECHILD, with a sentence that says how. -ETIMEDOUT, -EINTR (of `set`, ours): it
 * runs on.
 */
int jail_wait(struct jail *j, struct procs *set, int64_t limit_ns, int *rc, struct why *why);

/* Kill what is left of it. When this returns all its processes are gone. NULL is legal. */
void jail_end(struct jail *j);

#endif
