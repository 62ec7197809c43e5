/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * proc: the processes a command starts, none of which outlives it.
 *
 * A `struct procs` is the set of one run. Each child leads a process group of its own (the terminal's Ctrl-C reaches
 * only us), dies when we die however we die (PR_SET_PDEATHSIG), and is stopped, newest first, when the set is
 * destroyed. With own_pids it also gets a PID namespace, so that what it forks dies with it: UML needs that (its
 * helper processes survive its SIGKILL); without the privilege the child runs in our namespace.
 *
 * From procs_create() to procs_destroy() SIGINT, SIGTERM, SIGHUP and SIGQUIT are blocked in the calling thread. Every
 * wait returns -EINTR when one arrives (and on each later call), the caller walks down its goto ladder, and leaves
 * with procs_exit(). One thread, the creating one, uses a set and its processes.
 *
 * A child's output goes to a file, never to a pipe: it cannot block on a reader that is busy. Without `log` the file
 * is anonymous and forgets what was read. stdin is /dev/null unless `in` says otherwise.
 */
#ifndef TAKT_BENCH_PROC_H
#define TAKT_BENCH_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"

struct procs;
struct proc;

struct proc_conf {
	const char *name;		/* what messages call it; copied */
	const char *const *argv;	/* argv[0] is looked up in PATH */
	const char *log;		/* file for stdout and stderr, truncated; NULL: anonymous */
	const char *dir;		/* folder it runs in; NULL: ours */
	const char *netns;		/* name below /run/netns; NULL: ours */
	const char *cpu;		/* CPUs it may use, "0,2-3"; NULL: ours */
	int nice;			/* added to ours */
	int in;				/* file descriptor for stdin, the caller's; 0: /dev/null */
	int stop_signal;		/* 0: SIGTERM */
	bool own_pids;
};

bool proc_in_path(const char *program);	/* can a child be that? */

int procs_create(struct procs **out, struct why *why);
void procs_destroy(struct procs *set);			/* NULL is legal */
int procs_pause(struct procs *set, int64_t limit_ns);	/* 0 when the time has passed, -EINTR */
int procs_watch(struct procs *set, int fd, int64_t limit_ns);	/* 1 when fd can be read, 0 when the time has passed, -EINTR */
int procs_exit(const struct procs *set, int status);	/* 128 + the signal that interrupted us, else `status` */

/*
 * Start a child. -errno and a sentence when it cannot be executed, its CPUs or namespace do not exist. It belongs to
 * the set: the pointer lives until proc_stop() or procs_destroy().
 */
int proc_start(struct proc **out, struct procs *set, const struct proc_conf *conf, struct why *why);

pid_t proc_pid(const struct proc *p);

/* Wait for its end. *status is 0..255 as in a shell (128 + signal). 0, -ETIMEDOUT, -EINTR. */
int proc_wait(struct proc *p, int64_t limit_ns, int *status);

/*
 * Start, wait, forget: for helpers that end by themselves (`ip`). Any status but 0 is -EIO, with its last line as the
 * sentence.
 */
int proc_run(struct procs *set, const struct proc_conf *conf, int64_t limit_ns, struct why *why);

/*
 * The next piece of its output: a line with its newline, or `size` - 1 bytes of a longer one, or what stood last
 * without a newline. NUL is added; the length is returned. -ETIMEDOUT, -EINTR, -EPIPE (it ended and everything was
 * read).
 */
ssize_t proc_read_line(struct proc *p, char *buf, size_t size, int64_t limit_ns);

/* Skip lines until one contains `needle`. `line` (may be NULL) receives it. As proc_read_line(), 0 when found. */
int proc_wait_line(struct proc *p, const char *needle, char *line, size_t size, int64_t limit_ns);

/* Stop signal, SIGKILL after `grace_ns`, both to the whole group; reap; free. NULL is legal. */
void proc_stop(struct proc *p, int64_t grace_ns);

#endif
