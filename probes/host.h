/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host: what kept the threads that move frames from running, told by the host's kernel: taktd's worker, the guests' vCPUs and their helpers.
 *
 * Spans are made in the kernel (host.bpf.c) and come as struct event, in the order in which they ended on each CPU; those of min_span_ns or longer as
 * events, all of them in the sums. A point that this kernel does not have, or refuses, is a row of the coverage table that says why.
 *
 *	host_open(&h, &conf, &why);
 *	while (...) { host_poll(h, on_event, ctx); sleep 10 ms; }
 *	host_end(h, on_event, ctx);		spans that are still open
 *	host_close(h);
 *
 * One thread. While one is open, libbpf's messages of the whole process are kept quiet. Root, or CAP_BPF and CAP_PERFMON; -EPERM without.
 */
#ifndef TAKT_PROBES_HOST_H
#define TAKT_PROBES_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cpu_list.h"
#include "base/why.h"
#include "probes/event.h"
#include "probes/host_bpf.h"

#define HOST_POLL_NS  INT64_C(10000000)	/* between calls of host_poll(), at most: the buffer holds 1.4 million events a second then */
#define HOST_MAX_ASKED 64

struct host_conf {
	const char *name;	/* taktd's instance or socket; NULL: the default one */
	bool taktd;		/* watch it and its guests; else only what is listed */
	bool optional;		/* taktd need not run now */
	int pids[HOST_MAX_ASKED], tids[HOST_MAX_ASKED];	/* processes with all their threads; single threads */
	int n_pids, n_tids;
	struct cpu_list cpus;	/* whose interrupts are watched from the start; those on which a watched thread runs come by themselves */
	int64_t min_span_ns;	/* shorter spans are in the sums only; 0: 5 us */
};

struct host;

/*
 * -EPERM without the rights; -ENOTSUP on a kernel without BTF, or when nothing can be attached; -ESRCH when there is nothing to
 * watch; -ECONNREFUSED when no taktd runs.
 */
int host_open(struct host **out, const struct host_conf *conf, struct why *why);
void host_close(struct host *h);	/* NULL is legal */

/* What there is, without waiting. Every 100 ms also the clock and stolen time, every second new threads. */
void host_poll(struct host *h, event_fn *fn, void *ctx);

/* The last events, and those spans that are open now, with EV_OPEN. */
void host_end(struct host *h, event_fn *fn, void *ctx);

/* -- what is looked at ------------------------------------------------------------------------------------------------------- */

struct host_point {
	const char *name;	/* the tracepoint, or the pair's common part */
	const char *gives;	/* what is told by it */
	bool live;
	char why[160];		/* why not; of a live one, what it does without, or "" */
};

const struct host_point *host_coverage(const struct host *h, int *n);

/* -- what was seen so far ---------------------------------------------------------------------------------------------------- */

#define HOST_ROLES(X) X(WORKER, "worker") X(VCPU, "vcpu") X(IO, "io") X(MAIN, "main") X(OTHER, "thread")

enum host_role {
#define X(id, name) HOST_##id,
	HOST_ROLES(X)
#undef X
	HOST_ROLE_COUNT
};

extern const char *const host_role_names[HOST_ROLE_COUNT];

struct host_thread_row {
	int pid, tid;
	enum host_role role;
	bool gone;		/* ended */
	char name[EVENT_WHO];
	struct host_thread at;	/* as it is now, its totals with the time since its last switch */
	uint64_t wakeup_p50_ns, wakeup_p99_ns;	/* upper edges of their buckets, 12.5 % wide; 0 when there are too few to tell */
};

struct host_sum_row {
	struct host_key key;
	struct host_sum sum;	/* who: named here where the kernel gave no name */
};

struct host_cpu_row {
	int cpu;
	int64_t stolen_ns;
	double share;		/* of its time that our programs took: their runs here times what one takes on average */
};

struct host_prog_cost {
	const char *name;
	uint64_t runs, ns, missed;	/* missed: the program was running on this CPU already */
};

struct host_seen {
	int64_t duration_ns;
	int n_threads, n_sums, n_cpus, n_progs;
	struct host_thread_row *threads;
	struct host_sum_row *sums;	/* sorted by kind, thread, CPU, then the longest in total first */
	struct host_cpu_row *cpus;	/* that are watched */
	struct host_prog_cost progs[HOST_PROG_COUNT];	/* that are loaded */
	uint64_t events, lost, unsummed, missed, overhead_ns;
	uint64_t untold;	/* switches and wake-ups that the kernel passed no tracepoint for, on all CPUs */
};

/* -ENOMEM, or -errno of a map that cannot be read. */
int host_seen(struct host *h, struct host_seen *out);
void host_seen_free(struct host_seen *s);

#endif
