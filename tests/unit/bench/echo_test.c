/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "bench/echo.h"

static void test_what_goes_round_is_answered_so_often(void **state)
{
	struct echo *e = calloc(1, sizeof(*e));
	struct stamp s = { 1000, 1010, 7 };
	int i;

	(void)state;
	for (i = 0; i < ECHO_MAX; i++)
		assert_true(echo_allows(e, &s));
	assert_false(echo_allows(e, &s));
	s.seqid = 8;
	assert_true(echo_allows(e, &s));
	s.seqid = 7;
	s.t_wakeup++;	/* number 7 of another run */
	assert_true(echo_allows(e, &s));
	free(e);
}

/* Frames of a warm-up are all numbered 0: when they were due tells them apart, so that none hides another that goes round. */
static void test_several_that_go_round_all_end(void **state)
{
	struct echo *e = calloc(1, sizeof(*e));
	int i, k, last[100] = {0};

	(void)state;
	for (i = 0; i < 100 * ECHO_MAX; i++)
		for (k = 0; k < 100; k++)
			if (echo_allows(e, &(struct stamp){ 1000000 * k, 1000000 * k + 55000, 0 }))
				last[k] = i;
	for (i = k = 0; k < 100; k++)
		i += last[k] >= 10 * ECHO_MAX;
	assert_true(i <= 10);	/* those that share a slot with another */
	free(e);
}

TEST_GROUP("bench/echo",
	cmocka_unit_test(test_what_goes_round_is_answered_so_often),
	cmocka_unit_test(test_several_that_go_round_all_end),
)
