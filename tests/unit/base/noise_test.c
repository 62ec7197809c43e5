/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/noise.h"
#include "base/ns.h"

/* Two ticks a nanosecond, an instant every 1000 ns, 100 ns are an absence. */
#define RATE 2.0

static struct noise_cpu *cpu_new(void)
{
	struct noise_cpu *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	return c;
}

static void test_away_and_notice(void **state)
{
	struct noise_cpu *c = cpu_new();
	struct noise_poll p;
	uint64_t tsc = 5000;

	(void)state;
	noise_poll_init(&p, c, tsc, RATE, 1000, 100);
	while (tsc < 5000 + 1990)	/* 995 ns in steps of 5 */
		assert_false(noise_poll_at(&p, tsc += 10));
	assert_true(noise_poll_at(&p, tsc += 16)); /* 3 ns behind the instant at 7000 */
	assert_int_equal(c->away.count, 0);
	assert_int_equal(c->notice.late.count, 1);
	assert_int_equal(c->notice.late.max, 3);
	assert_false(noise_poll_at(&p, tsc += 199)); /* a tick less than an absence */
	assert_true(noise_poll_at(&p, tsc += 200));
	assert_int_equal(c->away.count, 1);
	assert_int_equal(c->away.max, 100);
	assert_int_equal(c->notice.late.count, 1);
	free(c);
}

static void test_instants_that_pass_meanwhile(void **state)
{
	struct noise_cpu *c = cpu_new();
	struct noise_poll p;

	(void)state;
	noise_poll_init(&p, c, 0, RATE, 1000, 100);
	assert_true(noise_poll_at(&p, 2 * 3500)); /* 1000, 2000, 3000 have passed */
	assert_int_equal(c->away.count, 1);
	assert_int_equal(c->away.max, 3500);
	assert_int_equal(c->notice.late.count, 1);
	assert_int_equal(c->notice.late.max, 2500);
	assert_int_equal(c->notice.missed, 2);
	p.last = 2 * 3990;
	assert_false(noise_poll_at(&p, 2 * 3999));
	assert_true(noise_poll_at(&p, 2 * 4000)); /* the next one, to the tick */
	assert_int_equal(c->notice.late.count, 2);
	assert_int_equal(c->notice.late.min, 0);
	assert_int_equal(c->notice.missed, 2);
	free(c);
}

/* The looks are the loop's; what the noting takes is not. */
static void test_a_tenth_is_lost(void **state)
{
	struct noise_cpu *c = cpu_new();
	struct noise_poll p;
	uint64_t tsc = 0;

	(void)state;
	noise_poll_init(&p, c, 0, RATE, NS_PER_MS, 1000);
	for (int i = 0; i < 100; i++) {
		for (int k = 0; k < 90; k++)
			if (noise_poll_at(&p, tsc += 2 * 100))
				p.last = tsc;
		if (noise_poll_at(&p, tsc += 2 * 1000))
			p.last = tsc;
	}
	c->poll_ns = (int64_t)(tsc / 2);
	assert_int_equal(c->away.count, 100);
	assert_int_equal(noise_lost_ppm(c), 100000);
	assert_true(noise_beyond(c, 999));
	assert_false(noise_beyond(c, 1000));
	free(c);
}

static void test_late_wake_ups(void **state)
{
	struct noise_late *l = calloc(1, sizeof(*l));
	int64_t next = 1000;

	(void)state;
	assert_non_null(l);
	noise_late_at(l, &next, 100, 1005);
	assert_int_equal(next, 1100);
	noise_late_at(l, &next, 100, 1100 + 250);
	assert_int_equal(l->missed, 2);
	assert_int_equal(next, 1400);
	noise_late_at(l, &next, 100, 1400 + 100); /* the next instant is now: it has passed, too */
	assert_int_equal(l->missed, 3);
	assert_int_equal(next, 1600);
	noise_late_at(l, &next, 100, 1599);	/* sooner than asked for: a clock's fault, not a latency */
	assert_int_equal(l->late.negative, 1);
	assert_int_equal(l->late.count, 3);
	assert_int_equal(next, 1700);
	free(l);
}

static void test_steal(void **state)
{
	static const char stat[] = "cpu  10 20 30 40 50 60 70 80 90 100\n"
				   "cpu0 1 2 3 4 5 6 7 8 9 10\n"
				   "cpu1 1 2 3 4 5 6 7 9 9 10\n"
				   "cpu12 1 2 3 4 5 6 7 12 9 10\n"
				   "intr 1\n";

	(void)state;
	assert_int_equal(noise_steal(stat, -1), 80);
	assert_int_equal(noise_steal(stat, 0), 8);
	assert_int_equal(noise_steal(stat, 1), 9);
	assert_int_equal(noise_steal(stat, 12), 12);
	assert_int_equal(noise_steal(stat, 2), -1);
	assert_int_equal(noise_steal("cpu0 1 2 3 4\n", 0), -1);
	assert_int_equal(noise_steal("", 0), -1);
}

static char *floor_text(const struct noise_result *r, const struct noise_worker *w, bool json)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct out o;

	assert_non_null(f);
	out_init(&o, f, json);
	out_object(&o, NULL);
	noise_floor_print(r, w, &o);
	out_end(&o);
	assert_int_equal(out_fini(&o), 0);
	fclose(f);
	return text;
}

static void expect(char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in %s", part, text);
	free(text);
}

static void test_floor_says_what_it_knows(void **state)
{
	struct noise_result *r = calloc(1, sizeof(*r));
	struct noise_worker w = {.known = true, .count = 2, .lost_ns = 30, .longest_ns = 20, .span_ns = 3000};

	(void)state;
	assert_non_null(r);
	expect(floor_text(r, NULL, false), "floor: not measured\n");
	expect(floor_text(r, NULL, true), "\"floor\": null");
	expect(floor_text(r, &w, false), "floor: worker away 2 times, longest 20 ns, 1.0000 % of the time; wake-up not measured");
	r->t_first = 1;
	r->runs = 2;
	r->steal_ns = NOISE_NO_STEAL;
	cpu_list_add(&r->cpus, 3);
	for (int i = 0; i < 30; i++)
		hist_add(&r->wake.late, 50);
	expect(floor_text(r, NULL, false), "floor: wake-up on CPU 3 (without SCHED_FIFO) p50 50 ns, max 50 ns before and after\n");
	expect(floor_text(r, &w, true), "\"p99_ns\": null");
	expect(floor_text(r, &w, true), "\"steal_ns\": null");
	free(r);
}

TEST_GROUP("base/noise",
	cmocka_unit_test(test_away_and_notice),
	cmocka_unit_test(test_instants_that_pass_meanwhile),
	cmocka_unit_test(test_a_tenth_is_lost),
	cmocka_unit_test(test_late_wake_ups),
	cmocka_unit_test(test_steal),
	cmocka_unit_test(test_floor_says_what_it_knows),
)
