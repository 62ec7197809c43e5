/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "bench/seqs.h"

static const struct seqs *seen;

static void add(struct seqs *s, uint32_t from, uint32_t to)
{
	while (from <= to)
		seqs_add(s, from++);
	seen = s;
}

static void counts(uint64_t received, uint64_t lost, uint64_t duplicate, uint64_t reordered, uint64_t restarts)
{
	assert_int_equal(seen->received, received);
	assert_int_equal(seen->lost, lost);
	assert_int_equal(seen->duplicate, duplicate);
	assert_int_equal(seen->reordered, reordered);
	assert_int_equal(seen->restarts, restarts);
}

static void test_counts(void **state)
{
	struct seqs s = {0};

	(void)state;
	add(&s, 1, 100);
	counts(100, 0, 0, 0, 0);
	add(&s, 103, 110);
	counts(108, 2, 0, 0, 0);
	seqs_add(&s, 101);	/* late, not lost */
	counts(109, 1, 0, 1, 0);
	seqs_add(&s, 101);
	seqs_add(&s, 110);
	counts(111, 1, 2, 1, 0);
	add(&s, 111, 20000);
	counts(111 + 19890, 1, 2, 1, 0);
	seqs_add(&s, 102);	/* too old to tell: a copy, if anything */
	counts(112 + 19890, 1, 3, 1, 0);
	seqs_add(&s, 1);	/* a sender starts anew */
	counts(113 + 19890, 1, 3, 1, 1);
}

/* Against what is known of every frame: losses, copies and swaps of neighbours at random. */
static void test_random_paths(void **state)
{
	uint64_t seed = 7, r;
	int round;

	(void)state;
	for (round = 0; round < 200; round++) {
		struct seqs s = {0};
		uint64_t received = 1, lost = 0, duplicate = 0, reordered = 0;
		uint32_t n = 2;

		seqs_add(&s, 1);
		while (n < 3000) {
			r = test_random(&seed) % 10;
			if (r == 0 && n < 2990) {	/* not the last: nobody could know of it */
				lost++;
				n++;
			} else if (r == 1) {
				seqs_add(&s, n);
				seqs_add(&s, n++);
				received += 2;
				duplicate++;
			} else if (r == 2) {
				seqs_add(&s, n + 1);
				seqs_add(&s, n);
				n += 2;
				received += 2;
				reordered++;
			} else {
				seqs_add(&s, n++);
				received++;
			}
		}
		if (lost && s.last < n - 1)
			continue;	/* ends in a loss */
		seen = &s;
		counts(received, lost, duplicate, reordered, 0);
	}
}

TEST_GROUP("bench/seqs",
	cmocka_unit_test(test_counts),
	cmocka_unit_test(test_random_paths),
)
