/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <inttypes.h>

#include "base/ns.h"
#include "tsn/cycle.h"
#include "tsn/gate.h"

#define BILLION INT64_C(1000000000)

__extension__ typedef __int128 wide;

static const struct {
	int64_t cycle_ns;
	uint32_t num, den;
} cycles[] = {
	{333333, 1, 3},		/* a third of a millisecond */
	{142, 6, 7},		/* 1000/7 ns */
	{33333333, 1, 3},	/* 1/30 s */
	{16683333, 1, 3},	/* 1001/60000 s: a video field */
	{125000, 0, 1},
	{100, 1, UINT32_MAX},	/* one ns more after 4 * 10^9 cycles */
	{100, UINT32_MAX - 1, UINT32_MAX},
	{999999999, 2147483648u, 4294967295u},
};

static const int64_t bases[] = {0, -777, INT64_C(1767225637000000123), -4000 * BILLION};

/* Start of cycle n, exactly: base + floor(n * cycle). */
static int64_t exact(const struct gcl *gcl, int64_t n)
{
	wide x = (wide)n * ((wide)gcl->cycle_ns * gcl->frac_den + gcl->frac_num);

	return gcl->t_base + (int64_t)(x / gcl->frac_den - (x % gcl->frac_den < 0));
}

static uint32_t exact_rem(const struct gcl *gcl, int64_t n)
{
	wide r = (wide)n * gcl->frac_num % gcl->frac_den;

	return (uint32_t)(r < 0 ? r + gcl->frac_den : r);
}

static void compare(const struct gcl *gcl, const struct cycle *c, int64_t n)
{
	if (c->t != exact(gcl, n) || c->t + c->len_ns != exact(gcl, n + 1) || c->rem != exact_rem(gcl, n))
		fail_msg("cycle %" PRId64 " of %" PRId64 " %u/%u ns: %" PRId64 " + %" PRId64 " rem %u, exactly %" PRId64 " to %" PRId64 " rem %u", n,
			 gcl->cycle_ns, gcl->frac_num, gcl->frac_den, c->t, c->len_ns, c->rem, exact(gcl, n), exact(gcl, n + 1), exact_rem(gcl, n));
}

typedef void (*with_fn)(const struct gcl *gcl);

static void with_each(with_fn fn)
{
	struct gcl gcl = {0};
	size_t i, k;

	for (i = 0; i < sizeof(cycles) / sizeof(cycles[0]); i++)
		for (k = 0; k < sizeof(bases) / sizeof(bases[0]); k++) {
			gcl.cycle_ns = cycles[i].cycle_ns;
			gcl.frac_num = cycles[i].num;
			gcl.frac_den = cycles[i].den;
			gcl.t_base = bases[k];
			fn(&gcl);
		}
}

/* The cycle of any instant: at its first and last ns, before the base time too. */
static void at(const struct gcl *gcl)
{
	static const int64_t ns[] = {0, 1, 2, 3, 6, 7, 1000, BILLION, BILLION + 1, -1, -2, -3, -7, -8, -1000, -BILLION};
	struct cycle c;
	size_t i;

	for (i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		cycle_at(gcl, exact(gcl, ns[i]), &c);
		compare(gcl, &c, ns[i]);
		cycle_at(gcl, exact(gcl, ns[i] + 1) - 1, &c);
		compare(gcl, &c, ns[i]);
		cycle_from(gcl, exact(gcl, ns[i]), &c);
		compare(gcl, &c, ns[i]);
		cycle_from(gcl, exact(gcl, ns[i]) + 1, &c);
		compare(gcl, &c, ns[i] + 1);
	}
}

static void test_at_any_instant(void **state)
{
	(void)state;
	with_each(at);
}

/* Over 3 * 10^9 cycles: in one leap, and in strides from a single cycle to millions of them. */
static void strides(const struct gcl *gcl)
{
	uint64_t random = 5;
	struct cycle c, leap;
	int64_t n = 0, ahead;

	cycle_at(gcl, gcl->t_base, &c);
	compare(gcl, &c, 0);
	leap = c;
	while (n < 3 * BILLION) {
		ahead = (int64_t)(test_random(&random) >> (40 + test_random(&random) % 24));
		assert_int_equal(cycle_seek(gcl, &c, exact(gcl, n + ahead + 1) - 1 - (int64_t)(test_random(&random) % (uint64_t)gcl->cycle_ns)), ahead);
		n += ahead;
		compare(gcl, &c, n);
	}
	assert_int_equal(cycle_seek(gcl, &leap, c.t), n);
	compare(gcl, &leap, n);
	cycle_next(gcl, &leap);
	compare(gcl, &leap, n + 1);
}

static void test_leap_and_strides(void **state)
{
	(void)state;
	with_each(strides);
}

/* And each one of some millions, which is how a gate goes. */
static void test_one_by_one(void **state)
{
	struct gcl gcl = {.cycle_ns = 142, .frac_num = 6, .frac_den = 7, .t_base = 3};
	struct cycle c;
	int64_t n;

	(void)state;
	cycle_at(&gcl, 3, &c);
	for (n = 0; n < 5000000; n++, cycle_next(&gcl, &c))
		compare(&gcl, &c, n);
}

/*
 * A gate over 10^9 cycles of a third of a millisecond (four days): entries begin where exact arithmetic has them, and the class that is open in
 * the last entry has every ns of the fraction in its open time.
 */
static void test_gate_does_not_drift(void **state)
{
	struct gcl_entry entries[] = {{0x01, 100000}, {0x02, 200000}};
	struct gcl_conf conf = {.enabled = true, .n_entries = 2, .entries = entries, .t_base = 12345,
				.cycle_ns = 333333, .cycle_frac_num = 1, .cycle_frac_den = 3};
	struct gate leap, stride;
	uint64_t random = 9;
	struct wire wire;
	struct gcl *gcl;
	int64_t n = 0, t_begin;

	(void)state;
	assert_int_equal(wire_init(&wire, BILLION, NULL), 0);
	assert_int_equal(gcl_create(&gcl, &conf, &wire, NULL), 0);
	gate_init(&stride, 12345);
	gate_set(&stride, gcl, 12345);
	gate_advance(&stride, 12345);
	leap = stride;
	while (n < BILLION) {
		n += 1 + (int64_t)(test_random(&random) >> (40 + test_random(&random) % 24));
		gate_advance(&stride, exact(gcl, n) + 99999);
		assert_int_equal(gate_entry(&stride, &t_begin), 0);
		assert_int_equal(t_begin, exact(gcl, n));
		assert_int_equal(gate_close_at(&stride, 0), exact(gcl, n) + 100000);
		assert_int_equal(gate_open_at(&stride, 0, stride.t_now + 1), exact(gcl, n + 1));
		assert_int_equal(gate_open_total(&stride, 0), n * 100000 + 99999);
		assert_int_equal(gate_open_total(&stride, 1), exact(gcl, n) - 12345 - n * 100000);
		gate_advance(&stride, exact(gcl, n + 1) - 1);
		assert_int_equal(gate_entry(&stride, &t_begin), 1);
		assert_int_equal(t_begin, exact(gcl, n) + 100000);
		assert_int_equal(gate_close_at(&stride, 1), exact(gcl, n + 1));
	}
	gate_advance(&leap, stride.t_now);
	assert_int_equal(gate_entry(&leap, &t_begin), 1);
	assert_int_equal(t_begin, exact(gcl, n) + 100000);
	assert_int_equal(gate_open_total(&leap, 0), gate_open_total(&stride, 0));
	assert_int_equal(gate_open_total(&leap, 1), gate_open_total(&stride, 1));
	gcl_destroy(gcl);
}

TEST_GROUP("tsn/cycle",
	cmocka_unit_test(test_at_any_instant),
	cmocka_unit_test(test_leap_and_strides),
	cmocka_unit_test(test_one_by_one),
	cmocka_unit_test(test_gate_does_not_drift),
)
