/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_LEN 1024
#define END_LEN	 8	/* room kept for colour off and the newline */

/* The one state in the house that is not handed down: stderr is one per process too. Written before threads start. */
static struct {
	const char *name;
	enum log_level level;
	bool colour, journal;
} log_state = {.name = "takt", .level = LOG_INFO};

static const struct {
	const char *word;	/* before the text */
	const char *colour;
	int priority;		/* of syslog(3) */
} levels[] = {
	[LOG_ERROR] = {"", "\033[31m", 3},
	[LOG_WARN]  = {"warning: ", "\033[33m", 4},
	[LOG_INFO]  = {"", "", 6},
	[LOG_DEBUG] = {"debug: ", "\033[2m", 7},
};

void log_init(const char *name, enum log_level level)
{
	const char *no_colour = getenv("NO_COLOR");

	log_state.name = name;
	log_state.level = level;
	log_state.colour = isatty(STDERR_FILENO) && !(no_colour && *no_colour);
	log_state.journal = getenv("JOURNAL_STREAM") && !isatty(STDERR_FILENO);
}

static void log_line(enum log_level level, const char *fmt, va_list ap)
{
	const char *on = log_state.colour ? levels[level].colour : "";
	const char *off = *on ? "\033[0m" : "";
	char line[LINE_LEN], priority[8] = "";
	int n, m;

	if (level > log_state.level)
		return;
	if (log_state.journal)
		snprintf(priority, sizeof(priority), "<%d>", levels[level].priority);
	n = snprintf(line, sizeof(line), "%s%.64s: %s%s", priority, log_state.name, on, levels[level].word);
	m = vsnprintf(line + n, sizeof(line) - END_LEN - (size_t)n, fmt, ap);
	n += m < 0 ? 0 : m;
	if (n > LINE_LEN - END_LEN - 1)
		n = LINE_LEN - END_LEN - 1;
	n += snprintf(line + n, END_LEN, "%s\n", off);
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;	/* nowhere left to say it */
}

#define LOG_FUNCTION(function, level)				\
	void function(const char *fmt, ...)			\
	{							\
		va_list ap;					\
								\
		va_start(ap, fmt);				\
		log_line(level, fmt, ap);			\
		va_end(ap);					\
	}

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)
