/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * linuxptp: configurations of ptp4l and phc2sys and their systemd units, for a host that runs a taktd.
 *
 *	grandmaster -> [NIC's hardware clock, kept by ptp4l] -> [phc2sys] -> CLOCK_REALTIME, CLOCK_TAI -> taktd
 *
 * Facts in, texts out: nothing here looks at the machine. Only option names that linuxptp 3.1.1 knows (Debian 12) and that
 * later versions still read. A row of the table in linuxptp.c is an option, when it is written, and why.
 */
#ifndef TAKT_PROBES_LINUXPTP_H
#define TAKT_PROBES_LINUXPTP_H

#include <stdbool.h>

#include "base/cpu_list.h"
#include "probes/file_set.h"

#define LINUXPTP_PORTS 16
#define LINUXPTP_UDS   "/var/run/ptp4l" /* where pmc, phc2sys and takt clock look when they are not told */

enum linuxptp_transport { LINUXPTP_L2, LINUXPTP_UDPV4, LINUXPTP_UDPV6 };

struct linuxptp {
	const char *dir; /* absolute: where the files will be, which the units have to name */
	int ports;
	const char *interface[LINUXPTP_PORTS];
	bool hardware;	  /* stamps by the NIC; else by the kernel */
	bool one_clock;	  /* all interfaces share one hardware clock; false also when that is not known */
	bool grandmaster; /* else a client, which never gives time to others */
	bool gptp;	  /* 802.1AS; else IEEE 1588's default profile */
	bool traceable;	  /* a grandmaster that announces its UTC offset as valid and its time as traceable */
	enum linuxptp_transport transport;
	int domain;
	const char *uds;       /* ptp4l's uds_address */
	struct cpu_list apart; /* where taktd's worker is, and isolated CPUs; empty: not known */
	struct cpu_list cpus;  /* where the daemons may run; empty: anywhere */
	int steer;	       /* receive queue for PTP, away from AF_XDP's; -1: not steered */
};

const char *linuxptp_transport_name(enum linuxptp_transport t); /* as linuxptp spells it: "L2" */

/* Print the files into the set. -ENOMEM. */
int linuxptp_files(const struct linuxptp *l, struct file_set *s, struct why *why);

/* linuxptp_unit.c: the units alone. */
int linuxptp_units(const struct linuxptp *l, struct file_set *s, struct why *why);

/* phc2sys keeps the system clock by the hardware's, or the other way round; with software stamps nobody needs it. */
static inline bool linuxptp_has_phc2sys(const struct linuxptp *l)
{
	return l->hardware;
}

#endif
