/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run_meta: a result's meta.json: what it takes to measure the same again, and to judge whether it was the same.
 *
 * Written when the run begins and again, all or nothing, when it ends or is resumed.
 */
#ifndef TAKT_BENCH_RUN_META_H
#define TAKT_BENCH_RUN_META_H

#include <jansson.h>

#include "base/opt.h"
#include "bench/campaign.h"
#include "bench/folder.h"
#include "bench/proc.h"

/* What the command line adds to the campaign's file. Strings belong to argv, or to the document that they were read from. */
struct run_asked {
	struct opt_list only;
	int64_t repetitions, duration_ns;	/* 0: the file's */
	int64_t seed;				/* 0: draw one */
	int64_t cpu;				/* of the worker */
	const char *taktd, *kernel_dir;		/* NULL: beside this program */
	const char *inventory;			/* of the campaign's hosts, its real path; NULL: none */
};

/* All of it but what is known at the end. `command` is argv, n words. The caller's. */
json_t *run_meta_begin(const struct campaign *c, const struct run_asked *asked, size_t planned, int n, char *const *command);

/* "floor_before", "floor_after": what the machine takes from whoever runs on CPUs a and b, measured now, with `takt noise`. -EINTR, or 0: a floor that cannot be had is null. */
int run_meta_floor(json_t *doc, const char *key, const char *takt, struct procs *set, int a, int b);

/* A list: one more entry of `key`. */
void run_meta_note(json_t *doc, const char *key, json_t *entry);

int run_meta_put(const json_t *doc, const struct folder *f, struct why *why);

/* Of a result's folder. The document is the caller's. -errno and a sentence when it is none of ours. */
int run_meta_read(json_t **doc, const char *path, struct why *why);
int run_meta_asked(const json_t *doc, struct run_asked *asked, struct why *why);
bool run_meta_finished(const json_t *doc);

#endif
