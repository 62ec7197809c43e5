/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * doctor_proc: the daemons of a machine that have to do with time or with taktd's CPUs, and ptp4l's options as it was started.
 */
#ifndef TAKT_PROBES_DOCTOR_PROC_H
#define TAKT_PROBES_DOCTOR_PROC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cpu_list.h"
#include "base/why.h"

#define PROCS_MAX 32

struct doctor_proc {
	int pid;
	char comm[17];	     /* the kernel keeps 15 characters */
	char args[1024];     /* separated by blanks */
	struct cpu_list cpus; /* where it may run; empty: not known */
	char *conf;	     /* ptp4l's and phc2sys's file; NULL: started without */
	int conf_err;	     /* 0, or why it could not be read */
	struct why conf_why;
};

struct doctor_procs {
	const char *root; /* the caller's */
	bool known;
	struct why missing; /* why not */
	int n, more;	    /* more: that did not fit */
	struct doctor_proc proc[PROCS_MAX];
};

/* Each file is read once, when it is stored somewhere: whoever runs a program of that name may name any. */
void procs_look(struct doctor_procs *p, const char *root);
void procs_forget(struct doctor_procs *p);

/* The next process of that name behind `after` (NULL: the first); NULL when there is none. */
const struct doctor_proc *procs_next(const struct doctor_procs *p, const char *comm, const struct doctor_proc *after);

/* One of the words of its command line is `word`. */
bool proc_has_arg(const struct doctor_proc *p, const char *word);

/*
 * A letter among ptp4l's or phc2sys's short options that take no value: proc_has_flag(p, 'S'). How often: "-a -rr" has two of r.
 */
int proc_flag(const struct doctor_proc *p, char letter);

/*
 * The value of an option of ptp4l or phc2sys: of the command line, else of the configuration file. 1: found; 0: not set; -errno and a
 * sentence when the file that it was started with cannot be read. Of several interface sections the last that has it counts.
 */
int proc_option(const struct doctor_proc *p, const char *name, char *out, size_t size, struct why *why);

#endif
