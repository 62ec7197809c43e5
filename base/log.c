/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Who logs is the process, so this is the process's. */
static struct {
	const char *name;
	enum log_level level;
	bool colour;
	bool journal;
} self = {.name = "takt", .level = LOG_INFO};

static const struct {
	const char *word;
	const char *colour;
	int priority; /* of syslog */
} levels[] = {
	[LOG_ERROR] = {"", "\033[31m", 3},
	[LOG_WARN] = {"warning: ", "\033[33m", 4},
	[LOG_INFO] = {"", "", 6},
	[LOG_DEBUG] = {"debug: ", "\033[2m", 7},
};

void log_init(const char *name, enum log_level level)
{
	self.name = name;
	self.level = level;
	self.colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
	self.journal = getenv("JOURNAL_STREAM") != NULL;
}

/* One line, one write. */
static void say(enum log_level level, const char *fmt, va_list ap)
{
	bool colour = self.colour && levels[level].colour[0];
	char line[1024];
	int n = 0;
	int m;

	if (level > self.level)
		return;
	if (self.journal)
		n = snprintf(line, sizeof(line), "<%d>", levels[level].priority);
	n += snprintf(line + n, sizeof(line) - (size_t)n, "%s: %s%s", self.name, colour ? levels[level].colour : "", levels[level].word);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 8, fmt, ap);
	n = n + m < (int)sizeof(line) - 8 ? n + m : (int)sizeof(line) - 9;
	n += snprintf(line + n, sizeof(line) - (size_t)n, "%s\n", colour ? "\033[0m" : "");
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nobody is listening: nothing to be done about it */
}

#define DEFINE(fn, level)               \
	void fn(const char *fmt, ...)   \
	{                               \
		va_list ap;             \
                                        \
		va_start(ap, fmt);      \
		say(level, fmt, ap);    \
		va_end(ap);             \
	}

DEFINE(log_error, LOG_ERROR)
DEFINE(log_warn, LOG_WARN)
DEFINE(log_info, LOG_INFO)
DEFINE(log_debug, LOG_DEBUG)
