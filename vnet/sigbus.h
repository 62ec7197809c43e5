/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sigbus: a guest that takes its memory away breaks its own port, not taktd.
 *
 * Guest memory is a file that the frontend owns; if it is truncated, touching the map raises SIGBUS in whatever thread happens to poll the ring. The handler
 * puts zeroed memory of our own in place of the rest of that region and raises the region's flag; the access goes on and reads zeros. The port's
 * worker sees the flag and lets the guest go.
 *
 * Before we are told where a guest's memory is, only librte_vhost's thread reads it (a ring's index, while the ring is set up): a SIGBUS of that
 * thread is answered with one page of zeros. A SIGBUS anywhere else ends the process as ever.
 *
 * The table is read by the handler, so it has a fixed size and plain atomics; regions are set by vhost's thread while the worker does not use them.
 */
#ifndef TAKT_VNET_SIGBUS_H
#define TAKT_VNET_SIGBUS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/why.h"

#define SIGBUS_REGIONS 8 /* memory regions of one guest, as many as librte_vhost takes */

/* One guest's memory. */
struct sigbus_guest {
	_Atomic(char *) start[SIGBUS_REGIONS]; /* NULL: unused */
	size_t size[SIGBUS_REGIONS];
	_Atomic bool broken; /* some of it was taken away */
};

int sigbus_install(struct why *why);
void sigbus_remove(void);

/* Have the handler know (or forget) a guest. At most PKT_MAX_PORTS; the struct stays where it is until it is forgotten. */
void sigbus_watch(unsigned int port, struct sigbus_guest *guest);

#endif
