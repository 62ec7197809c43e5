/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gnuplot: figures are drawn by it, from a script and data that stay beside them.
 */
#ifndef TAKT_BENCH_GNUPLOT_H
#define TAKT_BENCH_GNUPLOT_H

#include <stdio.h>

#include "bench/proc.h"

/* Run `script` of the folder in it. -EINTR, or -errno and a sentence, which is gnuplot's when the script is wrong. */
int gnuplot_draw(struct procs *set, const char *dir, const char *script, struct why *why);

/* A name that somebody else chose as a constant of gnuplot's, quotes included: nothing in it is a command or changes the look. What is no printable ASCII becomes '?'. */
void gnuplot_str(FILE *f, const char *s);

#endif
