/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/tscmap.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

#define T0	 (INT64_C(1767225637) * NS_PER_SEC)
#define TSC0	 UINT64_C(123456789012345)
#define INTERVAL (100 * NS_PER_MS)

/* A counter of 2.5 GHz, off by `ppb`, and a reference that it is compared with. */
struct world {
	double ticks_per_ns;
	int64_t t;	/* the reference's time */
	int64_t put_on;	/* how far the reference was stepped */
	uint64_t seed;
	int64_t noise_ns;
	struct tscmap_servo servo;
};

static struct tscmap_sample sample(struct world *w)
{
	int64_t noise = w->noise_ns ? (int64_t)(test_random(&w->seed) % (uint64_t)(2 * w->noise_ns + 1)) - w->noise_ns : 0;

	return (struct tscmap_sample){
		.tsc = TSC0 + (uint64_t)llround((double)(w->t - T0) * w->ticks_per_ns),
		.tai = w->t + w->put_on + noise,
		.half_ns = 40,
	};
}

static void begin(struct world *w, int64_t noise_ns)
{
	struct tscmap_sample a, b;

	*w = (struct world){.ticks_per_ns = 2.5, .t = T0, .seed = 42, .noise_ns = noise_ns};
	a = sample(w);
	w->t += 50 * NS_PER_MS;
	b = sample(w);
	tscmap_servo_init(&w->servo, &a, &b);
}

static int64_t update(struct world *w, int64_t later_ns)
{
	struct tscmap_sample s;

	w->t += later_ns;
	s = sample(w);
	return tscmap_servo_update(&w->servo, &s);
}

static double rate_error(const struct world *w)
{
	return w->servo.ns_per_tick * w->ticks_per_ns - 1;
}

static void test_line(void **state)
{
	struct tscmap_line l = {.tsc0 = 1000, .tai0 = T0, .mult = UINT64_C(1) << 31};	/* half a ns per tick */

	(void)state;
	assert_int_equal(tscmap_at(&l, 1000), T0);
	assert_int_equal(tscmap_at(&l, 3000), T0 + 1000);
	assert_int_equal(tscmap_at(&l, 0), T0 - 500);
	assert_int_equal(tscmap_at(&l, 1000 + (UINT64_C(1) << 60)), T0 + (INT64_C(1) << 59));	/* years */
}

/* An update bends the line where it is; it never breaks it. */
static void test_continuous(void **state)
{
	struct tscmap_line before;
	struct tscmap_sample s;
	struct world w;
	int i;

	(void)state;
	begin(&w, 2000);
	for (i = 0; i < 500; i++) {
		w.t += INTERVAL;
		s = sample(&w);
		before = w.servo.line;
		tscmap_servo_update(&w.servo, &s);
		assert_int_not_equal(w.servo.line.tsc0, before.tsc0);
		assert_int_equal(tscmap_at(&w.servo.line, s.tsc), tscmap_at(&before, s.tsc));
		assert_true(tscmap_at(&w.servo.line, s.tsc + 1000) > tscmap_at(&w.servo.line, s.tsc));
	}
	assert_int_equal(w.servo.line.stepped, 0);
	assert_int_equal(w.servo.steps, 0);
}

/* The counter turns out to run 40 ppm faster than at first: the error found goes to nothing, and the rate is known. */
static void test_rate_converges(void **state)
{
	int64_t worst = 0, error;
	struct world w;
	int i;

	(void)state;
	begin(&w, 0);
	assert_true(fabs(rate_error(&w)) < 1e-9);
	w.ticks_per_ns *= 1 + 40e-6;
	/* The counter itself goes on from where it is. */
	w.servo.line.tsc0 = w.servo.last.tsc = sample(&w).tsc;
	assert_true(fabs(rate_error(&w)) > 39e-6);
	for (i = 0; i < 100; i++) {
		error = update(&w, INTERVAL);
		if (i >= 60 && llabs(error) > worst)
			worst = llabs(error);
	}
	assert_in_range(worst, 0, 2);
	assert_true(fabs(rate_error(&w)) < 1e-8);
	assert_in_range(w.servo.line.bound_ns, 40, 42);
	assert_int_equal(w.servo.steps, 0);
}

/* A counter whose rate creeps (a machine that warms up) is followed, without a step. */
static void test_drift_is_followed(void **state)
{
	int64_t worst = 0, error;
	struct tscmap_sample s;
	uint64_t tsc = TSC0;
	struct world w;
	int i;

	(void)state;
	begin(&w, 30);
	tsc = w.servo.last.tsc;
	for (i = 0; i < 600; i++) {
		w.t += INTERVAL;
		w.ticks_per_ns *= 1 - 1e-9;
		s = sample(&w);
		tsc += (uint64_t)llround((double)INTERVAL * w.ticks_per_ns);
		s.tsc = tsc;
		error = tscmap_servo_update(&w.servo, &s);
		if (i >= 100 && llabs(error) > worst)
			worst = llabs(error);
	}
	assert_int_equal(w.servo.steps, 0);
	assert_in_range(worst, 1, 500);	/* of 30 ns of noise; a broken servo is off by orders */
}

/* The noise of single looks comes through to the line not much enlarged. */
static void test_noise_is_not_amplified(void **state)
{
	int64_t worst = 0, off;
	struct world w;
	int i;

	(void)state;
	begin(&w, 1000);
	for (i = 0; i < 1000; i++) {
		update(&w, INTERVAL);
		off = llabs(tscmap_at(&w.servo.line, sample(&w).tsc) - w.t);
		if (i >= 100 && off > worst)
			worst = off;
	}
	assert_in_range(worst, 1, 3000);
}

static void test_steps_are_found_and_summed(void **state)
{
	struct world w;
	int64_t error, sum;
	int i;

	(void)state;
	begin(&w, 0);
	for (i = 0; i < 10; i++)
		update(&w, INTERVAL);
	w.put_on = 37 * NS_PER_SEC;
	error = update(&w, INTERVAL);
	assert_true(llabs(error - 37 * NS_PER_SEC) < 10);
	assert_int_equal(w.servo.steps, 1);
	assert_int_equal(w.servo.line.stepped, error);
	assert_int_equal(tscmap_at(&w.servo.line, sample(&w).tsc), sample(&w).tai);
	sum = error;
	w.put_on -= TSCMAP_STEP_NS + 100;	/* back a little */
	error = update(&w, INTERVAL);
	assert_true(error < -TSCMAP_STEP_NS);
	sum += error;
	assert_int_equal(w.servo.steps, 2);
	assert_int_equal(w.servo.line.stepped, sum);
	for (i = 0; i < 10; i++)
		update(&w, INTERVAL);
	assert_int_equal(w.servo.steps, 2);
	assert_int_equal(w.servo.line.stepped, sum);
}

/* Just below a step the line bends, within what adjtime may slew, and gets there. */
static void test_below_a_step_it_bends(void **state)
{
	struct world w;
	double bend;
	int i;

	(void)state;
	begin(&w, 0);
	w.put_on = TSCMAP_STEP_NS - 100;
	update(&w, INTERVAL);
	assert_int_equal(w.servo.steps, 0);
	assert_int_equal(w.servo.line.stepped, 0);
	bend = (double)w.servo.line.mult / 4294967296.0 * w.ticks_per_ns - 1;
	assert_true(bend > 400e-6 && bend < 1001e-6);
	for (i = 0; i < 200; i++)
		update(&w, INTERVAL);
	assert_int_equal(w.servo.steps, 0);
	assert_true(llabs(update(&w, INTERVAL)) < 10);
}

static void test_too_short_a_base_line(void **state)
{
	struct tscmap_servo before;
	struct world w;

	(void)state;
	begin(&w, 0);
	update(&w, INTERVAL);
	before = w.servo;
	w.put_on = 1000;
	assert_in_range(update(&w, 9 * NS_PER_MS), 990, 1010);
	assert_memory_equal(&w.servo, &before, sizeof(before));
	update(&w, 2 * NS_PER_MS);	/* 11 ms since the last that counted */
	assert_int_not_equal(w.servo.line.tsc0, before.line.tsc0);
}

/* Without a reference the line goes straight on, and the bound that it gives holds, however long and whatever came before. */
static void hold_over(int64_t noise_ns, double creep)
{
	int64_t bound = 0, off, worst_slack = INT64_MAX;
	uint64_t tsc, stepped;
	struct world w;
	int i;

	begin(&w, noise_ns);
	for (i = 0; i < 300; i++)
		update(&w, INTERVAL);
	stepped = w.servo.steps;
	tsc = w.servo.last.tsc;
	for (i = 0; i < 600; i++) {
		w.t += INTERVAL;
		w.ticks_per_ns *= 1 + creep;
		tsc += (uint64_t)llround((double)INTERVAL * w.ticks_per_ns);
		off = tscmap_at(&w.servo.line, tsc) - w.t;
		tscmap_servo_hold(&w.servo, tsc);
		assert_int_equal(tscmap_at(&w.servo.line, tsc) - w.t, off);	/* not broken */
		assert_true(w.servo.line.bound_ns >= bound);
		bound = w.servo.line.bound_ns;
		if (bound - llabs(off) < worst_slack)
			worst_slack = bound - llabs(off);
	}
	if (worst_slack < 0)
		fail_msg("noise %d ns: %d ns further off than the bound", (int)noise_ns, (int)-worst_slack);
	assert_true(bound >= 60 * 1000);		/* a minute alone: 1 us a second at least */
	assert_true(w.servo.held);
	tsc += (uint64_t)INTERVAL;
	tscmap_servo_update(&w.servo, &(struct tscmap_sample){tsc, tscmap_at(&w.servo.line, tsc), 40});
	assert_false(w.servo.held);
	assert_int_equal(w.servo.line.bound_ns, 40);
	assert_int_equal(w.servo.steps, stepped);
}

static void test_holdover(void **state)
{
	(void)state;
	hold_over(0, 0);
	hold_over(30, 1e-9);	/* 10 ppb a second: 0.6 ppm after a minute */
	hold_over(30, -1e-9);
	hold_over(1000, 1e-9);
	hold_over(4000, 0);
}

/* The bend that corrected the last error ends with its interval. */
static void test_holdover_straightens(void **state)
{
	struct world w;

	(void)state;
	begin(&w, 0);
	w.put_on = 10000;
	update(&w, INTERVAL);
	assert_true(llabs((int64_t)(w.servo.line.mult - (uint64_t)llround(w.servo.ns_per_tick * 4294967296.0))) > 10000);
	w.t += INTERVAL;
	tscmap_servo_hold(&w.servo, sample(&w).tsc);
	assert_int_equal(w.servo.line.mult, (uint64_t)llround(w.servo.ns_per_tick * 4294967296.0));
	assert_int_equal(w.servo.line.tsc0, sample(&w).tsc);
}

#define LINES 3000000

static void *write_lines(void *arg)
{
	struct tscmap_line l;
	uint64_t i;

	for (i = 1; i <= LINES; i++) {
		l = (struct tscmap_line){i, (int64_t)i * 2, i * 3, (int64_t)i * 5, (int64_t)i * 7};
		tscmap_publish(arg, &l);
	}
	return NULL;
}

/* A reader never sees half of one line and half of the next, nor an older one after a newer one. */
static void test_published_whole(void **state)
{
	static struct tscmap m;
	struct tscmap_line l;
	pthread_t writer;
	uint64_t last = 0;

	(void)state;
	memset(&m, 0, sizeof(m));
	assert_int_equal(pthread_create(&writer, NULL, write_lines, &m), 0);
	do {
		tscmap_read(&m, &l);
		assert_true(l.tsc0 >= last);
		assert_int_equal(l.tai0, l.tsc0 * 2);
		assert_int_equal(l.mult, l.tsc0 * 3);
		assert_int_equal(l.stepped, l.tsc0 * 5);
		assert_int_equal(l.bound_ns, l.tsc0 * 7);
		last = l.tsc0;
	} while (last < LINES);
	pthread_join(writer, NULL);
}

TEST_GROUP("ptp/tscmap",
	cmocka_unit_test(test_line),
	cmocka_unit_test(test_continuous),
	cmocka_unit_test(test_rate_converges),
	cmocka_unit_test(test_drift_is_followed),
	cmocka_unit_test(test_noise_is_not_amplified),
	cmocka_unit_test(test_steps_are_found_and_summed),
	cmocka_unit_test(test_below_a_step_it_bends),
	cmocka_unit_test(test_too_short_a_base_line),
	cmocka_unit_test(test_holdover),
	cmocka_unit_test(test_holdover_straightens),
	cmocka_unit_test(test_published_whole),
)
