/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * doctor_taktd: what a running taktd says of itself, as far as the doctor needs it: its worker's CPU, its clock, and per port what PTP
 * has to get past.
 */
#ifndef TAKT_PROBES_DOCTOR_TAKTD_H
#define TAKT_PROBES_DOCTOR_TAKTD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"

#define TAKTD_PORTS   64
#define TAKTD_CLASSES 8

struct doctor_port {
	char name[64], kind[8]; /* kind: guest, wire, mem */
	char interface[32];	/* the kernel's, behind a wire; "" */
	char role[16];		/* in PTP; "" when this taktd does not tell */
	bool correction;	/* of PTP's residence times */
	int priority;		/* of untagged frames that come in here, so of PTP */
	int class_of[8];	/* by priority, of frames that leave here */
	int64_t link_bps;

	/* Of the schedule that runs, or begins soon: ns in a cycle that a class is shut, and the longest stretch. 0 when it never is. */
	int64_t cycle_ns, shut_ns[TAKTD_CLASSES], stretch_ns[TAKTD_CLASSES];
};

struct doctor_taktd {
	bool known;
	struct why missing; /* why not */
	int cpu;	    /* of the worker; -1: any */
	bool tells_clock, good;
	char why_not[200];
	int ports;
	struct doctor_port port[TAKTD_PORTS];
};

/* Ask the instance `name` (NULL: the default one); with a root, ROOT/answers/show.json and dump.yaml are its answers. */
void taktd_look(struct doctor_taktd *t, const char *root, const char *name);

#endif
