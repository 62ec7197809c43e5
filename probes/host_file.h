/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_file: the events of a host as a file (probes/evfile.h), with who wrote it and the coverage table.
 */
#ifndef TAKT_PROBES_HOST_FILE_H
#define TAKT_PROBES_HOST_FILE_H

#include <stdio.h>

#include "base/why.h"
#include "probes/evwriter.h"
#include "probes/host.h"

struct host_file {
	FILE *f;
	const char *path;
	bool begun;
	int64_t t_meta;
	struct evwriter w;
};

/* META of a stream of h's events: who writes, and the coverage as it is now. Text that the caller frees, even on failure; -ENOMEM. */
int host_meta(const struct host *h, char **text);

/* Refused before anything is written when the file cannot be made: -errno and a sentence. "-" is standard output. */
int host_file_open(struct host_file *f, const char *path, struct why *why);
int host_file_begin(struct host_file *f, const struct host *h);	/* writes META; -ENOMEM */
void host_file_add(struct host_file *f, const struct event *e);
void host_file_tick(struct host_file *f, const struct host *h, int64_t now);	/* now: monotonic ns; the same again every second */
int host_file_close(struct host_file *f, struct why *why);	/* in good order, if it was begun */

#endif
