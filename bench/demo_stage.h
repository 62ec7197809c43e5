/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * demo_stage: the processes of one run: taktd, two guests, a capture; started, watched, ended.
 */
#ifndef TAKT_BENCH_DEMO_STAGE_H
#define TAKT_BENCH_DEMO_STAGE_H

#include "bench/demo.h"
#include "bench/proc.h"

struct demo_stage_conf {
	struct procs *set;
	const char *dir;	/* results; YAML, logs and capture go here */
	const char *taktd;	/* program */
	const char *takt;
	const char *kernel_dir;	/* NULL: beside the program */
	const char *netns, *host_if, *peer_if;
	const char *instance;	/* name of the taktd */
	int64_t run_ns;		/* the plc sends for this long */
	int worker_cpu;
	const char *other_cpus;	/* for everything else */
	int tai_offset_s;
	void (*progress)(void *user, const struct demo_run *run, int64_t t_ns);	/* a few times a second */
	void *user;
};

/*
 * Perform one run. run->kind says which; the rest is filled in. -EINTR, or -errno and a sentence. Nothing of it goes on afterwards and
 * no socket is left.
 */
int demo_stage(struct demo_run *run, const struct demo_stage_conf *conf, struct why *why);

#endif
