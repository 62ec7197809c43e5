/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnet/yml.h"

static int parse(struct yml **y, const char *text, struct why *why)
{
	return yml_parse(y, text, strlen(text), "f", why);
}

static void test_tree(void **state)
{
	const struct yml_node *list;
	struct why why;
	struct yml *y;

	(void)state;
	assert_int_equal(parse(&y, "a: 1\nb:\n  - x\n  - {c: \"yes\"}\n", &why), 0);
	assert_string_equal(yml_find(yml_root(y), "a")->text, "1");
	list = yml_find(yml_root(y), "b");
	assert_int_equal(list->kind, YML_LIST);
	assert_int_equal(list->n, 2);
	assert_int_equal(list->line, 2);
	assert_int_equal(list->child->line, 3);
	assert_int_equal(list->child->next->kind, YML_MAP);
	assert_true(yml_find(list->child->next, "c")->quoted);
	assert_null(yml_find(yml_root(y), "c"));
	yml_free(y);
}

static void test_json_is_yaml(void **state)
{
	struct why why;
	struct yml *y;

	(void)state;
	assert_int_equal(parse(&y, "{\"cmd\":\"show\",\"n\":[1,2,{\"a\":null}]}", &why), 0);
	assert_string_equal(yml_find(yml_root(y), "cmd")->text, "show");
	assert_int_equal(yml_find(yml_root(y), "n")->n, 3);
	yml_free(y);
}

static void test_empty_is_a_mapping(void **state)
{
	struct why why;
	struct yml *y;

	(void)state;
	assert_int_equal(parse(&y, "# nothing\n", &why), 0);
	assert_int_equal(yml_root(y)->kind, YML_MAP);
	assert_int_equal(yml_root(y)->n, 0);
	yml_free(y);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"a: 1\nb: 2\na: 3\n", "f:3: a: given twice (first on line 1)"},
		{"a: &x 1\nb: *x\n", "f:2: aliases"},
		{"a: 1\n---\nb: 2\n", "f:2: a second document"},
		{"? [1]\n: 2\n", "f:1: a key is a list"},
		{"a: [1\n", "f:2: not YAML"},
		{"\n {\"a\" \"b\"}", "f:2: not JSON"},
		{"\ta: 1\n", "not YAML"},
		{"a: \"\\0\"\n", "NUL"},
		{"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "nested more than 16"},
		{"\xff\xfe\xff", "f"},
	};
	struct why why;
	struct yml *y;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(&y, rows[i].text, &why), -EINVAL);
		if (!strstr(why.text, rows[i].says))
			fail_msg("\"%s\" does not say \"%s\"", why.text, rows[i].says);
	}
}

static void test_size_is_bounded(void **state)
{
	size_t len = 3 * (YML_MAX_NODES + 2), i;
	char *text = malloc(YML_MAX_BYTES + 2);
	struct why why;
	struct yml *y;

	(void)state;
	memset(text, ' ', YML_MAX_BYTES + 1);
	assert_int_equal(yml_parse(&y, text, YML_MAX_BYTES + 1, "f", &why), -EINVAL);
	text[0] = '[';
	for (i = 1; i + 2 < len; i += 2)
		memcpy(text + i, "1,", 2);
	text[i] = ']';
	assert_int_equal(yml_parse(&y, text, i + 1, "f", &why), -EINVAL);
	assert_non_null(strstr(why.text, "more than 65536 values"));
	free(text);
}

static void test_scalars(void **state)
{
	static const struct {
		const char *text;
		int err;
		int64_t value;
	} ints[] = {
		{"0", 0, 0},   {"-12", 0, -12},	   {"0x80", 0, 128},	{"9223372036854775807", 0, INT64_MAX}, {"9223372036854775808", -EINVAL, 0},
		{"", -EINVAL, 0}, {"1e3", -EINVAL, 0}, {"010", -EINVAL, 0}, {"0x", -EINVAL, 0},		       {"1 2", -EINVAL, 0},
	};
	static const struct {
		const char *text;
		bool quoted;
		int err;
		bool value;
	} bools[] = {{"yes", false, 0, true}, {"Off", false, 0, false}, {"true", false, 0, true},
		     {"no", false, 0, false}, {"yes", true, -EINVAL, false}, {"1", false, -EINVAL, false}};
	struct yml_node n = {.kind = YML_SCALAR};
	int64_t v = 0;
	bool b = false;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		n.text = ints[i].text;
		assert_int_equal(yml_int(&n, &v), ints[i].err);
		if (!ints[i].err)
			assert_true(v == ints[i].value);
	}
	for (i = 0; i < sizeof(bools) / sizeof(bools[0]); i++) {
		n.text = bools[i].text;
		n.quoted = bools[i].quoted;
		assert_int_equal(yml_bool(&n, &b), bools[i].err);
		if (!bools[i].err)
			assert_int_equal(b, bools[i].value);
	}
}

TEST_GROUP("vnet/yml",
	cmocka_unit_test(test_tree),
	cmocka_unit_test(test_json_is_yaml),
	cmocka_unit_test(test_empty_is_a_mapping),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_size_is_bounded),
	cmocka_unit_test(test_scalars),
)
