/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vm_events: the line by which a guest's programs speak to a program of the host: a serial port named takt.0.
 *
 * In the guest it is /dev/virtio-ports/takt.0: a port of virtio-serial in QEMU, a serial line (set to raw) in UML. Bytes pass
 * as they are. At our end it is a file, which is made or emptied, or "unix:PATH", where somebody listens.
 */
#ifndef TAKT_BENCH_VM_EVENTS_H
#define TAKT_BENCH_VM_EVENTS_H

#include <stdbool.h>

#include "base/why.h"

/* Not closed on exec: the guest inherits it. *both: it can be read, too. A file descriptor, or -errno and a sentence. */
int vm_events_open(const char *where, bool *both, struct why *why);

/* What can be said before anything is made or connected to. 0, or -errno and a sentence. */
int vm_events_check(const char *where, struct why *why);

#endif
