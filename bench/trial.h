/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trial: what the benches do around what they measure: options that all have, what is refused before anything is done, a set of processes, a folder,
 * the exit status.
 */
#ifndef TAKT_BENCH_TRIAL_H
#define TAKT_BENCH_TRIAL_H

#include <limits.h>

#include "base/cmd.h"
#include "bench/proc.h"

/* Options that all have: rows of a struct opt table. */
struct trial_conf {
	const char *taktd;
	int64_t cpu;
	bool json;
};

#define TRIAL_AT(base, field) ((base) + offsetof(struct trial_conf, field))
#define TRIAL_OPTS(base) \
	{ "cpu", 0, OPT_INT, TRIAL_AT(base, cpu), "N", "1", 0, 1023, \
	  "CPU of taktd's worker; all else is on the one before it, or on CPU 1" }, \
	{ "taktd", 0, OPT_STR, TRIAL_AT(base, taktd), "FILE", NULL, 0, 0, \
	  "the taktd to run (default: beside this program)" }, \
	{ "json", 'j', OPT_FLAG, TRIAL_AT(base, json), NULL, NULL, 0, 0, "print the result as JSON" }

/* What is there while a bench performs. */
struct trial {
	struct procs *set;
	char takt[PATH_MAX], taktd[PATH_MAX];	/* programs */
	char dir[40];				/* empty, and to be left so */
	int worker_cpu, other_cpu;
};

struct trial_bench {
	const char *name;	/* of the folder */
	size_t size;		/* of its struct, zeroed at first. That begins with its options, and they with a struct trial_conf */
	int (*choose)(void *bench, struct why *why);	/* are its options sound? NULL: they are */
	int (*perform)(void *bench, const struct trial *c, struct why *why);	/* exit status, -EINTR, or -errno and a sentence */
	void (*fini)(void *bench);			/* NULL: nothing to do. In any case, once its processes have ended */
};

/* A command's run function, but for its bench. */
int trial_run(const struct trial_bench *bench, const struct cmd *self, int argc, char **argv);

/*
 * "a,b" of --OPTION: which of n names. Rows of `size` bytes begin with their names. -EINVAL and a sentence for one that is none, and for an empty list.
 */
int trial_pick(bool *wanted, const char *option, const char *list, const void *rows, size_t size, size_t n, struct why *why);

#endif
