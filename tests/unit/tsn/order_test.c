/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tsn/order.h"

static char names[27] = "abcdefghijklmnopqrstuvwxyz";

static int step(struct order *o, const char *word, int *puts, struct why *why)
{
	int64_t v = strtoll(word + 1, NULL, 10);
	bool full = word[strlen(word) - 1] == '!';
	const char *got;

	switch (word[0]) {
	case '+':
		if (order_put(o, v, &names[*puts]) == full)
			return why_fail(why, EINVAL, "%s: %s", word, full ? "not refused" : "refused");
		*puts += !full;
		return 0;
	case '-':
		got = order_take(o);
		if (got ? *got != word[1] : word[1] != '-')
			return why_fail(why, EINVAL, "%s: got %c", word, got ? *got : '-');
		return 0;
	case '>':
		order_shift(o, v);
		return 0;
	case '?':
		if (!order_head(o) || order_head(o)->t != v)
			return why_fail(why, EINVAL, "%s: head is %" PRId64, word, order_head(o) ? order_head(o)->t : -1);
		return 0;
	}
	return why_fail(why, EINVAL, "%s: no such step", word);
}

static int order_row(const struct test_row *row, struct why *why)
{
	int i, puts = 0, err = 0;
	struct order o;

	assert_int_equal(order_init(&o, (uint32_t)test_row_int(row, 1)), 0);
	for (i = 2; i < row->n && !err; i++)
		err = step(&o, row->word[i], &puts, why);
	order_fini(&o);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/order.vec", order_row);
}

#define DEPTH 200

/* Against a list that is kept sorted: each item goes behind all that are not later. */
static void run_case(uint64_t number)
{
	uint64_t seed = number * UINT64_C(0x9e3779b97f4a7c15) | 1;
	struct order_item list[DEPTH];
	uint32_t n = 0, at, depth = 1 + (uint32_t)(test_random(&seed) % DEPTH), spread = 1 + (uint32_t)(test_random(&seed) % 100);
	uintptr_t next = 1;
	struct order o;
	int i;

	assert_int_equal(order_init(&o, depth), 0);
	for (i = 0; i < 500; i++) {
		uint32_t draw = (uint32_t)(test_random(&seed) >> 40);
		bool filling = i / 100 % 2;

		if (draw % 4 < (filling ? 3 : 2)) {
			int64_t t = (int64_t)(draw >> 2) % spread - 50;

			assert_true(order_put(&o, t, (void *)next) == (n < depth));
			if (n == depth)
				continue;
			for (at = n++; at && list[at - 1].t > t; at--)
				list[at] = list[at - 1];
			list[at] = (struct order_item){t, 0, (void *)next++};
		} else if (draw % 64 == 63) {
			order_shift(&o, draw % 1000);
			for (at = 0; at < n; at++)
				list[at].t += draw % 1000;
		} else if (n) {
			assert_int_equal(order_head(&o)->t, list[0].t);
			assert_ptr_equal(order_take(&o), list[0].item);
			memmove(list, list + 1, --n * sizeof(list[0]));
		} else {
			assert_null(order_head(&o));
			assert_null(order_take(&o));
		}
		assert_int_equal(o.n, n);
	}
	order_fini(&o);
}

static void test_random_histories(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 1; i <= 5000; i++)
		run_case(i);
	order_fini(NULL);
}

TEST_GROUP("tsn/order",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_random_histories),
)
