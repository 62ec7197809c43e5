/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chain_ask: what a ptp4l says of itself and of what is above it, asked over its socket.
 */
#ifndef TAKT_PTP_CHAIN_ASK_H
#define TAKT_PTP_CHAIN_ASK_H

#include "ptp/chain.h"
#include "ptp/pmc_sock.h"

/*
 * All of it, anew. Errors of pmc_sock_ask(), -EPROTO when a data set is refused; then p->known is false, and p->missing
 * the sentence. Names and time stamping of the ports are left out where the socket is read-only. As long as ptp4l takes
 * to answer, PMC_WAIT_NS for each of six questions at most.
 */
int chain_ask(struct chain_ptp *p, struct pmc_sock *s);

#endif
