/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pmc_sock: asking a ptp4l over its UNIX socket.
 *
 *	err = pmc_sock_open(&s, NULL, 0, &why);              finds it and says hello
 *	n = pmc_sock_ask(s, PMC_CURRENT_DS, &r, 1, &why);    n answers, or -errno
 *	pmc_sock_close(s);
 *
 * ptp4l answers to the path that the asker has bound, so there is one as long as the socket is open: takt-pmc.PID.N
 * in /run, else in $XDG_RUNTIME_DIR, else in /tmp. Whoever may end by a signal catches it, so that pmc_sock_close()
 * takes the file away.
 * The socket is connected before it is bound: nobody but this ptp4l can send to it.
 *
 * No call waits longer than PMC_WAIT_NS. One thread per socket.
 */
#ifndef TAKT_PTP_PMC_SOCK_H
#define TAKT_PTP_PMC_SOCK_H

#include "base/ns.h"
#include "base/why.h"
#include "ptp/pmc.h"

#define PMC_WAIT_NS NS_PER_SEC

struct pmc_sock;

/*
 * Open the socket at `path`, or with NULL the first that is alive and may be used of /var/run/ptp/ptp4l,
 * /var/run/ptp4l and their read-only companions ptp4lro (linuxptp 4.0 on). Asks for the default data set with either
 * transport-specific nibble, 0 and 1 (gPTP), and keeps to the one that is answered.
 *
 * -ENOENT: no such socket. -ECONNREFUSED: it is there, but its ptp4l is not. -EACCES. -ETIMEDOUT: nobody answers,
 * which is what ptp4l does when its domain is another one. -EINTR: a signal came. -EINVAL: no path of a socket.
 */
int pmc_sock_open(struct pmc_sock **out, const char *path, uint8_t domain, struct why *why);
void pmc_sock_close(struct pmc_sock *s); /* NULL is legal */

const char *pmc_sock_path(const struct pmc_sock *s);		    /* the one that is spoken to */
const struct pmc_default *pmc_sock_clock(const struct pmc_sock *s); /* the answer to hello */
uint8_t pmc_sock_sdo(const struct pmc_sock *s);			    /* the nibble that it came with */

/*
 * Ask for a data set: at most `max` answers, one per port for those that are per port. Waits until every port has
 * answered, until an error came (error set in the answer), or for PMC_WAIT_NS. Returns the number of answers, 1 at
 * least; errors as above, and -ECONNRESET when ptp4l is gone.
 */
int pmc_sock_ask(struct pmc_sock *s, enum pmc_id id, struct pmc_reply *replies, int max, struct why *why);

#endif
