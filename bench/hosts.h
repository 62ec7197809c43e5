/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hosts: a cell between two hosts: talker and listener are started there by ssh, and nothing stays there.
 *
 * Who they are is in an inventory of Ansible's, INI or YAML, which ansible-inventory reads. Of its variables these count:
 *
 *	ansible_host, ansible_port, ansible_user, ansible_ssh_private_key_file, ansible_ssh_common_args, ansible_become	as Ansible has them
 *	takt_interface	where frames leave or come; must be given
 *	takt_program	takt there; "takt" if not given
 *	takt_ptp4l	uds_address of the ptp4l that keeps its clock; ptp4l's usual ones if not given
 *
 * A cell counts when the clocks of both were good before and after it: a ptp4l on each, of one grandmaster, with the same TAI offset, not further off than HOSTS_CLOCK_NS.
 */
#ifndef TAKT_BENCH_HOSTS_H
#define TAKT_BENCH_HOSTS_H

#include "bench/cell.h"

#define HOSTS_BACKEND  "hosts"		/* value of AXIS_BACKEND: whatever is between them */
#define HOSTS_CLOCK_NS INT64_C(1000000)

struct hosts {
	const char *inventory, *talker, *listener;	/* real path; names in it. inventory NULL: no hosts */
};

/* As cell_can() and cell_perform(), for a cell of that backend. Both ask the hosts. */
int hosts_can(const struct hosts *h, const struct cell *c, struct procs *set, const char *dir, struct why *why);
int hosts_perform(const struct hosts *h, const struct cell *c, const char *dir, struct procs *set, struct why *why);

#endif
