/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * proc_child: a child between fork() and its program, and how its parent learns how far it came.
 */
#ifndef TAKT_BENCH_PROC_CHILD_H
#define TAKT_BENCH_PROC_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/cpu_list.h"
#include "bench/proc.h"

/* fork() that returns a pidfd as well, in a PID namespace of its own when that is wanted and allowed. -1 and errno. */
pid_t proc_child_fork(bool own_pids, int *pid_fd);

/*
 * In the child: signal mask, CPUs (where conf->cpu asks for some), network namespace (-1: ours), output. Then it is its program. `fd` is the close-on-exec
 * end of a pipe: it says there that it lives, and what failed.
 */
_Noreturn void proc_child_become(const struct proc_conf *conf, const sigset_t *mask, const struct cpu_list *cpus, int netns_fd, int out_fd, int fd);

/* In the parent, at the other end: 0 once it runs its program, else -errno and a sentence. */
int proc_child_hear(const struct proc_conf *conf, int fd, struct why *why);

#endif
