/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * words: a command line in the making.
 *
 * A zeroed struct is an empty one. What does not fit is a mistake of the program's, and ends it: whoever adds a word of unknown length bounds it.
 */
#ifndef TAKT_BENCH_WORDS_H
#define TAKT_BENCH_WORDS_H

#include <stddef.h>

#define WORDS_MAX 64

struct words {
	const char *word[WORDS_MAX + 1];	/* NULL-terminated, into text: not to be copied as a struct */
	int n;
	char text[8192];
	size_t used;
};

void words_add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));	/* one word */
void words_split(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));	/* one at each blank */

/* As one line, for people and for a shell (no word of ours needs quotes); the program by its name, wherever it lies. Returns buf. */
char *words_line(char *buf, size_t size, const struct words *w);

#endif
