/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dpdk-testpmd that forwards between two ports, and knows nothing of what is in a frame: how fast vhost-user and a wire can be joined by polling.
 */
#include "bench/backends.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "bench/daemon.h"

static int can(const struct cell *c, struct why *why)
{
	(void)c;
	return backend_needs("testpmd", "dpdk-testpmd", "dpdk", why);
}

/* Without huge pages, as taktd here: it is the guest's memory that has to be shared, not its own. A time between statistics keeps it from waiting for a key. */
static int start(struct cell_run *r, struct why *why)
{
	struct words w = {0};
	int i, rc = 0;

	words_split(&w, "stdbuf -oL dpdk-testpmd --no-huge -m 256 --no-pci --no-telemetry --file-prefix cell --lcores 0@%d,1@%d", r->c->other_cpu,
		    r->c->worker_cpu);
	for (i = 0; i < CELL_ENDS && !rc; i++) {
		struct cell_end *e = &r->end[i];
		char socket[sizeof(e->socket)];

		if (e->kind == END_NONE)
			continue;
		words_add(&w, "--vdev");
		if (e->kind == END_WIRE) {
			words_add(&w, "net_af_packet%d,iface=%s", i, e->port);
			continue;
		}
		backend_socket(r, e, socket);
		words_add(&w, "net_vhost%d,iface=%s,queues=1", i, socket);
	}
	words_split(&w, "-- --forward-mode=io --nb-cores=1 --total-num-mbufs=16384 --no-flush-rx --stats-period=86400");
	rc = backend_launch(&r->device[0], r, "testpmd", "start packet forwarding", &w, why);
	return rc ?: backend_relay(r, why);
}

const struct backend backend_testpmd = { .name = "testpmd", .package = "dpdk", .can = can, .start = start, .vhost_user = true };
