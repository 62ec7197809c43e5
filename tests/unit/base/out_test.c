/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/out.h"

/* What one run of `fill` writes. The caller frees it. */
static char *written(bool json, void (*fill)(struct out *o))
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct out o;

	assert_non_null(f);
	out_init(&o, f, json);
	fill(&o);
	assert_int_equal(out_fini(&o), 0);
	fclose(f);
	assert_int_equal(strlen(text), len);
	return text;
}

static json_t *parsed(void (*fill)(struct out *o))
{
	char *text = written(true, fill);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (!root)
		fail_msg("%s at %d: %s", error.text, error.position, text);
	free(text);
	return root;
}

static void fill_all(struct out *o)
{
	out_object(o, NULL);
	out_int(o, "low", INT64_MIN, "low %" PRId64 "\n", INT64_MIN);
	out_uint(o, "high", INT64_MAX, NULL);
	out_real(o, "third", 1.0 / 3, "%.2f\n", 1.0 / 3);
	out_real(o, "whole", 5, NULL);
	out_bool(o, "yes", true, "yes\n");
	out_null(o, "none", "none of %d\n", 3);
	out_text(o, "only %s\n", "text");
	out_array(o, "list");
	out_int(o, NULL, 1, "%d ", 1);
	out_int(o, "a key where none belongs", 2, "%d\n", 2);
	out_object(o, NULL);
	out_end(o);
	out_array(o, NULL);
	out_end(o);
	out_end(o);
	out_str(o, "after", "it", NULL);
	out_end(o);
}

static void test_all_kinds_as_json(void **state)
{
	json_t *root = parsed(fill_all), *list = json_object_get(root, "list");

	(void)state;
	assert_int_equal(json_object_size(root), 8);
	assert_true(json_integer_value(json_object_get(root, "low")) == INT64_MIN);
	assert_true(json_integer_value(json_object_get(root, "high")) == INT64_MAX);
	assert_true(json_real_value(json_object_get(root, "third")) == 1.0 / 3);
	assert_true(json_number_value(json_object_get(root, "whole")) == 5);
	assert_true(json_is_true(json_object_get(root, "yes")));
	assert_true(json_is_null(json_object_get(root, "none")));
	assert_int_equal(json_array_size(list), 4);
	assert_int_equal(json_integer_value(json_array_get(list, 1)), 2);
	assert_true(json_is_object(json_array_get(list, 2)));
	assert_string_equal(json_string_value(json_object_get(root, "after")), "it");
	json_decref(root);
}

static void test_all_kinds_as_text(void **state)
{
	char *text = written(false, fill_all);

	(void)state;
	assert_string_equal(text, "low -9223372036854775808\n0.33\nyes\nnone of 3\nonly text\n1 2\n");
	free(text);
}

/* What text of hostile bytes must read back as. */
static const struct {
	const char *from, *to;
} strings[] = {
	{"", ""}, {"plain", "plain"}, {"\"\\/", "\"\\/"}, {"\b\f\n\r\t\x01\x1f\x7f", "\b\f\n\r\t\x01\x1f\x7f"},
	{"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x95\x90 \xef\xbf\xbf", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x95\x90 \xef\xbf\xbf"},
	{"\xff", "\xef\xbf\xbd"},						/* no first byte */
	{"a\xc3", "a\xef\xbf\xbd"},						/* cut off by the end */
	{"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
	{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},				/* overlong '/' */
	{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},		/* a surrogate */
	{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},	/* beyond U+10FFFF */
	{"\xc3\"", "\xef\xbf\xbd\""},						/* must not swallow the quote */
};

#define N_STRINGS (sizeof(strings) / sizeof(strings[0]))

static void fill_strings(struct out *o)
{
	size_t i;

	out_array(o, NULL);
	for (i = 0; i < N_STRINGS; i++)
		out_str(o, NULL, strings[i].from, NULL);
	out_str(o, NULL, NULL, NULL);
	for (i = 0; i < N_STRINGS; i++) {
		out_object(o, NULL);
		out_bool(o, strings[i].from, false, NULL);
		out_end(o);
	}
	out_end(o);
}

static void test_strings_are_escaped(void **state)
{
	json_t *root = parsed(fill_strings);
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(root), 2 * N_STRINGS + 1);
	for (i = 0; i < N_STRINGS; i++) {
		assert_string_equal(json_string_value(json_array_get(root, i)), strings[i].to);
		assert_true(json_is_false(json_object_get(json_array_get(root, N_STRINGS + 1 + i), strings[i].to)));
	}
	assert_true(json_is_null(json_array_get(root, N_STRINGS)));
	json_decref(root);
}

static void fill_numbers(struct out *o)
{
	out_array(o, NULL);
	out_real(o, NULL, NAN, NULL);
	out_real(o, NULL, INFINITY, NULL);
	out_real(o, NULL, -INFINITY, NULL);
	out_real(o, NULL, 1e300, NULL);
	out_real(o, NULL, 5e-324, NULL);
	out_real(o, NULL, 0.1, NULL);
	out_end(o);
}

static void test_numbers_beyond_json(void **state)
{
	json_t *root = parsed(fill_numbers);
	char *text = written(true, fill_numbers);
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_true(json_is_null(json_array_get(root, i)));
	assert_true(json_real_value(json_array_get(root, 3)) == 1e300);
	assert_true(json_real_value(json_array_get(root, 4)) == 5e-324);
	assert_non_null(strstr(text, ", 0.1]"));
	free(text);
	json_decref(root);
}

static void fill_stream(struct out *o)
{
	int i;

	for (i = 0; i < 3; i++) {
		out_object(o, NULL);
		out_int(o, "i", i, NULL);
		out_end(o);
	}
}

static void fill_unclosed(struct out *o)
{
	out_object(o, NULL);
	out_array(o, "deep");
	out_object(o, NULL);
}

static void fill_uint(struct out *o)
{
	out_uint(o, NULL, UINT64_MAX, NULL);
}

static void check_text(void (*fill)(struct out *o), const char *want)
{
	char *text = written(true, fill);

	assert_string_equal(text, want);
	free(text);
}

static void test_a_value_a_line(void **state)
{
	(void)state;
	check_text(fill_stream, "{\"i\": 0}\n{\"i\": 1}\n{\"i\": 2}\n");
	check_text(fill_unclosed, "{\"deep\": [{}]}\n");
	check_text(fill_uint, "18446744073709551615\n");
}

static void test_full_disk_is_told(void **state)
{
	FILE *f = fopen("/dev/full", "we");
	struct out o;
	int rc;

	(void)state;
	assert_non_null(f);
	out_init(&o, f, true);
	fill_all(&o);
	rc = out_fini(&o);
	fclose(f);
	assert_int_equal(rc, -ENOSPC);
}

static void test_no_colour_off_a_terminal(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, stdin, false);
	o.colour = false;
	assert_string_equal(out_style(&o, OUT_RED), "");
	o.colour = true;
	assert_string_equal(out_style(&o, OUT_RED), "\033[31m");
	assert_string_equal(out_style(&o, OUT_PLAIN), "\033[0m");
}

TEST_GROUP("base/out",
	cmocka_unit_test(test_all_kinds_as_json),
	cmocka_unit_test(test_all_kinds_as_text),
	cmocka_unit_test(test_strings_are_escaped),
	cmocka_unit_test(test_numbers_beyond_json),
	cmocka_unit_test(test_a_value_a_line),
	cmocka_unit_test(test_full_disk_is_told),
	cmocka_unit_test(test_no_colour_off_a_terminal),
)
