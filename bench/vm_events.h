/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vm_events: the line by which a guest's programs speak to a program of the host: a serial port named takt.0.
 *
 * In the guest it is /dev/virtio-ports/takt.0: a port of virtio-serial in QEMU, a serial line (set to raw) in UML. Bytes pass as they are. At our
 * end it is a file, which is made or emptied, or "unix:PATH", where QEMU listens: whoever connects gets what the guest says from then on, one at a
 * time, and may come and go (`takt path --guest PORT=unix:PATH`). UML cannot listen.
 */
#ifndef TAKT_BENCH_VM_EVENTS_H
#define TAKT_BENCH_VM_EVENTS_H

#include <stdbool.h>
#include <sys/un.h>

#include "base/why.h"

struct vm_events {
	int fd;			/* the guest's, until it has started; -1: none. Not closed on exec: it inherits it */
	bool listens;		/* it is a socket's, that was made at `path` */
	struct sockaddr_un at;	/* "": no socket was made */
};

#define VM_EVENTS_NONE ((struct vm_events){ .fd = -1 })

/* What can be said before anything is made. 0, or -errno and a sentence. */
int vm_events_check(const char *where, bool uml, struct why *why);

int vm_events_open(struct vm_events *e, const char *where, struct why *why);	/* -errno and a sentence */
void vm_events_handed(struct vm_events *e);	/* the guest has it: its end is the guest's end */
void vm_events_close(struct vm_events *e);	/* and remove the socket */

#endif
