/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/doc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/html.h"

/* -- text ---------------------------------------------------------------------------------------------------------- */

static void md_text(FILE *f, const char *s)
{
	const char *c;
	size_t len;

	for (c = html_char(&s, &len); len; c = html_char(&s, &len)) {
		if (len == 1 && (*c == '\n' || *c == '\t'))
			fputc(' ', f);
		else if (*c == '<' || *c == '>' || *c == '&')
			fputs(*c == '<' ? "&lt;" : *c == '>' ? "&gt;" : "&amp;", f);
		else if (len == 1 && strchr("\\`*_[]#|~!", *c))
			fprintf(f, "\\%c", *c);
		else if (*c == ':' && !strncmp(s, "//", 2))	/* would become a link */
			fputs("&#58;", f);
		else
			fwrite(c, 1, len, f);
	}
}

/* "12.4 us" as figures on a page have it: with a micro sign. Text stays ASCII. */
static void put_html(FILE *f, const char *s)
{
	char *text = strdup(s), *at, *from = text;

	for (at = text; at && (at = strstr(at, " us")); ) {
		if (at == text || at[-1] < '0' || at[-1] > '9' || (at[3] >= 'a' && at[3] <= 'z')) {
			at += 3;
			continue;
		}
		at[1] = '\0';
		html_text(f, from);
		fputs("µ", f);
		at[1] = 'u';
		from = at + 2;
		at = from;
	}
	html_text(f, from ? from : s);
	free(text);
}

static void put(struct doc *d, const char *s)
{
	if (d->kind == DOC_HTML)
		put_html(d->f, s);
	else
		md_text(d->f, s);
}

static void vput(struct doc *d, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	put(d, text);
	free(text);
}

#define PUT(d, fmt)                     \
	do {                            \
		va_list ap;             \
		va_start(ap, fmt);      \
		vput(d, fmt, ap);       \
		va_end(ap);             \
	} while (0)

/* Markup of the kind that is written. */
static void raw(struct doc *d, const char *html, const char *md)
{
	fputs(d->kind == DOC_HTML ? html : md, d->f);
}

static void close_list(struct doc *d)
{
	if (d->list)
		raw(d, "</ul>\n", "\n");
	d->list = false;
}

/* -- blocks -------------------------------------------------------------------------------------------------------- */

void doc_begin(struct doc *d, FILE *f, enum doc_kind kind, const char *dir, const char *title)
{
	*d = (struct doc){ .f = f, .kind = kind, .dir = dir };
	if (kind == DOC_HTML) {
		fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n<title>", f);
		html_text(f, title);
		fprintf(f, "</title><style>%s</style></head><body>\n", html_css);
	}
	doc_heading(d, 1, "%s", title);
}

void doc_end(struct doc *d)
{
	close_list(d);
	raw(d, "</body></html>\n", "");
}

void doc_heading(struct doc *d, int level, const char *fmt, ...)
{
	close_list(d);
	if (d->kind == DOC_HTML)
		fprintf(d->f, "<h%d>", level);
	else
		fprintf(d->f, "%.*s ", level, "######");
	PUT(d, fmt);
	if (d->kind == DOC_HTML)
		fprintf(d->f, "</h%d>\n", level);
	else
		fputs("\n\n", d->f);
}

void doc_answer(struct doc *d, const char *text, const char *const *lines)
{
	close_list(d);
	raw(d, "<div class=\"answer\"><p>", "**");
	put(d, text);
	raw(d, "</p>\n", "**\n\n");
	for (; *lines; lines++)
		doc_item(d, NULL, "%s", *lines);
	close_list(d);
	raw(d, "</div>\n", "");
}

void doc_para(struct doc *d, const char *fmt, ...)
{
	close_list(d);
	raw(d, "<p>", "");
	PUT(d, fmt);
	raw(d, "</p>\n", "\n\n");
}

void doc_item(struct doc *d, const char *term, const char *fmt, ...)
{
	if (!d->list)
		raw(d, "<ul>\n", "");
	d->list = true;
	raw(d, "<li>", "- ");
	if (term) {
		raw(d, "<b>", "**");
		put(d, term);
		raw(d, "</b>: ", "**: ");
	}
	PUT(d, fmt);
	raw(d, "</li>\n", "\n");
}

/* -- tables -------------------------------------------------------------------------------------------------------- */

static void begin_table(struct doc *d, const char *const *heads, const char *html)
{
	int i;

	close_list(d);
	raw(d, html, "");
	for (i = 0; heads[i]; i++) {
		raw(d, "<th>", "| ");
		put(d, heads[i]);
		raw(d, "</th>", " ");
	}
	raw(d, "</tr></thead><tbody>\n", "|\n");
	d->columns = i;
	for (i = 0; d->kind == DOC_MD && i < d->columns; i++)
		fputs("|---", d->f);
	raw(d, "", "|\n");
}

void doc_table(struct doc *d, const char *const *heads)
{
	begin_table(d, heads, "<div class=\"wide\"><table><thead><tr>");
}

void doc_words(struct doc *d, const char *heads[])
{
	begin_table(d, heads, "<div class=\"wide\"><table class=\"words\"><thead><tr>");
}

static void close_row(struct doc *d)
{
	if (d->row)
		raw(d, "</tr>\n", "|\n");
	d->row = false;
}

void doc_section(struct doc *d, const char *text)
{
	int i;

	close_row(d);
	if (d->kind == DOC_HTML)
		fprintf(d->f, "<tr class=\"section\"><th colspan=\"%d\">", d->columns);
	else
		fputs("| **", d->f);
	put(d, text);
	raw(d, "</th></tr>\n", "** ");
	for (i = 1; d->kind == DOC_MD && i < d->columns; i++)
		fputs("| ", d->f);
	raw(d, "", "|\n");
}

void doc_row(struct doc *d)
{
	close_row(d);
	raw(d, "<tr>", "");
	d->row = true;
}

void doc_cell(struct doc *d, enum doc_mark mark, const char *note, const char *fmt, ...)
{
	static const char *const classes[] = { "<td>", "<td class=\"good\">", "<td class=\"bad\">", "<td class=\"dim\">" };

	raw(d, classes[mark], "| ");
	PUT(d, fmt);
	if (note) {
		raw(d, "<small>", " (");
		put(d, note);
		raw(d, "</small>", ")");
	}
	raw(d, "</td>", " ");
}

void doc_table_end(struct doc *d)
{
	close_row(d);
	raw(d, "</tbody></table></div>\n", "\n");
}

/* -- the rest ------------------------------------------------------------------------------------------------------ */

int doc_figure(struct doc *d, const char *name, const char *title, const char *how, struct why *why)
{
	char path[4096];
	int rc;

	close_list(d);
	raw(d, "<div class=\"figure\">\n", "");
	doc_heading(d, 2, "%s", title);
	doc_para(d, "%s", how);
	if (d->kind == DOC_MD) {
		fputs("![", d->f);
		put(d, title);
		fprintf(d->f, "](%s.svg)\n\n", name);
		return 0;
	}
	snprintf(path, sizeof(path), "%s/%s.%s", d->dir, name, d->paper ? "png" : "svg");
	fputs("<figure><img alt=\"", d->f);
	put(d, title);
	fputs("\" src=\"", d->f);
	rc = html_data_url(d->f, path, d->paper ? "image/png" : "image/svg+xml");
	fprintf(d->f, "\"><small>gnuplot %s.gp draws it again from %s.dat, both in the report's folder.</small></figure></div>\n", name, name);
	return rc ? why_fail(why, -rc, "cannot read %s: %s", path, strerror(-rc)) : 0;
}

void doc_fold(struct doc *d, const char *fmt, ...)
{
	close_list(d);
	raw(d, d->paper ? "<h3>" : "<details><summary>", "### ");
	PUT(d, fmt);
	raw(d, d->paper ? "</h3>\n" : "</summary>\n", "\n\n");
}

void doc_fold_end(struct doc *d)
{
	close_list(d);
	raw(d, d->paper ? "" : "</details>\n", "");
}

void doc_pre(struct doc *d, const char *text)
{
	size_t n;

	close_list(d);
	raw(d, "<pre>", "");
	if (d->kind == DOC_HTML)
		html_text(d->f, text);
	for (; d->kind == DOC_MD && *text; text += n + (text[n] == '\n')) {	/* indented: no fence that the text could close */
		n = strcspn(text, "\n");
		fprintf(d->f, "    %.*s\n", (int)n, text);
	}
	raw(d, "</pre>\n", "\n");
}
