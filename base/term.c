/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/term.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t stopped; /* a signal handler has nowhere else to write to */

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

void term_open(struct term *t, bool draw)
{
	struct sigaction sa = {.sa_handler = on_signal};
	size_t i;

	stopped = 0;
	t->tty = draw && isatty(STDOUT_FILENO);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, &t->old[i]);
	if (t->tty) {
		fputs("\033[?1049h\033[?25l", stdout);
		fflush(stdout);
	}
}

void term_close(struct term *t)
{
	size_t i;

	if (t->tty) {
		fputs("\033[?25h\033[?1049l", stdout);
		fflush(stdout);
	}
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &t->old[i], NULL);
}

bool term_stopped(void)
{
	return stopped;
}

/* In slices: a signal that comes between the check and the sleep costs one slice, not the whole sleep. */
bool term_sleep(int64_t ns)
{
	const int64_t slice = 50 * NS_PER_MS;
	struct timespec ts;

	for (; ns > 0 && !stopped; ns -= slice) {
		ts = (struct timespec){.tv_nsec = ns < slice ? ns : slice};
		nanosleep(&ts, NULL);
	}
	return !stopped;
}

/* A line as far as it fits: one that wraps would push the first ones away. Escape sequences take no column. */
static void draw_line(const char *text, const char *end, int columns)
{
	bool escape = false;

	for (; text < end; text++) {
		escape = escape || *text == '\033';
		if (escape || columns-- > 0)
			putchar(*text);
		if (escape && *text >= '@' && *text != '[')
			escape = false;
	}
}

void term_draw(const struct term *t, const char *text)
{
	struct winsize size = {0};
	const char *end;
	int left = INT_MAX, columns = INT_MAX;

	if (!t->tty) {
		fputs(text, stdout);
		fflush(stdout);
		return;
	}
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col) {
		left = size.ws_row;
		columns = size.ws_col;
	}
	fputs("\033[H", stdout);
	for (; *text && left; text = *end ? end + 1 : end) { /* what comes first matters most: it must not scroll away */
		end = strchrnul(text, '\n');
		left--;
		fputs("\033[K", stdout);
		draw_line(text, end, columns);
		fputs(*end && left ? "\n" : "", stdout);
	}
	if (left)
		fputs("\033[J", stdout);
	fflush(stdout);
}
