/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cmd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"

#define PATH_LEN 128

static void help_table(FILE *f, const char *path, const char *about, const struct cmd *table)
{
	const struct cmd *c;
	int width = 0;

	for (c = table; c->name; c++)
		if (c->help && (int)strlen(c->name) > width)
			width = (int)strlen(c->name);
	fprintf(f, "Usage: %s COMMAND [OPTION...] [OPERAND...]\n\n%s: %s\n\nCommands:\n", path, path, about);
	for (c = table; c->name; c++)
		if (c->help)
			fprintf(f, "  %-*s  %s%s\n", width, c->name, c->help, c->sub ? " ..." : "");
	fprintf(f, "\n`%s COMMAND --help` tells more about one.\n", path);
}

static void help_leaf(FILE *f, const char *path, const struct cmd *self)
{
	const struct cmd *c;

	fprintf(f, "Usage: %s [OPTION...]%s%s\n\n", path, self->args[0] ? " " : "", self->args);
	if (self->help)
		fprintf(f, "%s: %s\n\n", path, self->help);
	fputs("Options:\n", f);
	opt_help(self->opts, f);
	if (self->sub)
		fputs("\nCommands:\n", f);
	for (c = self->sub; c && c->name; c++)
		if (c->help)
			fprintf(f, "  %-*s  %s\n", 26, c->name, c->help);
	if (self->examples)
		fprintf(f, "\nExamples:\n%s", self->examples);
}

static const struct cmd *find(const struct cmd *table, const char *word)
{
	for (; table->name; table++)
		if (!strcmp(table->name, word))
			return table;
	return NULL;
}

static int refuse_name(const char *path, const struct cmd *table, const char *word)
{
	struct near near;
	struct why why;

	near_init(&near, word);
	for (; table->name; table++)
		if (table->help)
			near_try(&near, table->name);
	if (near.best)
		why_fail(&why, EINVAL, "no command \"%s %.40s\": did you mean \"%s %s\"?", path, word, path, near.best);
	else
		why_fail(&why, EINVAL, "no command \"%s %.40s\" (`%s --help` lists them)", path, word, path);
	return cmd_refuse(-EINVAL, &why);
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

int cmd_main(const char *path, const char *about, const struct cmd *table, int argc, char **argv)
{
	char deeper[PATH_LEN], *help[] = {NULL, deeper, (char[]){"--help"}, NULL};
	const struct cmd *c;
	bool about_one;

	if (argc < 2) {
		help_table(stderr, path, about, table);
		return CMD_USAGE;
	}
	about_one = !strcmp(argv[1], "help") && argc > 2;
	if (asks_help(argv[1]) && !about_one) {
		help_table(stdout, path, about, table);
		return CMD_OK;
	}
	c = find(table, argv[1 + about_one]);
	if (!c)
		return refuse_name(path, table, argv[1 + about_one]);
	snprintf(deeper, sizeof(deeper), "%s %s", path, c->name);
	if (about_one) {
		argc = 3;
		argv = help;
	}
	argv[1] = deeper;	/* the help of a leaf says how it was reached */
	if (c->sub && (!c->run || (argc > 2 && find(c->sub, argv[2]))))
		return cmd_main(deeper, c->help, c->sub, argc - 1, argv + 1);
	return c->run(c, argc - 1, argv + 1);
}

int cmd_options(const struct cmd *self, void *conf, int argc, char **argv, int min, int max, int *exit_code)
{
	struct why why = {""};
	int n = opt_parse(self->opts, conf, argc, argv, &why);

	if (n == -ECANCELED) {
		help_leaf(stdout, argv[0], self);
		*exit_code = CMD_OK;
		return -1;
	}
	if (n >= 0 && (n < min || (max >= 0 && n > max)))
		n = why_fail(&why, EINVAL, "too %s operands: usage: %s [OPTION...]%s%s", n < min ? "few" : "many", argv[0],
			     self->args[0] ? " " : "", self->args);
	if (n < 0) {
		*exit_code = cmd_refuse(n, &why);
		return -1;
	}
	return n;
}

int cmd_refuse(int err, const struct why *why)
{
	static const int system_fails[] = {EIO, ENOSPC, ENOMEM, EPIPE, ETIMEDOUT, ECONNRESET};
	size_t i;

	err = err < 0 ? -err : err;
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, why->text[0] ? why->text : strerror(err));
	for (i = 0; i < sizeof(system_fails) / sizeof(system_fails[0]); i++)
		if (err == system_fails[i])
			return CMD_FAILED;
	return CMD_USAGE;
}

/* The option that takes the next word as its value, if this word is one; NULL. */
static const struct opt *wants_value(const struct opt *o, const char *word)
{
	for (; o && o->name; o++)
		if (o->type != OPT_FLAG && ((!strncmp(word, "--", 2) && !strcmp(word + 2, o->name)) ||
					    (word[0] == '-' && o->letter && word[1] == o->letter && !word[2])))
			return o;
	return NULL;
}

/* "yaml|tc|yang", a line each; not "FILE|unix:PATH". */
static void complete_value(const struct opt *o)
{
	const char *at = o->arg;
	size_t n;

	if (!strchr(at, '|') || strchr(at, ':'))
		return;
	for (; *at; at += n + (at[n] == '|')) {
		n = strcspn(at, "|");
		printf("%.*s\n", (int)n, at);
	}
}

void cmd_complete(const struct cmd *table, int argc, char **argv)
{
	const struct cmd *c = NULL, *next;
	const struct opt *o;
	int i;

	for (i = 0; i < argc && table; i++) {
		next = find(table, argv[i]);
		if (!next && !(c && c->run))
			return;
		table = next ? next->sub : NULL;
		if (!next)
			break;
		c = next;
	}
	for (; table && table->name; table++)
		if (table->help)
			puts(table->name);
	if (!c || !c->run)
		return;
	/* bash makes three words of --option=value. */
	o = i < argc ? wants_value(c->opts, argv[argc - 1 - (!strcmp(argv[argc - 1], "=") && argc - 2 >= i)]) : NULL;
	if (o) {
		complete_value(o);
		return;
	}
	for (o = c->opts; o && o->name; o++)
		if (o->help)
			printf("--%s\n", o->name);
	puts("--help");
}
