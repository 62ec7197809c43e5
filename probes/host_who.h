/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_who: which threads of this machine move frames.
 *
 * taktd's worker; of each guest on one of its ports the vCPUs, I/O threads and the main thread, told by their names ("CPU 0/KVM",
 * "IO iothread0"); all threads of the processes, and the single threads, that were asked for. A User Mode Linux is one vCPU, its main thread.
 */
#ifndef TAKT_PROBES_HOST_WHO_H
#define TAKT_PROBES_HOST_WHO_H

#include "probes/host.h"

struct host_who {
	int pid, tid;
	enum host_role role;
	char name[EVENT_WHO];
	int cpu;	/* where it ran last */
	char state;	/* as /proc has it: R, S, D, T, t, ... */
};

struct host_who_list {
	int n;
	bool full;	/* there are more than HOST_THREADS */
	struct host_who who[HOST_THREADS];
};

/*
 * All that are there now. -ESRCH and a sentence: a process or thread that was asked for is not there; what client_request()
 * returns: no taktd runs. What was found up to then is in the list.
 */
int host_who_look(struct host_who_list *l, const struct host_conf *conf, struct why *why);

/* One thread of a process; false: it is not there. */
bool host_who_read(struct host_who *w, int pid, int tid);

#endif
