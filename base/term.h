/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * term: a view that is drawn again and again until Ctrl-C, and leaves the terminal as it was.
 *
 * On a terminal the view is drawn on the alternate screen with the cursor hidden; into a pipe, one view after the other.
 * While it is open, SIGINT, SIGTERM and SIGHUP end it instead of the process. One view at a time, one thread.
 */
#ifndef TAKT_BASE_TERM_H
#define TAKT_BASE_TERM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct term {
	bool tty;
	struct sigaction old[3];
};

void term_open(struct term *t, bool draw);	/* draw false: only catch the signals */
void term_close(struct term *t);

bool term_stopped(void);			/* a signal has come since term_open() */
bool term_sleep(int64_t ns);			/* false when a signal came meanwhile, at once if it had come before */
void term_draw(const struct term *t, const char *text);	/* replace what is shown by these lines */

#endif
