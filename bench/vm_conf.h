/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vm_conf: what is asked of a guest.
 *
 * Fields are filled by vm_opts[] or by hand over vm_conf_init(); strings stay the caller's until vm_start() returns.
 */
#ifndef TAKT_BENCH_VM_CONF_H
#define TAKT_BENCH_VM_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"

struct vm_conf {
	bool uml, qemu;			/* one of them */
	const char *name;		/* host name and, without mac, where the address comes from */
	const char *socket;		/* vhost-user socket; NULL: a guest without network */
	const char *netdev;		/* instead of it, of C code alone: QEMU's -netdev without its id, "tap,ifname=t0,script=no,downscript=no"; NULL: none */
	const char *role;		/* "client": the guest connects; "server": QEMU listens */
	const char *mac;		/* NULL: 02:... from the name */
	const char *ip;			/* "10.0.0.2/24" on eth0, or on eth0.VID; NULL: none */
	int64_t vlan;			/* VID of a sub-interface whose PCP is the socket's priority; 0: none */
	int64_t mem_mib;
	int64_t queues;			/* pairs */
	int64_t cpus;			/* QEMU's; 0: one per pair. A guest uses as many pairs as it has CPUs, until ethtool -L */
	bool packed;
	const char *cpu;		/* host CPUs, "0,2-3"; NULL: ours */
	int64_t nice;
	const char *kernel;		/* "6.1", "6.12", or with "-rt"; NULL: whatever qemu/ is */
	const char *kernel_dir;		/* holds uml/, qemu/, qemu-6.12/ ...; NULL: "guest" beside this program */
	int64_t timeout_ns;		/* of a whole `takt vm run`; the functions of vm.h take their own limits */
	const char *accel;		/* "auto", "kvm" or "tcg" */
	const char *log;		/* file that receives all the guest says, token lines too; NULL: none */
	const char *files;		/* "A,B=PATH": files of ours that it gets, under the same path or another; NULL: none */
	struct opt_list copies;		/* "FILE[:NAME]": programs for its /bin */
	const char *events;		/* where its port takt.0 leads to (vm_events.h); NULL: it has none */
	const char *const *command;	/* NULL-terminated; NULL: stay up, do nothing */
	bool colour;			/* its output is for a terminal; else the command has NO_COLOR, though what it writes to looks like one */
};

extern const struct opt vm_opts[];	/* the options of `takt vm run`, one row per field */
void vm_conf_init(struct vm_conf *conf);	/* their defaults */

#endif
