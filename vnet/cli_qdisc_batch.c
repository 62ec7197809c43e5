/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli_qdisc_batch: many commands in one process, for a machine on which starting one is slow (a guest), as `tc -batch`.
 */
#include "vnet/cli_qdisc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ns.h"
#include "vnet/cli.h"

/* Cut a line into words, in place; *argv grows. Their number, or -ENOMEM. */
static int split(char *line, char ***argv, size_t *room, char *first)
{
	char *save = NULL, *word, **grown;
	size_t n = 0;

	for (word = first; word; word = strtok_r(n == 1 ? line : NULL, " \t\n", &save)) {
		if (n + 2 > *room) {
			grown = realloc(*argv, 2 * (n + 2) * sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			*argv = grown;
			*room = 2 * (n + 2);
		}
		(*argv)[n++] = word;
	}
	(*argv)[n] = NULL;
	return (int)n;
}

/* "sleep TIME": until a schedule has begun, say. */
static int run_sleep(int n, char **words)
{
	struct why why = {""};
	struct timespec left;
	int64_t ns = 0;
	int err = n == 3 ? ns_parse(&ns, words[2], &why) : why_fail(&why, EINVAL, "give a duration, e.g. sleep 10ms");

	if (!err && (ns < 0 || ns > NS_PER_SEC))
		err = why_fail(&why, EINVAL, "%s is out of range: give up to 1s", words[2]);
	if (err) {
		why_at(&why, "sleep");
		return cmd_refuse(err, &why);
	}
	left = (struct timespec){.tv_nsec = ns % NS_PER_SEC, .tv_sec = ns / NS_PER_SEC};
	while (nanosleep(&left, &left) && errno == EINTR)
		;
	return CMD_OK;
}

static int run_line(char *line, char ***argv, size_t *room)
{
	char path[] = "takt qdisc";
	struct why why = {""};
	int n = split(line, argv, room, path);

	if (n < 0) {
		why_fail(&why, ENOMEM, "out of memory");
		return cmd_refuse(n, &why);
	}
	if (n > 1 && !strcmp((*argv)[1], "batch")) {
		why_fail(&why, EINVAL, "batch: a batch holds no other: write its lines here");
		return cmd_refuse(-EINVAL, &why);
	}
	if (n > 1 && !strcmp((*argv)[1], "sleep"))
		return run_sleep(n, *argv);
	return cmd_main(path, "", cli_qdisc_cmds, n, *argv);
}

int cli_qdisc_batch(const struct cmd *self, int argc, char **argv)
{
	int status, worst = CMD_OK;
	char *line = NULL, **words = NULL;
	size_t size = 0, room = 0;
	struct why why = {""};
	FILE *f;

	if (cmd_options(self, NULL, argc, argv, 1, 1, &status) < 0)
		return status;
	f = strcmp(argv[1], "-") ? fopen(argv[1], "re") : stdin;
	if (!f) {
		int err = errno;

		why_fail(&why, err, "%s: %s: name a file of commands, a line each", argv[1], strerror(err));
		return cmd_refuse(-err, &why);
	}
	while (getline(&line, &size, f) >= 0) {
		if (line[0] == '#')
			fputs(line, stdout);
		if (line[0] == '#' || !line[strspn(line, " \t\n")])
			continue;
		fflush(stdout);
		status = run_line(line, &words, &room);
		printf("= %d\n", status);
		fflush(stdout);
		worst = status > worst ? status : worst;
	}
	free(line);
	free(words);
	if (f != stdin)
		fclose(f);
	return worst;
}
