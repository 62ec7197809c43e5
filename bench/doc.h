/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * doc: one call, two pages: HTML for a browser (and for paper, by way of it), Markdown for whoever reads text.
 *
 * All text is escaped here, and nowhere else is markup written: what a file says cannot become a part of the page. HTML stands alone: its style, its figures are inside.
 * Texts are printf's. A row's cells are as many as the table has columns.
 */
#ifndef TAKT_BENCH_DOC_H
#define TAKT_BENCH_DOC_H

#include <stdbool.h>
#include <stdio.h>

#include "base/why.h"

enum doc_kind { DOC_HTML, DOC_MD };

enum doc_mark { DOC_PLAIN, DOC_GOOD, DOC_BAD, DOC_DIM };

struct doc {
	FILE *f;
	enum doc_kind kind;
	const char *dir;	/* where figures are */
	bool paper;		/* HTML for a printer of pages: figures as PNG, what is folded is open. Set it after doc_begin() */
	bool list, row;		/* under way */
	int columns;
};

/* `f` is the caller's, and its errors too. */
void doc_begin(struct doc *d, FILE *f, enum doc_kind kind, const char *dir, const char *title);
void doc_end(struct doc *d);

void doc_heading(struct doc *d, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void doc_answer(struct doc *d, const char *text, const char *const *lines);	/* what the page is for, in bold; lines until NULL are a list beneath */
void doc_para(struct doc *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void doc_item(struct doc *d, const char *term, const char *fmt, ...) __attribute__((format(printf, 3, 4)));	/* "term: text" in a list; term may be NULL */

/* Heads until NULL. The first column is words, the others are figures. */
void doc_table(struct doc *d, const char *const *heads);
void doc_words(struct doc *d, const char *heads[]);	/* a table of which all columns are words */
void doc_section(struct doc *d, const char *text);	/* a row for what is below it */
void doc_row(struct doc *d);
void doc_cell(struct doc *d, enum doc_mark mark, const char *note, const char *fmt, ...) __attribute__((format(printf, 4, 5)));	/* note: small, beneath; NULL: none */
void doc_table_end(struct doc *d);

/* NAME.svg of the folder (NAME.png on paper); Markdown only points to it. 0, or -errno and a sentence. */
int doc_figure(struct doc *d, const char *name, const char *title, const char *how, struct why *why);

void doc_fold(struct doc *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));	/* what few want to see, until the end of it */
void doc_fold_end(struct doc *d);
void doc_pre(struct doc *d, const char *text);		/* line by line */

#endif
