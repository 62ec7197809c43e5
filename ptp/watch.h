/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch: a thread that asks a ptp4l about once a second how it stands, so that nobody else has to wait for its answer. A
 * ptp4l that is not there, ended or is silent is asked again every second, also one that was started anew at the same
 * path.
 */
#ifndef TAKT_PTP_WATCH_H
#define TAKT_PTP_WATCH_H

#include "base/why.h"
#include "ptp/chain.h"

struct watch;

/* `socket`: its uds_address, NULL for the usual ones. The thread is started; nobody is asked yet. -errno and a sentence. */
int watch_start(struct watch **out, const char *socket, uint8_t domain, struct why *why);
void watch_stop(struct watch *w); /* NULL is legal; takes PMC_WAIT_NS when ptp4l is silent just now */

/* The latest answer, any thread. `known` is false, with the reason in `missing`, while there is none. */
void watch_get(struct watch *w, struct chain_ptp *out);

#endif
