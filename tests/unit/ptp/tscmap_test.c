/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "base/ns.h"
#include "ptp/tscmap.h"

#define GHZ	 2.5			/* ticks per ns of the simulated TSC */
#define INTERVAL (100 * NS_PER_MS)
#define T0	 (INT64_C(1767225637) * NS_PER_SEC)

/* The reference shows t, runs `ppm` fast against the TSC, and is read to +-30 ns. */
static struct tscmap_sample look(int64_t t, double ppm, int64_t offset, uint64_t *seed)
{
	double ns = (double)(t - T0);

	return (struct tscmap_sample){
		.tsc = (uint64_t)(ns * GHZ) + 1000000,
		.tai = t + (int64_t)(ns * ppm * 1e-6) + offset + (int64_t)(test_random(seed) % 61) - 30,
		.half_ns = 30,
	};
}

static void start(struct tscmap_servo *s, double ppm, uint64_t *seed)
{
	struct tscmap_sample a = look(T0, ppm, 0, seed), b = look(T0 + 50 * NS_PER_MS, ppm, 0, seed);

	tscmap_servo_init(s, &a, &b);
}

static void test_converges_and_is_continuous(void **state)
{
	struct tscmap_servo s;
	struct tscmap_sample x;
	uint64_t seed = 3;
	int64_t t, before, error, worst = 0;
	int i;

	(void)state;
	start(&s, 12, &seed);
	for (i = 1; i < 600; i++) {
		t = T0 + 50 * NS_PER_MS + i * INTERVAL;
		x = look(t, i < 200 ? 12 : 12.0 + 0.001 * (i - 200), 0, &seed);
		before = tscmap_at(&s.line, x.tsc);
		error = tscmap_servo_update(&s, &x);
		assert_int_equal(tscmap_at(&s.line, x.tsc), before); /* bent here, not broken */
		if (i > 100 && llabs(error) > worst)
			worst = llabs(error);
	}
	assert_int_equal(s.steps, 0);
	assert_int_equal(s.line.stepped, 0);
	assert_true(worst < 500); /* of 60 ns of noise and a drifting rate; a broken servo is off by orders */
	assert_true(s.line.bound_ns < 600);
}

static void test_steps_are_summed(void **state)
{
	struct tscmap_servo s;
	struct tscmap_sample x;
	uint64_t seed = 5;
	int64_t offset = 0, t = T0 + 50 * NS_PER_MS;
	int i;

	(void)state;
	start(&s, -3, &seed);
	for (i = 1; i < 100; i++) {
		t += INTERVAL;
		if (i == 30)
			offset += 37 * NS_PER_SEC;
		if (i == 60)
			offset -= 2 * NS_PER_MS;
		x = look(t, -3, offset, &seed);
		tscmap_servo_update(&s, &x);
	}
	assert_int_equal(s.steps, 2);
	assert_true(llabs(s.line.stepped - offset) < 2000);
	assert_true(llabs(tscmap_at(&s.line, x.tsc) - x.tai) < 500);
}

/* Two looks right after each other say nothing about the rate. */
static void test_short_intervals_are_left_out(void **state)
{
	struct tscmap_servo s, before;
	struct tscmap_sample x;
	uint64_t seed = 9;

	(void)state;
	start(&s, 0, &seed);
	before = s;
	x = look(T0 + 50 * NS_PER_MS + 1000, 0, 400000, &seed);
	tscmap_servo_update(&s, &x);
	assert_memory_equal(&s, &before, sizeof(s));
}

static void test_readers_see_whole_lines(void **state)
{
	static struct tscmap m;
	struct tscmap_line line = {.tsc0 = 10, .tai0 = T0, .mult = UINT64_C(1) << 32, .stepped = 4, .bound_ns = 5}, got;

	(void)state;
	tscmap_publish(&m, &line);
	tscmap_read(&m, &got);
	assert_memory_equal(&got, &line, sizeof(line));
	assert_int_equal(tscmap_at(&got, 5), T0 - 5); /* also before tsc0 */
}

TEST_GROUP("ptp/tscmap",
	cmocka_unit_test(test_converges_and_is_continuous),
	cmocka_unit_test(test_steps_are_summed),
	cmocka_unit_test(test_short_intervals_are_left_out),
	cmocka_unit_test(test_readers_see_whole_lines),
)
