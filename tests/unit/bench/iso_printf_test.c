/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/iso_printf.h"

static struct iso_send sent = { 12, 0, 1700000000000000001, 1700000000000060002, 5, 1700000000000070003, 1700000000000065004 };
static struct iso_recv came = { 12, 0, 1700000000000090005, 0, -1500000007 };
static const struct iso frames = { .packets = 1, .t_base = -3, .advance_ns = 100, .shift_ns = 300, .cycle_ns = 1000000, .window_ns = 77, .send = &sent, .recv = &came };

static const struct {
	const char *format, *args, *line;
} good[] = {
	{ "%u,%d\\n", "qS", "12,1700000000000000001\n" },
	{ "%d%d%d%d%d", "wstTR", "1700000000000060002" "1700000000000065004" "1700000000000070003" "5" "0" },
	{ "%d %d %d %d %d %d", "ABCHWr", "100 -3 1000000 300 77 -1500000007" },
	{ "%x %x %u", "qTB", "c 5 18446744073709551613" },
	{ "%T %T %T", "SrR", "1700000000.000000001 -1.500000007 0.000000000" },
	{ "100%% %u%%\\t\\\\ \\\"", "q", "100% 12%\t\\ \"" },
	{ "%%d", "", "%d" },
	{ "", "", "" },
};

static const struct {
	const char *format, *args, *names;
} bad[] = {
	{ "%u %u", "q", "no letter left" },
	{ "%u", "qS", "\"S\" is left over" },
	{ "%u", "z", "'z'" },
	{ "%d", "q", "'q'" },
	{ "%T", "q", "'q'" },
	{ "%s", "q", "%s" },
	{ "x%", "", "percent" },
	{ "x\\", "", "backslash" },
	{ "\\q", "", "\\q" },
};

static void test_lines(void **state)
{
	struct iso_printf *p = malloc(sizeof(*p));
	struct why why;
	char *line;
	size_t i, n;
	FILE *f;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(iso_printf_parse(p, good[i].format, good[i].args, &why), 0);
		f = open_memstream(&line, &n);
		iso_printf_frame(p, &frames, 0, f);
		fclose(f);
		assert_string_equal(line, good[i].line);
		free(line);
	}
	free(p);
}

static void test_refusals(void **state)
{
	struct iso_printf *p = malloc(sizeof(*p));
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(iso_printf_parse(p, bad[i].format, bad[i].args, &why), -EINVAL);
		test_why_names(&why, "--printf-", bad[i].names, NULL);
	}
	free(p);
}

static void test_limits(void **state)
{
	struct iso_printf *p = malloc(sizeof(*p));
	char format[2 * ISO_PRINTF_LEN + 2], args[ISO_PRINTF_MAX + 2];
	struct why why;
	int i;

	(void)state;
	memset(args, 'q', sizeof(args));
	for (i = 0; i <= ISO_PRINTF_MAX; i++)
		memcpy(format + 2 * i, "%u", 2);
	format[2 * ISO_PRINTF_MAX] = args[ISO_PRINTF_MAX] = 0;
	assert_int_equal(iso_printf_parse(p, format, args, &why), 0);
	memcpy(format + 2 * ISO_PRINTF_MAX, "%u", 3);
	memcpy(args + ISO_PRINTF_MAX, "q", 2);
	assert_int_equal(iso_printf_parse(p, format, args, &why), -EINVAL);
	test_why_names(&why, "256", NULL);
	memset(format, 'x', ISO_PRINTF_LEN + 1);
	format[ISO_PRINTF_LEN + 1] = 0;
	assert_int_equal(iso_printf_parse(p, format, "", &why), -EINVAL);
	test_why_names(&why, "4096", NULL);
	free(p);
}

TEST_GROUP("bench/iso_printf",
	cmocka_unit_test(test_lines),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_limits),
)
