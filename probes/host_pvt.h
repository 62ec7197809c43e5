/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_pvt: an open host probe, for host.c and those beside it.
 */
#ifndef TAKT_PROBES_HOST_PVT_H
#define TAKT_PROBES_HOST_PVT_H

#include "probes/event_ring.h"
#include "probes/host_attach.h"
#include "probes/host_clock.h"
#include "probes/host_who.h"
#include "probes/steal.h"

struct host_watched {
	struct host_who who;
	bool gone;
	struct host_thread last;	/* of one that is gone */
	struct host_wakes wakes;
};

struct host {
	struct host_conf conf;
	struct host_bpf *skel;
	struct event_ring ring;
	struct host_points points;
	struct host_links links;
	struct host_clock clock;
	struct steal steal;
	struct host_who_list found;
	struct host_watched *watched;
	int n_watched, n_cpus;		/* n_cpus: that the kernel may have */
	int stats_fd;			/* keeps the kernel counting what programs take */
	int64_t t_open, t_tick, t_look;
	uint64_t events, lost;		/* delivered; told of so far */
	int64_t t_lost;
	event_fn *fn;			/* of the call that goes on */
	void *ctx;
	struct host_cpu *cpu;		/* of one, to read into */
	struct event open[HOST_PAST];	/* of host_open_spans() */
};

/* The thread's row, or what it was when it ended; false: never seen. */
bool host_thread_get(const struct host *h, const struct host_watched *w, struct host_thread *out);
bool host_cpu_get(const struct host *h, int cpu, struct host_cpu *out);

/*
 * What it waits for or does not since its last switch, as events in h->open, as many as returned: 0 when it runs. Of a wait in
 * pieces the newest comes first, and has EV_OPEN.
 */
int host_open_spans(struct host *h, const struct host_watched *w, const struct host_thread *th, int64_t now);

#endif
