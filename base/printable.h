/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * printable: names and sentences that somebody else chose, made fit for a terminal: what is no printable ASCII becomes '?'.
 * A thread may call itself anything, a guest may say anything; neither writes to the terminal of whoever looks.
 */
#ifndef TAKT_BASE_PRINTABLE_H
#define TAKT_BASE_PRINTABLE_H

/* In place; `text` ends with a NUL. */
static inline void printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

#endif
