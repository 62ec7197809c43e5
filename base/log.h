/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log: what happened, to stderr, one line each. Never called between receive and send.
 *
 * "taktd: warning: ..." in plain text; on a terminal the level is coloured. Under systemd (JOURNAL_STREAM set)
 * lines carry the <N> priority prefix. Any thread may log; a line is written with one write().
 */
#ifndef TAKT_BASE_LOG_H
#define TAKT_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Name that starts each line, and the least important level shown. Call once, before threads start. */
void log_init(const char *name, enum log_level level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
