/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vm: a real guest, its network card at a vhost-user socket.
 *
 * The guest boots what scripts/guest-image made; address, command and this program (/bin/takt, with the libraries it
 * is linked to) are appended to its initrd in memory: nothing is written to disk but UML's small run folder, which
 * vm_stop() removes. The guest tells its state by lines that begin with a random token; all other lines are its
 * command's output.
 *
 *	uml	Linux as a process: native speed, one split queue, connects to a listening taktd and goes with it
 *	qemu	KVM where a boot probe succeeded (accel.h), else TCG; either role; queues, packed ring
 *
 * Runs in a `struct procs` (proc.h): interrupts make the waits return -EINTR, whatever happens the guest dies with us.
 */
#ifndef TAKT_BENCH_VM_H
#define TAKT_BENCH_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/opt.h"
#include "bench/proc.h"

struct vm;

/* Fields are filled by vm_opts[] or by hand over vm_conf_init(); strings stay the caller's until vm_start() returns. */
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
	int64_t timeout_ns;		/* of a whole `takt vm run`; the functions below take their own limits */
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

/* Start it. -EINVAL and a sentence for a configuration that cannot be, -ENOENT for a missing image or socket. */
int vm_start(struct vm **out, struct procs *set, const struct vm_conf *conf, struct why *why);

/*
 * Its interface is up and its command begins. 0, -EINTR, or -ETIMEDOUT/-EIO with a sentence (what the guest said
 * last).
 */
int vm_wait_ready(struct vm *vm, int64_t limit_ns, struct why *why);

/*
 * The next line of output, as proc_read_line(); waits for ready first. -EPIPE when the command has ended (or the
 * guest died: vm_wait() tells), -ETIMEDOUT, -EINTR.
 */
ssize_t vm_read_line(struct vm *vm, char *buf, size_t size, int64_t limit_ns);

/* Skip output up to a line with `needle`; `line` may be NULL. 0, -EPIPE, -ETIMEDOUT, -EINTR. */
int vm_wait_line(struct vm *vm, const char *needle, char *line, size_t size, int64_t limit_ns);

/*
 * Skip output to the end; *status is the command's. 0, -EINTR, -ETIMEDOUT, or -EIO and a sentence when the guest died
 * first.
 */
int vm_wait(struct vm *vm, int64_t limit_ns, int *status, struct why *why);

const char *vm_how(const struct vm *vm);	/* "UML", "QEMU with KVM", "QEMU with TCG (WHY)" */
pid_t vm_pid(const struct vm *vm);

/* Pull the plug and free. NULL is legal. */
void vm_stop(struct vm *vm);

#endif
