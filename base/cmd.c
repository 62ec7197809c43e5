/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cmd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void help_table(FILE *f, const char *path, const char *about, const struct cmd *table)
{
	const struct cmd *c;
	int width = 0;

	for (c = table; c->name; c++)
		if ((int)strlen(c->name) > width)
			width = (int)strlen(c->name);
	fprintf(f, "%s: %s\n\nUsage: %s COMMAND [OPTION...] [OPERAND...]\n\nCommands:\n", path, about, path);
	for (c = table; c->name; c++)
		if (c->help)
			fprintf(f, "  %-*s  %s\n", width, c->name, c->help);
	fprintf(f, "\n`%s COMMAND --help` tells more about one.\n", path);
}

/* Edit distance, for names of up to 31 characters: enough to find what was meant. */
static int distance(const char *a, const char *b)
{
	int row[32], last, keep, i, j;
	int n = (int)strlen(b);

	if (n > 31)
		return 99;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		last = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			keep = row[j];
			last += a[i - 1] != b[j - 1];
			row[j] = row[j] + 1 < last ? row[j] + 1 : last;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			last = keep;
		}
	}
	return row[n];
}

static const char *nearest(const struct cmd *table, const char *word)
{
	const char *best = NULL;
	int least = 3;

	for (; table->name; table++)
		if (table->help && distance(word, table->name) < least) {
			least = distance(word, table->name);
			best = table->name;
		}
	return best;
}

static const struct cmd *find(const struct cmd *table, const char *word)
{
	for (; table->name; table++)
		if (!strcmp(table->name, word))
			return table;
	return NULL;
}

int cmd_main(const char *path, const char *about, const struct cmd *table, int argc, char **argv)
{
	const struct cmd *c;
	const char *near;
	char deeper[128];

	if (argc < 2) {
		help_table(stderr, path, about, table);
		return CMD_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		help_table(stdout, path, about, table);
		return CMD_OK;
	}
	c = find(table, argv[1]);
	if (!c) {
		near = nearest(table, argv[1]);
		fprintf(stderr, "takt: no command \"%s %s\"%s%s%s (`%s --help` lists them)\n", path, argv[1], near ? ": did you mean " : "",
			near ? near : "", near ? "?" : "", path);
		return CMD_USAGE;
	}
	if (c->sub) {
		snprintf(deeper, sizeof(deeper), "%s %s", path, c->name);
		return cmd_main(deeper, c->help, c->sub, argc - 1, argv + 1);
	}
	return c->run(c, argc - 1, argv + 1);
}

static void help_leaf(const struct cmd *self)
{
	const char *front = strcmp(self->name, "taktd") ? "takt ... " : "";

	printf("%s: %s\n\nUsage: %s%s [OPTION...] %s\n\nOptions:\n", self->name, self->help, front, self->name, self->args);
	opt_help(self->opts, stdout);
	if (self->examples)
		printf("\nExamples:\n%s", self->examples);
}

int cmd_options(const struct cmd *self, void *conf, int argc, char **argv, int min, int max, int *exit_code)
{
	struct why why = {""};
	int n = opt_parse(self->opts, conf, argc, argv, &why);

	if (n == -ECANCELED) {
		help_leaf(self);
		*exit_code = CMD_OK;
		return -1;
	}
	if (n >= 0 && (n < min || (max >= 0 && n > max)))
		n = why_fail(&why, EINVAL, "%s: %s operands: usage is %s [OPTION...] %s", self->name, n < min ? "too few" : "too many",
			     self->name, self->args);
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

	fprintf(stderr, "takt: %s\n", why->text[0] ? why->text : strerror(err < 0 ? -err : err));
	for (i = 0; i < sizeof(system_fails) / sizeof(system_fails[0]); i++)
		if (err == -system_fails[i])
			return CMD_FAILED;
	return CMD_USAGE;
}

void cmd_complete(const struct cmd *table, int argc, char **argv)
{
	const struct cmd *c = NULL;
	const struct opt *o;
	int i;

	for (i = 0; i < argc && table; i++) {
		c = find(table, argv[i]);
		if (!c)
			break;
		table = c->sub;
	}
	if (table && i == argc) {
		for (; table->name; table++)
			if (table->help)
				puts(table->name);
		return;
	}
	for (o = c ? c->opts : NULL; o && o->name; o++)
		printf("--%s\n", o->name);
}
