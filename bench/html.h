/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * html: text that somebody else wrote, made fit for a page; and how our pages look.
 */
#ifndef TAKT_BENCH_HTML_H
#define TAKT_BENCH_HTML_H

#include <stdio.h>

extern const char html_css[];	/* of all reports */

/* One character of UTF-8 at *s, which moves on: its bytes as they are, or U+FFFD for what is none, or a control character that is no blank. *len 0 at the end. */
const char *html_char(const char **s, size_t *len);

/* As text, or inside a quoted attribute: no byte of it is markup. */
void html_text(FILE *f, const char *s);

/* A file as an URL of its own content (RFC 2397): a page that needs no other file. 0 or -errno; nothing is written then. */
int html_data_url(FILE *f, const char *path, const char *type);

#endif
