/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd: commands are rows, nested the same way at each level.
 *
 * `takt gate check FILE` finds the row "gate" in takt's table, whose `sub` is the table of gate's own verbs, and there
 * the row "check", whose function runs. Usage, help with examples, unknown-command hints, the man page and shell
 * completion come from the rows.
 */
#ifndef TAKT_BASE_CMD_H
#define TAKT_BASE_CMD_H

#include "base/opt.h"

/* Exit codes of every command. */
enum cmd_exit {
	CMD_OK = 0,		/* done; what was asked holds */
	CMD_FAILED = 1,		/* ran, but the answer is no (gates broken, threshold exceeded), or the system failed */
	CMD_USAGE = 2,		/* bad input: a sentence on stderr, nothing changed */
	CMD_UNABLE = 77,	/* this machine cannot show what was asked */
};

struct cmd {
	const char *name;	/* NULL ends the table */
	const char *args;	/* operands for the usage line: "PORT FILE", "" for none */
	const char *help;	/* one line, lower case, no full stop; NULL hides the row from help, hints and completion */
	const struct opt *opts;	/* NULL: none */
	const char *examples;	/* lines for --help, each indented by two spaces; NULL for none */
	int (*run)(const struct cmd *self, int argc, char **argv);	/* argv[0] is how it was reached: "takt gate check"; returns cmd_exit */
	const struct cmd *sub;	/* the next level; NULL for a leaf. With `run` too, a word of the next level goes there and anything else is its own */
};

/*
 * Dispatch argv[1] in `table`. `path` is what the user typed so far ("takt gate"). `about` is the sentence at the top
 * of the help. No argument: the help on stderr, CMD_USAGE. --help/-h/help: the help on stdout, CMD_OK;
 * "help NAME" is "NAME --help". An unknown name is refused with the nearest known one. argv is written to.
 */
int cmd_main(const char *path, const char *about, const struct cmd *table, int argc, char **argv);

/*
 * For a leaf (or a main() without commands): parse options by self->opts into `conf`; on --help print usage, options, examples and return -1 with
 * *exit_code set; on error print the sentence and return -1 with *exit_code = CMD_USAGE. Else the number of operands (argv[1..]).
 * min/max bound the number of operands (max < 0: any).
 */
int cmd_options(const struct cmd *self, void *conf, int argc, char **argv, int min, int max, int *exit_code);

/*
 * "PROGRAM: SENTENCE" on stderr; CMD_FAILED when err (either sign) says that the system failed (EIO, ENOSPC, ENOMEM, EPIPE,
 * ETIMEDOUT, ECONNRESET), CMD_USAGE otherwise: what was asked for cannot be had, and nothing was changed.
 */
int cmd_refuse(int err, const struct why *why);

/*
 * Words that may follow the given ones (argv[0] on: whole words, without the program's name and the word being typed), one a line.
 * Where an option's value is due: those of a closed set (opt.h), else nothing. It is what the bash completion calls: `takt --complete WORD...`.
 */
void cmd_complete(const struct cmd *table, int argc, char **argv);

#endif
