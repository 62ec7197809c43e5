/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <signal.h>
#include <string.h>

#include "base/ns.h"
#include "base/term.h"
#include "tests/unit/base/caught.h"

static struct caught said;

static void old_handler(int sig)
{
	(void)sig;
}

static void test_signals_end_the_view_and_are_given_back(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa = {.sa_handler = old_handler}, before, after;
	struct term t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], &sa, &before);
		term_open(&t, false);
		assert_false(term_stopped());
		assert_true(term_sleep(NS_PER_MS));
		raise(signals[i]);
		assert_true(term_stopped());
		assert_false(term_sleep(3600 * NS_PER_SEC));	/* an hour, unless the signal counts */
		term_close(&t);
		sigaction(signals[i], &before, &after);
		assert_ptr_equal(after.sa_handler, old_handler);
	}
}

static void test_no_escapes_into_a_pipe(void **state)
{
	struct term t;

	(void)state;
	caught_open(&said);
	term_open(&t, true);
	term_draw(&t, "one\ntwo\n");
	term_draw(&t, "three\n");
	term_close(&t);
	caught_close(&said);
	assert_string_equal(said.out, "one\ntwo\nthree\n");
}

TEST_GROUP("base/term",
	cmocka_unit_test(test_signals_end_the_view_and_are_given_back),
	cmocka_unit_test(test_no_escapes_into_a_pipe),
)
