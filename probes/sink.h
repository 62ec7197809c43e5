/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sink: where a format is written to: standard output, a pipe or device, or a file that has its name only when it is whole.
 *
 *	sink_open(&s, "-" or path, &why);
 *	... fprintf(s.f, ...) ...
 *	sink_commit(&s, &why);		the file is there, in one step, and on the disk
 *	sink_close(&s);			without a commit before: nothing is left behind
 *
 * One thread. Who writes ignores SIGPIPE; a reader that went away is -EPIPE, without a sentence.
 */
#ifndef TAKT_PROBES_SINK_H
#define TAKT_PROBES_SINK_H

#include <stdbool.h>
#include <stdio.h>

#include "base/why.h"

#define SINK_PATH 512

struct sink {
	FILE *f;
	char path[SINK_PATH], temporary[SINK_PATH];	/* temporary: "" where it is written at once */
	bool ours;	/* opened here */
};

int sink_open(struct sink *s, const char *path, struct why *why);

/* What is written so far, to those who look on; 0 or -errno. */
int sink_flush(struct sink *s);

int sink_commit(struct sink *s, struct why *why);
void sink_close(struct sink *s);	/* also one that is zeroed or closed */

#endif
