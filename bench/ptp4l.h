/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp4l: linuxptp's daemon, of a bench's own: its file, its start, what its log says at the end.
 *
 * With software stamps, and free_running whatever it is asked for: it never touches the machine's clock. A client's port
 * stays UNCALIBRATED then, and its offsets are what it finds, uncorrected. Options are those that 3.1.1 knows.
 */
#ifndef TAKT_BENCH_PTP4L_H
#define TAKT_BENCH_PTP4L_H

#include "bench/proc.h"

enum ptp4l_role {
	PTP4L_MASTER,
	PTP4L_CLIENT,	/* never a master; bears with silence of 20 s, on a machine that is busy */
	PTP4L_CLOCK,	/* an end-to-end transparent clock */
	PTP4L_ROLES,
};

#define PTP4L_PATH_LEN 96

struct ptp4l_conf {
	struct procs *set;
	const char *dir;	/* exists; ROLE.cfg and ROLE.sock go there */
	int cpu;
	bool udp4;		/* over UDP and IPv4; else over Ethernet */
	int log_interval;	/* of Sync and Delay_Req: 2^n s */
};

/* In a network namespace, on one interface or two (b may be NULL). -errno and a sentence. */
int ptp4l_start(struct proc **out, const struct ptp4l_conf *conf, enum ptp4l_role role, const char *netns, const char *a,
		const char *b, struct why *why);

/* Its management socket, as pmc_sock_open() takes it; there a moment after its start. */
void ptp4l_sock(char path[PTP4L_PATH_LEN], const struct ptp4l_conf *conf, enum ptp4l_role role);

/* The files, of all roles. After proc_stop(). */
void ptp4l_clean(const struct ptp4l_conf *conf);

struct ptp4l_log {
	int64_t *offset;	/* ns, as logged */
	size_t n, room;
	uint64_t trouble;	/* lines that speak of one, see ptp_stat_line() */
	char says[160];		/* the first of them */
};

/* What it has said since it was last read. Offsets are kept of a client alone. -ENOMEM. */
int ptp4l_read(struct ptp4l_log *log, struct proc *p, enum ptp4l_role role);

#endif
