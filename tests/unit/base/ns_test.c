/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"

/* A row: "TEXT" WANT, where blanks in TEXT are written _ and WANT is ns, inval or range. */
static int parse_row(const struct test_row *row, struct why *why)
{
	int want = !strcmp(row->word[1], "inval") ? -EINVAL : !strcmp(row->word[1], "range") ? -ERANGE : 0;
	int64_t untouched = 4711, got = untouched, want_ns = want ? untouched : test_row_int(row, 1);
	char text[64];
	struct why said = {""};
	size_t i;
	int rc;

	snprintf(text, sizeof(text), "%s", strcmp(row->word[0], "EMPTY") ? row->word[0] : "");
	for (i = 0; text[i]; i++)
		if (text[i] == '_')
			text[i] = ' ';
	rc = ns_parse(&got, text, &said);
	if (rc != want || got != want_ns)
		return why_fail(why, EINVAL, "\"%s\": got %d and %" PRId64 ", want %d and %" PRId64, text, rc, got, want, want_ns);
	if (rc && !said.text[0])
		return why_fail(why, EINVAL, "\"%s\": refused without a sentence", text);
	return 0;
}

static void test_parse(void **state)
{
	(void)state;
	test_vectors("tests/vectors/ns.vec", parse_row);
}

static void test_parse_without_why(void **state)
{
	int64_t v;

	(void)state;
	assert_int_equal(ns_parse(&v, "1 fortnight", NULL), -EINVAL);
}

/* What a person types has its unit; 0 needs none. */
static void test_unit(void **state)
{
	static const struct { const char *text; int64_t ns; } good[] = { {"0", 0}, {"5us", 5000}, {" 5 ns", 5}, {"1.5h", 5400 * NS_PER_SEC}, {"2min", 120 * NS_PER_SEC}, {"00", 0} };
	static const char *const bad[] = {"5", "1000000", " 5 ", "+5", "05"};
	struct why why;
	int64_t v = 4711;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ns_parse_unit(&v, bad[i], &why), -EINVAL);
		assert_true(v == 4711 && strstr(why.text, "has no unit: write ns, us"));
	}
	assert_int_equal(ns_parse_unit(&v, "99999999999h", &why), -ERANGE);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(ns_parse_unit(&v, good[i].text, &why), 0);
		assert_int_equal(v, good[i].ns);
	}
}

static void test_print(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{0, "0 ns"}, {1, "1 ns"}, {-1, "-1 ns"}, {873, "873 ns"}, {999, "999 ns"}, {1000, "1.00 us"}, {12350, "12.3 us"},
		{9994, "9.99 us"}, {9996, "10.0 us"}, {99960, "100 us"}, {999499, "999 us"}, {999600, "1.00 ms"},
		{-1500000, "-1.50 ms"}, {NS_PER_SEC, "1.00 s"}, {100 * NS_PER_SEC, "100 s"}, {123456 * NS_PER_SEC, "123456 s"},
		{INT64_MIN, "-9223372037 s"}, {NS_NEVER, "never"},
	};
	char buf[NS_STR_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(ns_str(buf, rows[i].ns), rows[i].text);
}

static void test_exact_reads_back(void **state)
{
	static const int64_t fixed[] = {0, 1, -1, 672, 1000, 100000, NS_PER_MS, NS_PER_SEC, -NS_PER_SEC, 3600 * NS_PER_SEC, INT64_MAX};
	uint64_t seed = 1;
	char buf[NS_STR_LEN];
	int64_t v, back;
	size_t i;

	(void)state;
	assert_string_equal(ns_exact(buf, 100000), "100us");
	assert_string_equal(ns_exact(buf, NS_PER_MS), "1ms");
	assert_string_equal(ns_exact(buf, 672), "672ns");
	assert_string_equal(ns_exact(buf, 0), "0ns");
	for (i = 0; i < 10000; i++) {
		v = i < sizeof(fixed) / sizeof(fixed[0]) ? fixed[i] : (int64_t)(test_random(&seed) >> (seed % 63 + 1)) * (i % 2 ? 1 : -1);
		assert_int_equal(ns_parse(&back, ns_exact(buf, v), NULL), 0);
		assert_true(back == v);
	}
}

static void test_floor_division(void **state)
{
	int64_t a, d;

	(void)state;
	for (d = 1; d < 12; d++)
		for (a = -50; a <= 50; a++) {
			assert_true(ns_div_floor(a, d) * d + ns_mod(a, d) == a);
			assert_true(ns_mod(a, d) >= 0 && ns_mod(a, d) < d);
		}
	assert_true(ns_div_floor(INT64_MIN, 1) == INT64_MIN);
}

TEST_GROUP("base/ns",
	cmocka_unit_test(test_parse),
	cmocka_unit_test(test_parse_without_why),
	cmocka_unit_test(test_unit),
	cmocka_unit_test(test_print),
	cmocka_unit_test(test_exact_reads_back),
	cmocka_unit_test(test_floor_division),
)
