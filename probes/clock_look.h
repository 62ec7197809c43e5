/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * clock_look: one look at every link between the grandmaster and taktd: ptp4l over its socket, the kernel by
 * adjtimex(), taktd over its control socket. What does not answer is no error: it is missing, with the reason beside it.
 */
#ifndef TAKT_PROBES_CLOCK_LOOK_H
#define TAKT_PROBES_CLOCK_LOOK_H

#include "ptp/chain.h"

struct clock_look {
	struct chain chain;
	char ptp4l[128];    /* path of the socket that answered; "" */
	uint8_t sdo;	    /* transport-specific nibble of that ptp4l */
	char instance[64];  /* of taktd; "" */
	int64_t taktd_pid;
	char taktd_reference[64]; /* what it follows */
	char phc[64];	    /* path of the hardware clock; "" */
	const char *phc_method;
	int64_t t_now;	    /* CLOCK_TAI when it was looked at */
};

/*
 * `ptp4l`: path of its socket, NULL for the default ones. `phc`: path of a hardware clock, NULL for the one of the first
 * port that has hardware stamps. `taktd`: instance or path of its control socket, NULL for
 * the default one. Takes as long as they take to answer, some seconds at most when one hangs. -EINTR when a signal
 * came meanwhile, else 0.
 */
int clock_look(struct clock_look *l, const char *ptp4l, uint8_t domain, const char *phc, const char *taktd);

#endif
