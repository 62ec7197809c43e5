/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpio: an archive in the "newc" format, which a Linux kernel unpacks as its first file system.
 *
 * Archives may follow one another in one file. Parent folders are added as needed; a folder that is named twice is no
 * fault. Errors of the stream stay in it: cpio_end() reports them.
 */
#ifndef TAKT_BENCH_CPIO_H
#define TAKT_BENCH_CPIO_H

#include <stddef.h>
#include <stdio.h>

#include "base/why.h"

struct cpio {
	FILE *f;		/* the caller's */
	unsigned int inode;
};

void cpio_begin(struct cpio *c, FILE *f);	/* pads `f` to a multiple of four first */
/* `path` has no leading slash. */
void cpio_file(struct cpio *c, const char *path, unsigned int mode, const void *data, size_t len);

/* A file of ours, with mode 0755; -errno and a sentence when it cannot be read. */
int cpio_copy(struct cpio *c, const char *path, const char *from, struct why *why);

int cpio_end(struct cpio *c, struct why *why);

#endif
