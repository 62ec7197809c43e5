/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * caught: what a function writes to standard output and standard error, as strings. No test may fail between open and close.
 */
#ifndef TAKT_TESTS_UNIT_BASE_CAUGHT_H
#define TAKT_TESTS_UNIT_BASE_CAUGHT_H

#define CAUGHT_LEN 8192

struct caught {
	char out[CAUGHT_LEN], err[CAUGHT_LEN];	/* what was written; longer output is cut */
	int saved[2], file[2];
};

void caught_open(struct caught *c);
void caught_close(struct caught *c);

#endif
