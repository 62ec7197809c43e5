/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vm_args: the command lines of guests.
 *
 * All of them take a configuration that vm_check() has passed, which bounds its words. `dir` holds the image's kernel; `initrd_fd` is ours, and the guest's
 * program reads it through /proc, so we stay for as long as it boots.
 */
#ifndef TAKT_BENCH_VM_ARGS_H
#define TAKT_BENCH_VM_ARGS_H

#include "bench/vm_conf.h"
#include "bench/vm_events.h"
#include "bench/words.h"

/* `run_dir`: an empty folder, for the management console. */
void vm_args_uml(struct words *w, const struct vm_conf *c, const char *dir, int initrd_fd, const char *run_dir);

/* `mac` stands for c->mac; kvm: else TCG. */
void vm_args_qemu(struct words *w, const struct vm_conf *c, const char *dir, int initrd_fd, const char *mac, bool kvm);

/* Behind either: the line to the host that the guest knows as takt.0, which is open. */
void vm_args_events(struct words *w, const struct vm_conf *c, const struct vm_events *e);

#endif
