/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Curves and dots of figures.
 */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/curve.h"
#include "bench/dots.h"

static char *written;
static size_t written_len;

static FILE *begin(void)
{
	free(written);
	written = NULL;
	return open_memstream(&written, &written_len);
}

/* Each value stands where as many are larger as the line says, as far as 2 % can be seen; the largest at half of one. */
static void test_curve(void **state)
{
	int64_t v[1000];
	double x, y, last_y = 2;
	size_t i, lines = 0;
	FILE *f = begin();

	(void)state;
	for (i = 0; i < 1000; i++)
		v[i] = 1000 + (int64_t)(i * i);
	curve_write(f, v, 1000, 0, 1e-3);
	fclose(f);
	f = fmemopen(written, written_len, "r");
	while (fscanf(f, "%lf %lf", &x, &y) == 2) {
		for (i = 0; i < 1000 && (double)v[i] <= x; i++)
			;
		assert_true(lines == 0 || y < last_y);
		assert_true(y == 5e-4 ? i == 1000 : (double)(1000 - i) * 1e-3 > y * .99 && (double)(1000 - i) * 1e-3 < y * 1.01);
		last_y = y;
		lines++;
	}
	fclose(f);
	assert_true(lines > 100 && last_y == 5e-4 && x == 999001);
}

/* What never came is slower than all: the curve never falls below its share. */
static void test_curve_lost(void **state)
{
	int64_t v[4] = { 1000, 2000, 4000, 8000 };
	double x, y, seen[4];
	FILE *f = begin();
	size_t n = 0;

	(void)state;
	curve_write(f, v, 4, 6, .1);
	fclose(f);
	f = fmemopen(written, written_len, "r");
	for (; fscanf(f, "%lf %lf", &x, &y) == 2; n++) {
		assert_true(n < 4 && x == (double)v[n]);
		seen[n] = y;
	}
	fclose(f);
	assert_int_equal(n, 4);
	assert_true(fabs(seen[0] - .9) < 1e-9 && fabs(seen[1] - .8) < 1e-9 && fabs(seen[2] - .7) < 1e-9 && fabs(seen[3] - .6) < 1e-9);
}

/* Of a hundred thousand points that lie on a line few are drawn, and each that lies apart. */
static void test_dots(void **state)
{
	static struct dots d;
	size_t i, drawn = 0, apart = 0;

	(void)state;
	dots_begin(&d, 0, 1, 10, 1e6, true, 3);
	for (i = 0; i < 100000; i++) {
		drawn += dots_take(&d, (double)i / 1e5, 1000);
		if (i % 10000 == 5000)
			apart += dots_take(&d, (double)i / 1e5, 1e5 + (double)i);
	}
	assert_int_equal(drawn, DOTS_ACROSS / 3);
	assert_int_equal(apart, 10);
	assert_false(dots_take(&d, .5, 1000));
	assert_false(dots_take(&d, -.1, 1000) || dots_take(&d, 1.1, 1000) || dots_take(&d, .5, 9) || dots_take(&d, .5, 2e6) || dots_take(&d, .5, 0));
	assert_true(dots_take(&d, 1, 1e6) && dots_take(&d, 0, 10));
	dots_begin(&d, 1, 1, 0, 1, false, 0);
	assert_false(dots_take(&d, 1, .5));
}

TEST_GROUP("bench/curve",
	cmocka_unit_test(test_curve),
	cmocka_unit_test(test_curve_lost),
	cmocka_unit_test(test_dots),
)
