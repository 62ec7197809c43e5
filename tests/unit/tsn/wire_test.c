/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/tsn/list.h"
#include "tsn/wire.h"

static int refused(const struct test_row *row, int err, const struct why *got, struct why *why)
{
	int i;

	if (err != -ERANGE)
		return why_fail(why, EINVAL, "returned %d, not -ERANGE", err);
	for (i = 2; i < row->n; i++)
		if (!strstr(got->text, row->word[i]))
			return why_fail(why, EINVAL, "\"%s\" does not name %s", got->text, row->word[i]);
	return 0;
}

static int wire_row(const struct test_row *row, struct why *why)
{
	struct why got = {""};
	int64_t v, want;
	struct wire w;
	int err = wire_init(&w, list_rate(row, row->word[1]), &got);

	if (!strcmp(row->word[0], "bad"))
		return refused(row, err, &got, why);
	if (err)
		return why_fail(why, EINVAL, "%s", got.text);
	want = test_row_int(row, 3);
	if (!strcmp(row->word[0], "ns"))
		v = wire_ns(&w, (uint32_t)test_row_int(row, 2));
	else
		v = wire_fit(&w, test_row_int(row, 2));
	return v == want ? 0 : why_fail(why, EINVAL, "got %" PRId64 ", want %" PRId64, v, want);
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/wire.vec", wire_row);
}

/*
 * The two directions agree: the longest that fits does fit, one byte more does not; and no frame takes less than
 * exact arithmetic says.
 */
static void test_fit_is_the_inverse(void **state)
{
	uint64_t seed = 1;
	struct wire w;
	int64_t ns;
	uint32_t len;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		assert_int_equal(wire_init(&w, WIRE_MIN_BPS + (int64_t)(test_random(&seed) % (uint64_t)(WIRE_MAX_BPS - WIRE_MIN_BPS)), NULL), 0);
		ns = (int64_t)(test_random(&seed) % 2000000);
		len = wire_fit(&w, ns);
		if (len) {
			assert_true(wire_ns(&w, len) <= ns);
			assert_true(wire_ns(&w, len + 1) > ns);
		} else {
			assert_true(wire_ns(&w, WIRE_MIN_FRAME) > ns);
		}
		len = (uint32_t)(test_random(&seed) % 9019);
		assert_true((__int128)wire_ns(&w, len) * w.rate_bps >= (__int128)wire_bytes(len) * 8 * NS_PER_SEC);
	}
}

TEST_GROUP("tsn/wire",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_fit_is_the_inverse),
)
