/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd: commands are rows, nested the same way at each level.
 *
 * `takt gate check FILE` finds the row "gate" in takt's table, whose function calls cmd_main() with the table
 * of gate's own verbs. Usage, help with examples, unknown-command hints, and shell completion come from the rows.
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
	const char *help;	/* one line, lower case, no full stop */
	const struct opt *opts;	/* NULL: none (or the function is a table of its own) */
	const char *examples;	/* lines for --help, each indented by two spaces; NULL for none */
	int (*run)(const struct cmd *self, int argc, char **argv);	/* argv[0] is the command's name; returns cmd_exit */
	const struct cmd *sub;	/* the next level, run NULL; for help and completion */
};

/*
 * Dispatch argv[1] in `table`. `path` is what the user typed so far ("takt gate"). `about` is the sentence at the top
 * of the help. No argument: the help on stderr, CMD_USAGE. --help/-h/help: the help on stdout, CMD_OK.
 * An unknown name is refused with the nearest known one.
 */
int cmd_main(const char *path, const char *about, const struct cmd *table, int argc, char **argv);

/*
 * For a leaf: parse options by self->opts into `conf`; on --help print usage, options, examples and return -1 with
 * *exit_code set; on error print the sentence and return -1 with *exit_code = CMD_USAGE. Else the number of operands (argv[1..]).
 * min/max bound the number of operands (max < 0: any).
 */
int cmd_options(const struct cmd *self, void *conf, int argc, char **argv, int min, int max, int *exit_code);

/* "takt: SENTENCE" on stderr; returns CMD_USAGE for -EINVAL and its kin (bad input), CMD_FAILED for a failing system. */
int cmd_refuse(int err, const struct why *why);

/* Words that may follow the given ones, one a line: what the bash completion calls (`takt --complete WORD...`). */
void cmd_complete(const struct cmd *table, int argc, char **argv);

#endif
