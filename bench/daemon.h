/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * daemon: a taktd of a bench's own: its program, its file, its start, and what is left when it had to be killed.
 */
#ifndef TAKT_BENCH_DAEMON_H
#define TAKT_BENCH_DAEMON_H

#include "bench/proc.h"

#define DAEMON_PATH_LEN 100
#define DAEMON_GRACE_NS INT64_C(5000000000)	/* a process that was asked to end gets this long */

struct daemon_conf {
	const char *taktd;	/* program */
	const char *dir;	/* exists; YAML and control socket go here */
	const char *name;	/* of the instance, up to 15 characters */
	int worker_cpu, other_cpu;	/* of the worker; of its other threads */
	const char *netns;	/* that it runs in; NULL: ours */
	int memory_mib;		/* for frames; 0: 256 */
	bool small_pages;	/* no huge ones: nobody has to be asked for them, and there is no guest */
	const char *more;	/* further lines of YAML at the top level, e.g. "records: 1048576\n"; NULL: none */
	const char *ports;	/* YAML of the list below `ports:` */
	const char *log;	/* file for what it says; NULL: none */
};

/*
 * A program of ours: `given`, or `name` beside this program, or in ../sbin as installed. -ENOENT and a sentence that
 * speaks of --OPTION.
 */
int daemon_find(char *path, size_t size, const char *name, const char *given, const char *option, struct why *why);

/* Start any program urgently, wait for a line with `ready`. Its last words are the sentence when that does not come. */
int daemon_launch(struct proc **out, struct procs *set, struct proc_conf *conf, const char *ready, struct why *why);

int daemon_start(struct proc **out, struct procs *set, const struct daemon_conf *conf, struct why *why);

/* Would it start with that? It is asked (taktd --check), and opens nothing; no file is written. -EINVAL and its sentence; another -errno when it cannot be asked. */
int daemon_check(struct procs *set, const struct daemon_conf *conf, struct why *why);

/* Its control socket, as client_request() takes it. */
void daemon_ctl(char path[DAEMON_PATH_LEN], const struct daemon_conf *conf);

/* Files that are left when it was killed, and the YAML. After proc_stop(). */
void daemon_clean(const struct daemon_conf *conf);

#endif
