/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * unix_sock: sockets that are files, ours and those on which frontends talk.
 *
 * One thread of librte_vhost serves all guests, and waits for the rest of a message that was begun, or until a frontend takes an answer:
 * without a limit one silent frontend holds up the coming and going of all guests, and our own end. The library hands its sockets to nobody, so
 * they are found among this process's descriptors by their path. Slow: for vhost's and the control thread, never for the worker.
 */
#ifndef TAKT_VNET_UNIX_SOCK_H
#define TAKT_VNET_UNIX_SOCK_H

#include <stdint.h>

#include "base/why.h"

/* Make way for a socket at `path`: one that nobody listens on any more is removed. -EEXIST when it is no socket, -EADDRINUSE when it is alive. */
int unix_sock_clear(const char *path, struct why *why);

/* No connection of the socket at `path` waits longer than limit_ns for a byte, either way. Returns how many there are. */
unsigned int unix_sock_limit(const char *path, int64_t limit_ns);

/* Hang up on all of them: whoever reads finds the end. The descriptors stay their owner's. Returns how many there were. */
unsigned int unix_sock_hang_up(const char *path);

/*
 * The process at the other end of the connection at `path`, as it was when it connected, or began to listen: of a socket
 * that was handed on since (libvirt opens some for QEMU), who made it. 0: nobody is there, it is in another PID
 * namespace's dark, or two of different processes are there.
 */
int unix_sock_peer(const char *path);

#endif
