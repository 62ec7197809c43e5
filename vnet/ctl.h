/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl: the control socket. Runs in the control thread: one epoll loop, no other thread.
 */
#ifndef TAKT_VNET_CTL_H
#define TAKT_VNET_CTL_H

#include <signal.h>

#include "base/why.h"
#include "vnet/bridge.h"

struct ctl;

/*
 * Listen. A socket file left by a dead taktd is replaced; one with a living listener is refused (-EADDRINUSE and a sentence).
 * The run directory is made if missing.
 */
int ctl_open(struct ctl **out, struct bridge *b, struct why *why);
void ctl_close(struct ctl *c);	/* removes the socket file; NULL is legal */

/* Serve until *stop becomes non-zero (set by a signal handler); calls bridge_tick() about ten times a second. */
int ctl_run(struct ctl *c, volatile sig_atomic_t *stop);

#endif
