/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cmd.h"
#include "base/man.h"
#include "tests/unit/base/caught.h"

struct check_conf {
	bool strict;
	int64_t rate;
};

static const struct opt check_opts[] = {
	{"strict", 's', OPT_FLAG, offsetof(struct check_conf, strict), NULL, NULL, 0, 0, "refuse doubtful ones too"},
	{"rate", 'r', OPT_INT, offsetof(struct check_conf, rate), "BPS", "1000", 1, 1000000, "link rate"},
	OPT_END
};

/* Returns 40 + its operands, and 10 more with --strict: the exit code tells what arrived. */
static int check_run(const struct cmd *self, int argc, char **argv)
{
	struct check_conf conf = {0};
	int status, n;

	n = cmd_options(self, &conf, argc, argv, 1, 2, &status);
	return n < 0 ? status : 40 + n + 10 * conf.strict;
}

static const struct cmd gate_cmds[] = {
	{.name = "check", .args = "PORT [FILE]", .help = "say what a list does", .opts = check_opts,
	 .examples = "  t gate check plc list.yaml\n", .run = check_run},
	{0}
};

static const struct cmd commands[] = {
	{.name = "gate", .args = "", .help = "schedules", .sub = gate_cmds},
	{.name = "check", .args = "FILE", .help = "check a file", .run = check_run},
	{.name = "secret", .args = "", .help = NULL, .run = check_run},
	{0}
};

static struct caught said;	/* by the last CALL */

#define CALL(...)							\
	({								\
		char *words[] = {(char *)"t", ##__VA_ARGS__, NULL};	\
		call(words);						\
	})

static int call(char **words)
{
	int argc = 0;
	int status;

	while (words[argc])
		argc++;
	caught_open(&said);
	status = cmd_main("t", "does things", commands, argc, words);
	caught_close(&said);
	return status;
}

static void test_dispatch(void **state)
{
	(void)state;
	assert_int_equal(CALL("gate", "check", "a"), 41);
	assert_int_equal(CALL("gate", "check", "-s", "a", "b"), 52);
	assert_int_equal(CALL("check", "a"), 41);
	assert_int_equal(CALL("secret", "a"), 41);
	assert_string_equal(said.out, "");
	assert_string_equal(said.err, "");
}

/* A command of its own that has commands below it. */
static void test_both(void **state)
{
	static const struct cmd both[] = {
		{.name = "gate", .args = "FILE", .help = "schedules", .opts = check_opts, .run = check_run, .sub = gate_cmds}, {0}};
	char *below[] = {(char *)"t", (char *)"gate", (char *)"check", (char *)"a", (char *)"b", NULL};
	char *own[] = {(char *)"t", (char *)"gate", (char *)"-s", (char *)"a", NULL}, *help[] = {(char *)"t", (char *)"gate", (char *)"--help", NULL};
	char *typed[] = {(char *)"gate"}, *option[] = {(char *)"gate", (char *)"--rate"};

	(void)state;
	assert_int_equal(cmd_main("t", "does things", both, 5, below), 42);
	assert_int_equal(cmd_main("t", "does things", both, 4, own), 51);
	caught_open(&said);
	assert_int_equal(cmd_main("t", "does things", both, 3, help), CMD_OK);
	cmd_complete(both, 1, typed);
	caught_close(&said);
	assert_non_null(strstr(said.out, "--strict"));
	assert_non_null(strstr(said.out, "\nCommands:\n  check "));
	assert_non_null(strstr(said.out, "check\n--strict\n--rate\n--help\n"));
	caught_open(&said);
	cmd_complete(both, 2, option);
	caught_close(&said);
	assert_string_equal(said.out, "");
}

static void test_help_on_request(void **state)
{
	static const char top[] =
		"Usage: t COMMAND [OPTION...] [OPERAND...]\n\nt: does things\n\nCommands:\n  gate   schedules ...\n  check  check a file\n\n"
		"`t COMMAND --help` tells more about one.\n";
	static const char leaf[] =
		"Usage: t gate check [OPTION...] PORT [FILE]\n\nt gate check: say what a list does\n\nOptions:\n"
		"  -s, --strict                 refuse doubtful ones too\n"
		"  -r, --rate BPS               link rate (default 1000)\n"
		"  -h, --help                   show this\n\nExamples:\n  t gate check plc list.yaml\n";

	(void)state;
	assert_int_equal(CALL("--help"), CMD_OK);
	assert_string_equal(said.out, top);
	assert_int_equal(CALL("help"), CMD_OK);
	assert_string_equal(said.out, top);
	assert_int_equal(CALL("gate", "check", "-h"), CMD_OK);
	assert_string_equal(said.out, leaf);
	assert_int_equal(CALL("gate", "help", "check"), CMD_OK);
	assert_string_equal(said.out, leaf);
	assert_int_equal(CALL("help", "gate"), CMD_OK);
	assert_non_null(strstr(said.out, "Usage: t gate COMMAND"));
	assert_string_equal(said.err, "");
}

static void test_no_command_is_bad_input(void **state)
{
	(void)state;
	assert_int_equal(CALL(), CMD_USAGE);
	assert_string_equal(said.out, "");
	assert_non_null(strstr(said.err, "Usage: t COMMAND"));
	assert_int_equal(CALL("gate"), CMD_USAGE);
	assert_non_null(strstr(said.err, "Usage: t gate COMMAND"));
}

static void check_refused(const char *sentence)
{
	assert_string_equal(said.out, "");
	assert_non_null(strstr(said.err, sentence));
	assert_int_equal(strcspn(said.err, "\n"), strlen(said.err) - 1);	/* one line */
}

static void test_refusals(void **state)
{
	(void)state;
	assert_int_equal(CALL("gaet"), CMD_USAGE);
	check_refused("no command \"t gaet\": did you mean \"t gate\"?");
	assert_int_equal(CALL("help", "gaet"), CMD_USAGE);
	check_refused("did you mean \"t gate\"?");
	assert_int_equal(CALL("gate", "chek"), CMD_USAGE);
	check_refused("did you mean \"t gate check\"?");
	assert_int_equal(CALL("secrt"), CMD_USAGE);
	check_refused("`t --help` lists them");
	assert_int_equal(CALL("gate", "check"), CMD_USAGE);
	check_refused("too few operands: usage: t gate check [OPTION...] PORT [FILE]");
	assert_int_equal(CALL("gate", "check", "1", "2", "3"), CMD_USAGE);
	check_refused("too many operands");
	assert_int_equal(CALL("gate", "check", "--strickt"), CMD_USAGE);
	check_refused("did you mean --strict?");
}

static int refuse(int err, const char *text)
{
	struct why why;
	int status;

	snprintf(why.text, sizeof(why.text), "%s", text);
	caught_open(&said);
	status = cmd_refuse(err, &why);
	caught_close(&said);
	return status;
}

static void test_exit_codes(void **state)
{
	(void)state;
	assert_int_equal(refuse(-EINVAL, "no good"), CMD_USAGE);
	assert_non_null(strstr(said.err, ": no good\n"));
	assert_int_equal(refuse(-ENOENT, "no file"), CMD_USAGE);
	assert_int_equal(refuse(-EADDRINUSE, "taken"), CMD_USAGE);
	assert_int_equal(refuse(-EIO, "broken"), CMD_FAILED);
	assert_int_equal(refuse(ENOMEM, ""), CMD_FAILED);
	assert_non_null(strstr(said.err, strerror(ENOMEM)));
}

#define COMPLETES(text, ...)						\
	do {								\
		char *words[] = {__VA_ARGS__ __VA_OPT__(,) NULL};	\
		int argc = sizeof(words) / sizeof(words[0]) - 1;	\
									\
		caught_open(&said);					\
		cmd_complete(commands, argc, words);			\
		caught_close(&said);					\
		assert_string_equal(said.out, text);			\
	} while (0)

static void test_completion(void **state)
{
	(void)state;
	COMPLETES("gate\ncheck\n");
	COMPLETES("check\n", "gate");
	COMPLETES("--strict\n--rate\n--help\n", "gate", "check");
	COMPLETES("--strict\n--rate\n--help\n", "gate", "check", "--strict", "port");
	COMPLETES("", "gate", "check", "--rate");
	COMPLETES("", "gate", "check", "-r");
	COMPLETES("", "nonsense");
	COMPLETES("", "gate", "nonsense", "x");
}

static void test_man_page_lists_all(void **state)
{
	(void)state;
	caught_open(&said);
	man_print(stdout, "t", "does things", commands);
	caught_close(&said);
	assert_non_null(strstr(said.out, ".TH T 1\n"));
	assert_non_null(strstr(said.out, ".SS t gate check PORT [FILE]\nSay what a list does.\n"));
	assert_non_null(strstr(said.out, "\\fB\\-r\\fR, \\fB\\-\\-rate\\fR \\fIBPS\\fR\nlink rate (default 1000)\n"));
	assert_null(strstr(said.out, "secret"));
}

TEST_GROUP("base/cmd",
	cmocka_unit_test(test_dispatch),
	cmocka_unit_test(test_both),
	cmocka_unit_test(test_help_on_request),
	cmocka_unit_test(test_no_command_is_bad_input),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_exit_codes),
	cmocka_unit_test(test_completion),
	cmocka_unit_test(test_man_page_lists_all),
)
