/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gnuplot: figures are drawn by it, from a script and data that stay beside them.
 */
#ifndef TAKT_BENCH_GNUPLOT_H
#define TAKT_BENCH_GNUPLOT_H

#include <stdio.h>

#include "bench/proc.h"

/* A script that is a file below bench/plots/, as a text of this program: `extern const char symbol[]`. */
#define GNUPLOT_SCRIPT(symbol, file)                                                                  \
	__asm__(".pushsection .rodata\n"                                                              \
		#symbol ": .incbin \"bench/plots/" file "\"\n.byte 0\n"                               \
		".popsection\n");                                                                     \
	extern const char symbol[]

/* DIR/NAME.END for writing, its path into `path`; and its end, which finds what could not be written. NULL or -errno, and a sentence. */
FILE *gnuplot_open(const char *dir, const char *name, const char *end, char *path, size_t size, struct why *why);
int gnuplot_close(FILE *f, const char *path, struct why *why);

/* Run `script` of the folder in it. -EINTR, or -errno and a sentence, which is gnuplot's when the script is wrong. */
int gnuplot_draw(struct procs *set, const char *dir, const char *script, struct why *why);

/* A name that somebody else chose as a constant of gnuplot's, quotes included: nothing in it is a command or changes the look. What is no printable ASCII becomes '?'. */
void gnuplot_str(FILE *f, const char *s);

#endif
