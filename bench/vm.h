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

#include <stdint.h>
#include <sys/types.h>

#include "bench/proc.h"
#include "bench/vm_conf.h"

struct vm;

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
