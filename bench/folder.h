/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * folder: a result's folder (docs/results.md) while it is written. What is finished stays, whatever happens to the writer.
 *
 * A cell is written into cells/.NAME. folder_keep() has all of it on the disk before it gets its name, and the name before it returns. One process writes a
 * folder: others are refused.
 */
#ifndef TAKT_BENCH_FOLDER_H
#define TAKT_BENCH_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

#define FOLDER_LEN (PATH_MAX + 256)	/* of a path in it */

struct folder {
	char path[PATH_MAX];	/* absolute, without links */
	int lock;		/* -1: not open */
};

/*
 * Make RESULTS/CAMPAIGN/DATE-REV with an empty cells/ and campaign.yaml of these bytes, and turn the link `latest` beside it there. -errno and a sentence, with nothing left but
 * perhaps the folders above it.
 */
int folder_create(struct folder *f, const char *results, const char *campaign, const char *rev, const char *text, size_t len, struct why *why);

/* One that is there (or a link to it). -EBUSY: somebody writes it. What was not finished is thrown away. */
int folder_open(struct folder *f, const char *path, struct why *why);
void folder_close(struct folder *f);

/*
 * The newest below RESULTS/CAMPAIGN whose campaign.yaml has these very bytes and of which `unfinished` says so. 0; -ENOENT and a sentence.
 */
int folder_find(char path[PATH_MAX], const char *results, const char *campaign, const char *text, size_t len,
		bool (*unfinished)(const char *path), struct why *why);

/* Begin a cell: an empty cells/.NAME, whose absolute path is returned. */
int folder_begin(const struct folder *f, const char *name, char path[FOLDER_LEN], struct why *why);
int folder_keep(const struct folder *f, const char *name, struct why *why);	/* one that was kept before under that name goes */
void folder_drop(const struct folder *f, const char *name);

void folder_cell_path(const struct folder *f, const char *name, char path[FOLDER_LEN]);	/* of one that was kept */
bool folder_has(const struct folder *f, const char *name);

/* Replace (or make) a file of the folder, all or nothing. */
int folder_put(const struct folder *f, const char *name, const char *text, size_t len, struct why *why);

/* The disk below it: bytes that are free. -errno */
int64_t folder_room(const char *path);

#endif
