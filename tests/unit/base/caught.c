/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/base/caught.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Files in memory at the descriptors themselves: what is written past stdio is caught too. */
void caught_open(struct caught *c)
{
	int i;

	fflush(stdout);
	fflush(stderr);
	for (i = 0; i < 2; i++) {
		c->saved[i] = dup(STDOUT_FILENO + i);
		c->file[i] = memfd_create("caught", MFD_CLOEXEC);
		if (c->saved[i] < 0 || c->file[i] < 0 || dup2(c->file[i], STDOUT_FILENO + i) < 0)
			abort();
	}
}

void caught_close(struct caught *c)
{
	char *text[2] = {c->out, c->err};
	ssize_t n;
	int i;

	fflush(stdout);
	fflush(stderr);
	for (i = 0; i < 2; i++) {
		n = pread(c->file[i], text[i], CAUGHT_LEN - 1, 0);
		text[i][n < 0 ? 0 : n] = '\0';
		dup2(c->saved[i], STDOUT_FILENO + i);
		close(c->saved[i]);
		close(c->file[i]);
	}
}
