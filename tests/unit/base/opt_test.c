/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "base/opt.h"

struct conf {
	bool verbose, json;
	int64_t count, period_ns, any;
	const char *name;
	struct opt_list many;
};

static const struct opt opts[] = {
	{"verbose", 'v', OPT_FLAG, offsetof(struct conf, verbose), NULL, NULL, 0, 0, "say more"},
	{"json", 'j', OPT_FLAG, offsetof(struct conf, json), NULL, NULL, 0, 0, "for programs"},
	{"count", 'c', OPT_INT, offsetof(struct conf, count), "N", "10", 1, 100, "how many"},
	{"period", 'p', OPT_NS, offsetof(struct conf, period_ns), "TIME", "1ms", 1000, NS_NEVER, "how often"},
	{"any", 0, OPT_INT, offsetof(struct conf, any), "N", NULL, 0, 0, "any number"},
	{"a-name-that-is-longer-than-its-column", 0, OPT_STR, offsetof(struct conf, name), "NAME", "nobody", 0, 0, "a name"},
	{"name", 'n', OPT_STR, offsetof(struct conf, name), "NAME", NULL, 0, 0, "a name"},
	{"many", 'm', OPT_LIST, offsetof(struct conf, many), "NAME", NULL, 0, 0, "names"},
	{"hidden", 0, OPT_STR, offsetof(struct conf, name), "NAME", NULL, 0, 0, NULL},
	OPT_END
};

#define PARSE(conf, why, ...)						\
	({								\
		char *words[] = {(char *)"prog", __VA_ARGS__, NULL};	\
		parse(conf, why, words);				\
	})

static char *left[16];	/* argv after the last PARSE */

static int parse(struct conf *conf, struct why *why, char **words)
{
	int argc = 0;
	int n;

	while (words[argc])
		argc++;
	memset(conf, 0, sizeof(*conf));
	n = opt_parse(opts, conf, argc, words, why);
	memcpy(left, words, ((size_t)argc + 1) * sizeof(*words));
	return n;
}

static void test_defaults(void **state)
{
	struct conf c = {0};
	char *none[] = {(char *)"prog", NULL};

	(void)state;
	assert_int_equal(opt_parse(opts, &c, 1, none, NULL), 0);
	assert_false(c.verbose || c.json);
	assert_int_equal(c.count, 10);
	assert_int_equal(c.period_ns, NS_PER_MS);
	assert_int_equal(c.any, 0);
	assert_string_equal(c.name, "nobody");
	assert_int_equal(opt_parse(NULL, &c, 1, none, NULL), 0);
}

static void test_forms(void **state)
{
	struct conf c;

	(void)state;
	assert_int_equal(PARSE(&c, NULL, "--count", "7", "--period=2us", "--verbose"), 0);
	assert_true(c.verbose && c.count == 7 && c.period_ns == 2000);
	assert_int_equal(PARSE(&c, NULL, "-c7", "-p", "2us", "-vj"), 0);
	assert_true(c.verbose && c.json && c.count == 7 && c.period_ns == 2000);
	assert_int_equal(PARSE(&c, NULL, "-vc", "8", "-jc9"), 0);
	assert_true(c.verbose && c.json && c.count == 9);
	assert_int_equal(PARSE(&c, NULL, "--name=", "--any", "-5"), 0);
	assert_true(c.name[0] == '\0' && c.any == -5);
	assert_int_equal(PARSE(&c, NULL, "-c1"), 0);
	assert_int_equal(PARSE(&c, NULL, "-c100", "-p1us"), 0);
	assert_true(c.count == 100 && c.period_ns == 1000);
	assert_int_equal(PARSE(&c, NULL, "--any=0x10"), 0);
	assert_int_equal(c.any, 16);
	assert_int_equal(PARSE(&c, NULL, "--any=010"), 0);
	assert_int_equal(c.any, 10);
	assert_int_equal(PARSE(&c, NULL, "--name=--verbose=3"), 0);
	assert_string_equal(c.name, "--verbose=3");
}

static void test_operands_stand_anywhere(void **state)
{
	struct conf c;

	(void)state;
	assert_int_equal(PARSE(&c, NULL, "one", "-c", "3", "two", "-", "--json", "--", "--verbose", "-x"), 5);
	assert_string_equal(left[1], "one");
	assert_string_equal(left[2], "two");
	assert_string_equal(left[3], "-");
	assert_string_equal(left[4], "--verbose");
	assert_string_equal(left[5], "-x");
	assert_true(c.count == 3 && c.json && !c.verbose);
}

static void test_help_is_always_known(void **state)
{
	struct conf c;

	(void)state;
	assert_int_equal(PARSE(&c, NULL, "--help"), -ECANCELED);
	assert_int_equal(PARSE(&c, NULL, "-vh"), -ECANCELED);
	assert_int_equal(PARSE(&c, NULL, "--", "--help"), 1);
	assert_int_equal(PARSE(&c, NULL, "--name", "--help"), 0);
}

#define REFUSED(why, ...)							\
	do {									\
		struct conf c, zero = {0};					\
										\
		assert_int_equal(PARSE(&c, why, __VA_ARGS__), -EINVAL);		\
		assert_memory_equal(&c, &zero, sizeof(c));			\
	} while (0)

static void test_refusals_name_the_option(void **state)
{
	struct why why;

	(void)state;
	REFUSED(&why, "--verbose", "--cuont", "3");
	test_why_names(&why, "--cuont", "did you mean --count", NULL);
	REFUSED(&why, "--zzzzzzzz");
	test_why_names(&why, "--zzzzzzzz", "--help", NULL);
	REFUSED(&why, "-vx");
	test_why_names(&why, "-x", NULL);
	REFUSED(&why, "--verbose=1");
	test_why_names(&why, "--verbose", "no value", NULL);
	REFUSED(&why, "--count");
	test_why_names(&why, "--count N", NULL);
	REFUSED(&why, "-p");
	test_why_names(&why, "-p TIME", NULL);
	REFUSED(&why, "--count", "0");
	test_why_names(&why, "--count", "1 to 100", NULL);
	REFUSED(&why, "--count", "101");
	test_why_names(&why, "101", "1 to 100", NULL);
	REFUSED(&why, "--count", "3x");
	test_why_names(&why, "--count", "3x", NULL);
	REFUSED(&why, "--count=");
	REFUSED(&why, "--any", "9223372036854775808");
	REFUSED(&why, "-va", "5");
	test_why_names(&why, "-a: no such option (--help", NULL);	/* --any, or the longer one? */
	REFUSED(&why, "-k");
	test_why_names(&why, "-k: no such option (--help", NULL);
	REFUSED(&why, "--period", "5");
	test_why_names(&why, "--period", "\"5\" has no unit", "ms", NULL);
	REFUSED(&why, "-p5");
	test_why_names(&why, "--period", "\"5\" has no unit", NULL);
	REFUSED(&why, "--period", "5ns");
	test_why_names(&why, "--period", "at least 1us", NULL);
	REFUSED(&why, "--period", "5 parsecs");
	test_why_names(&why, "--period", "parsecs", NULL);
}

/* A wrong word at the end, after operands: argv is as it was. */
static void test_refusal_leaves_argv(void **state)
{
	struct conf c;

	(void)state;
	assert_int_equal(PARSE(&c, NULL, "-v", "operand", "--nope"), -EINVAL);
	assert_string_equal(left[1], "-v");
	assert_string_equal(left[2], "operand");
}

/* A row without help is read, but neither shown (below) nor guessed. */
static void test_lists_keep_each(void **state)
{
	char *often[2 * OPT_LIST_MAX + 4] = {(char *)"prog"};
	struct conf c;
	struct why why;
	int n = 1;

	(void)state;
	assert_int_equal(PARSE(&c, NULL, (char *)"--many", (char *)"a", (char *)"x", (char *)"-mb", (char *)"--many=c"), 1);
	assert_int_equal(c.many.count, 3);
	assert_string_equal(c.many.item[0], "a");
	assert_string_equal(c.many.item[1], "b");
	assert_string_equal(c.many.item[2], "c");
	while (n < 2 * OPT_LIST_MAX + 1) {
		often[n++] = (char *)"-m";
		often[n++] = (char *)"a";
	}
	memset(&c, 0, sizeof(c));
	assert_int_equal(opt_parse(opts, &c, n, often, &why), 0);
	assert_int_equal(c.many.count, OPT_LIST_MAX);
	often[n++] = (char *)"-mb";
	memset(&c, 0, sizeof(c));
	assert_int_equal(opt_parse(opts, &c, n, often, &why), -EINVAL);
	assert_int_equal(c.many.count, 0);
	assert_non_null(strstr(why.text, "--many"));
}

static void test_hidden_row(void **state)
{
	struct conf conf = {0};
	struct why why;

	(void)state;
	assert_int_equal(PARSE(&conf, &why, "--hidden", "me"), 0);
	assert_string_equal(conf.name, "me");
	assert_int_equal(PARSE(&conf, &why, "--hiden", "me"), -EINVAL);
	assert_null(strstr(why.text, "hidden"));
}

static void test_help_shows_every_row(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_non_null(f);
	opt_help(opts, f);
	fclose(f);
	assert_string_equal(text,
			    "  -v, --verbose                say more\n"
			    "  -j, --json                   for programs\n"
			    "  -c, --count N                how many (default 10)\n"
			    "  -p, --period TIME            how often (default 1ms)\n"
			    "      --any N                  any number\n"
			    "      --a-name-that-is-longer-than-its-column NAME\n"
			    "                               a name (default nobody)\n"
			    "  -n, --name NAME              a name\n"
			    "  -m, --many NAME              names\n"
			    "  -h, --help                   show this\n");
	free(text);
}

TEST_GROUP("base/opt",
	cmocka_unit_test(test_defaults),
	cmocka_unit_test(test_forms),
	cmocka_unit_test(test_operands_stand_anywhere),
	cmocka_unit_test(test_help_is_always_known),
	cmocka_unit_test(test_refusals_name_the_option),
	cmocka_unit_test(test_refusal_leaves_argv),
	cmocka_unit_test(test_lists_keep_each),
	cmocka_unit_test(test_hidden_row),
	cmocka_unit_test(test_help_shows_every_row),
)
