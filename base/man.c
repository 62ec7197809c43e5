/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/man.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Text that roff takes literally. */
static void put(FILE *f, const char *s)
{
	bool first = true;

	for (; *s; s++) {
		if (first && (*s == '.' || *s == '\''))
			fputs("\\&", f);
		if (*s == '\\')
			fputs("\\e", f);
		else if (*s == '-')
			fputs("\\-", f);
		else
			fputc(*s, f);
		first = *s == '\n';
	}
}

static void put_options(FILE *f, const struct opt *o)
{
	for (; o && o->name; o++) {
		if (!o->help)
			continue;
		fputs(".TP\n\\fB", f);
		if (o->letter)
			fprintf(f, "\\-%c\\fR, \\fB", o->letter);
		fputs("\\-\\-", f);
		put(f, o->name);
		fprintf(f, "\\fR%s", o->arg ? " \\fI" : "");
		if (o->arg)
			fprintf(f, "%s\\fR", o->arg);
		fputc('\n', f);
		put(f, o->help);
		if (o->def) {
			fputs(" (default ", f);
			put(f, o->def);
			fputc(')', f);
		}
		fputc('\n', f);
	}
}

static void put_commands(FILE *f, const char *path, const struct cmd *c)
{
	char deeper[128];

	for (; c->name; c++) {
		if (!c->help)
			continue;
		snprintf(deeper, sizeof(deeper), "%s %s", path, c->name);
		if (!c->run) {
			put_commands(f, deeper, c->sub);
			continue;
		}
		fputs(".SS ", f);
		put(f, deeper);
		fprintf(f, "%s%s\n", c->args[0] ? " " : "", c->args);
		fputc(toupper((unsigned char)c->help[0]), f);
		put(f, c->help + 1);
		fputs(".\n", f);
		put_options(f, c->opts);
		if (c->examples) {
			fputs(".PP\nExamples:\n.nf\n", f);
			put(f, c->examples);
			fputs(".fi\n", f);
		}
		if (c->sub)
			put_commands(f, deeper, c->sub);
	}
}

void man_print(FILE *f, const char *name, const char *about, const struct cmd *table)
{
	fputs(".\\\" made by `takt --man`: change the rows of the commands instead\n.TH ", f);
	for (const char *s = name; *s; s++)
		fputc(toupper((unsigned char)*s), f);
	fputs(" 1\n.SH NAME\n", f);
	fprintf(f, "%s \\- ", name);
	put(f, about);
	fprintf(f, "\n.SH SYNOPSIS\n.B %s\n.I COMMAND\n[\\fIOPTION\\fR...] [\\fIOPERAND\\fR...]\n.SH COMMANDS\n", name);
	put_commands(f, name, table);
	fputs(".SH EXIT STATUS\n"
	      ".TP\n0\nDone; what was asked holds.\n"
	      ".TP\n1\nRan, but the answer is no, or the system failed.\n"
	      ".TP\n2\nBad input: a sentence on standard error, nothing changed.\n"
	      ".TP\n77\nThis machine cannot show what was asked.\n"
	      ".SH SEE ALSO\n.BR taktd (8),\n.BR takt.yaml (5)\n", f);
}
