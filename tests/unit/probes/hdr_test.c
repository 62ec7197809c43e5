/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hdr.h"

static void test_a_value_is_within_its_count(void **state)
{
	uint64_t seed = 4711;
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		int64_t v = (int64_t)(test_random(&seed) >> (22 + test_random(&seed) % 42));
		uint32_t at = hdr_index(v);

		assert_true(hdr_lower(at) <= v && v <= hdr_upper(at));
		assert_int_equal(hdr_index(hdr_lower(at)), at);
		assert_int_equal(hdr_index(hdr_upper(at)), at);
		assert_true((hdr_upper(at) - hdr_lower(at)) * 1000 <= v);
	}
	assert_int_equal(hdr_upper(2047), 2047);
	assert_int_equal(hdr_lower(2048), 2048);
	assert_int_equal(hdr_upper(2048), 2049);
}

/* VALUE*COUNT,... */
static void fill(struct hdr *h, const char *text)
{
	char *end;

	for (; *text; text = *end ? end + 1 : end) {
		int64_t v = strtoll(text, &end, 10), n = 1;

		if (*end == '*')
			n = strtoll(end + 1, &end, 10);
		while (n-- > 0)
			assert_int_equal(hdr_add(h, v), 0);
	}
}

static int encode_row(const struct test_row *row, struct why *why)
{
	struct hdr h;
	char *text;
	int err = 0;

	hdr_init(&h);
	h.highest = test_row_int(row, 0);
	if (strcmp(row->word[1], "-"))
		fill(&h, row->word[1]);
	text = hdr_encode(&h);
	assert_non_null(text);
	if (strcmp(text, row->word[2]))
		err = why_fail(why, EINVAL, "got %s", text);
	free(text);
	hdr_fini(&h);
	return err;
}

static void test_encoding_is_the_reference_implementations(void **state)
{
	(void)state;
	test_vectors("tests/vectors/hdr.vec", encode_row);
}

static void test_what_has_no_count_is_counted(void **state)
{
	struct hdr h;

	(void)state;
	hdr_init(&h);
	hdr_add(&h, -1);
	assert_int_equal(h.negative, 1);
	assert_int_equal(h.total, 0);
	assert_int_equal(hdr_quantile(&h, 0.5), 0);
	hdr_add(&h, HDR_HIGHEST + 5);
	assert_int_equal(h.saturated, 1);
	assert_int_equal(h.max, HDR_HIGHEST);
	hdr_reset(&h);
	assert_int_equal(h.total + h.saturated + h.negative, 0);
	assert_int_equal(hdr_add(&h, 5), 0);
	assert_int_equal(hdr_quantile(&h, 1), 5);
	hdr_fini(&h);
}

/* 10,000 values of 1,000 and one of 100,000,000: each line's value is the highest that is told apart, and the last line has no ratio. */
static void test_table(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct hdr h;

	(void)state;
	assert_non_null(f);
	hdr_init(&h);
	fill(&h, "1000*10000,100000000");
	hdr_print(&h, 1000, f);
	fclose(f);
	assert_non_null(strstr(text, "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"));
	assert_non_null(strstr(text, "       1.000 0.000000000000      10000           1.00\n"));
	assert_non_null(strstr(text, "       1.000 0.100000000000      10000           1.11\n"));
	assert_non_null(strstr(text, "       1.000 0.900000000000      10000          10.00\n"));
	assert_non_null(strstr(text, "  100007.935 1.000000000000      10001\n#[Mean    ="));
	assert_non_null(strstr(text, "Total count    =        10001]"));
	free(text);
	hdr_fini(&h);
}

TEST_GROUP("probes/hdr",
	cmocka_unit_test(test_a_value_is_within_its_count),
	cmocka_unit_test(test_encoding_is_the_reference_implementations),
	cmocka_unit_test(test_what_has_no_count_is_counted),
	cmocka_unit_test(test_table),
)
