/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * opt: options declared once.
 *
 * A command's options are rows: long name, letter, type, where the value goes, default, range, one line of help.
 * The parser, --help, the man page's option list and shell completion all come from the rows.
 * Values are bounds-checked; a wrong one is refused with a sentence naming the option, and nothing is changed.
 */
#ifndef TAKT_BASE_OPT_H
#define TAKT_BASE_OPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"

enum opt_type {
	OPT_FLAG,	/* bool, no argument: sets true */
	OPT_INT,	/* int64_t, decimal (010 is ten) or 0x; min..max */
	OPT_NS,		/* int64_t, ns_parse_unit(): a number without its unit is refused, but for 0; min..max */
	OPT_STR,	/* const char *, points into argv */
	OPT_LIST,	/* struct opt_list: as OPT_STR, but each of several counts */
};

#define OPT_LIST_MAX 16	/* of all options of this type together */

struct opt_list {
	const char *item[OPT_LIST_MAX];
	int count;
};

struct opt {
	const char *name;	/* "duration" -> --duration; NULL ends the table */
	char letter;		/* 'd' -> -d, 0 for none */
	enum opt_type type;
	size_t offset;		/* of the field in the command's option struct */
	const char *arg;	/* name of the argument in help: "TIME"; NULL for flags; "this|that" are all there are: completion has them */
	const char *def;	/* default as text, parsed like a user's; NULL leaves the field zero */
	int64_t min, max;	/* for OPT_INT and OPT_NS; both 0 = no bound */
	const char *help;	/* one line, lower case, no full stop; NULL hides the row from help, hints and completion */
};

#define OPT_END { NULL, 0, OPT_FLAG, 0, NULL, NULL, 0, 0, NULL }

/*
 * Fill `base` with defaults, then with argv[1..]. Options may stand before or after operands; "--" ends them.
 * Forms: --name VALUE, --name=VALUE, -n VALUE, -nVALUE, letters of flags together; the last of several holds (but for OPT_LIST).
 * Operands are moved to the front of argv[1..]; their number is returned (>= 0). -EINVAL and a sentence else, with
 * neither `base` nor argv changed.
 * --help and -h are always known: they return -ECANCELED (the caller prints usage on stdout and exits 0).
 */
int opt_parse(const struct opt *opts, void *base, int argc, char **argv, struct why *why);

/* The option list of --help: "  -d, --duration TIME   stop after TIME (default 10s)". */
void opt_help(const struct opt *opts, FILE *f);

#endif
