/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * man: the manual page of a table of commands, made from its rows.
 */
#ifndef TAKT_BASE_MAN_H
#define TAKT_BASE_MAN_H

#include <stdio.h>

#include "base/cmd.h"

/* Section 1, in man(7)'s roff. Rows without help are left out. */
void man_print(FILE *f, const char *name, const char *about, const struct cmd *table);

#endif
