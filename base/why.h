/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * why: the sentence beside an errno.
 *
 * Whoever refuses something knows the reason; whoever asked has to read it. A function that validates takes a
 * `struct why *` as its last argument, returns -errno, and leaves one sentence that says what is wrong, where,
 * and how to mend it. A NULL why is legal: the reason is then dropped, the errno is not.
 *
 *	if (cycle_ns <= 0)
 *		return why_fail(why, EINVAL, "admin-cycle-time is %s: give a positive duration, e.g. 1ms", s);
 */
#ifndef TAKT_BASE_WHY_H
#define TAKT_BASE_WHY_H

#include <stdarg.h>

#define WHY_LEN 512	/* room for a sentence of ours around the whole line of another program's */

struct why {
	char text[WHY_LEN];	/* one sentence without a final newline; "" while nothing was refused */
};

/* Write the sentence, control characters in it becoming blanks, and return -err (err is a positive errno). A longer one ends at a word, and "...". */
int why_fail(struct why *why, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Put "WHERE: " in front of a sentence already there: a caller adds the place that the callee could not know. */
void why_at(struct why *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
