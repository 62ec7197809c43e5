/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/tsn/list.h"
#include "tsn/cbs.h"

#define ON_WIRE (WIRE_FCS + WIRE_OVERHEAD)

static uint32_t in_memory(int64_t on_wire)
{
	return (uint32_t)(on_wire - ON_WIRE);
}

static int kernel_row(const struct test_row *row, struct why *why)
{
	uint32_t max_len[TSN_CLASSES] = {[0] = in_memory(test_row_int(row, 4)), [6] = in_memory(test_row_int(row, 3))};
	struct cbs_conf conf = {.idle_bps = {[6] = test_row_int(row, 2)}};
	struct cbs_limits limits[TSN_CLASSES];
	struct cbs_kernel k;
	struct wire wire;

	if (wire_init(&wire, list_rate(row, row->word[1]), why) || cbs_limits(limits, &conf, max_len, &wire, why))
		return -EINVAL;
	cbs_kernel(&k, &limits[6], &wire);
	if (k.hicredit != test_row_int(row, 5) || k.locredit != test_row_int(row, 6) || k.sendslope != test_row_int(row, 7) ||
	    k.idleslope != (conf.idle_bps[6] + 999) / 1000)
		return why_fail(why, EINVAL, "got hicredit %d locredit %d sendslope %d idleslope %d", k.hicredit, k.locredit, k.sendslope,
				k.idleslope);
	return 0;
}

/* CLASS=IDLE,LEN[,SEND,HI,LO]: what is wanted goes to `want`. */
static void read_class(const struct test_row *row, char *text, struct cbs_conf *conf, uint32_t *max_len, struct cbs_limits *want)
{
	int64_t tc = test_row_begin(row, &text);

	if (tc < 0 || tc >= TSN_CLASSES)
		fail_msg("%s:%d: no class %" PRId64, row->path, row->line, tc);
	conf->idle_bps[tc] = test_row_begin(row, &text);
	max_len[tc] = in_memory(test_row_begin(row, &text));
	if (!*text)
		return;
	want[tc].idle_bps = conf->idle_bps[tc];
	want[tc].send_bps = test_row_begin(row, &text);
	want[tc].hi_bits = test_row_begin(row, &text);
	want[tc].lo_bits = test_row_begin(row, &text);
}

static int limits_row(const struct test_row *row, struct why *why)
{
	struct cbs_limits want[TSN_CLASSES] = {{0}}, got[TSN_CLASSES];
	uint32_t max_len[TSN_CLASSES] = {0};
	struct cbs_conf conf = {{0}};
	struct why refusal = {""};
	struct wire wire;
	int i, err;

	if (wire_init(&wire, list_rate(row, row->word[1]), why))
		return -EINVAL;
	for (i = 2; i < row->n && strcmp(row->word[i], ":"); i++)
		read_class(row, row->word[i], &conf, max_len, want);
	err = cbs_limits(got, &conf, max_len, &wire, &refusal);
	if (i < row->n) {
		if (err != -EINVAL)
			return why_fail(why, EINVAL, "returned %d, not -EINVAL", err);
		for (i++; i < row->n; i++)
			if (!strstr(refusal.text, row->word[i]))
				return why_fail(why, EINVAL, "\"%s\" does not name %s", refusal.text, row->word[i]);
		return 0;
	}
	if (err)
		return why_fail(why, EINVAL, "%s", refusal.text);
	for (i = 0; i < TSN_CLASSES; i++)
		if (memcmp(&got[i], &want[i], sizeof(got[i])))
			return why_fail(why, EINVAL, "class %d: got idle %" PRId64 " send %" PRId64 " hi %" PRId64 " lo %" PRId64, i,
					got[i].idle_bps, got[i].send_bps, got[i].hi_bits, got[i].lo_bits);
	return 0;
}

static int check(struct why *why, const char *word, int64_t got, int64_t want)
{
	return got == want ? 0 : why_fail(why, EINVAL, "%s: got %" PRId64, word, got);
}

static int step(struct cbs *c, const struct test_row *row, const struct wire *wire, const char *word, struct why *why)
{
	char *text = (char *)word + 1;
	int64_t v = test_row_begin(row, &text);

	switch (word[0]) {
	case '+':
	case '.':
		cbs_advance(c, c->open + v, word[0] == '+');
		return 0;
	case 's':
		cbs_spend(c, in_memory(v), wire_ns(wire, in_memory(v)));
		return 0;
	case '*':
		cbs_scale(c, v, test_row_begin(row, &text));
		return 0;
	case 'h':
		cbs_init(c, c->admin_bps, v, c->open);
		return 0;
	case '=':
		return check(why, word, c->credit, v);
	case 'w':
		return check(why, word, cbs_wait_ns(c), v);
	case 'o':
		return check(why, word, (int64_t)c->over_hi, v);
	}
	return why_fail(why, EINVAL, "%s: no such step", word);
}

static int steps_row(const struct test_row *row, struct why *why)
{
	struct wire wire;
	struct cbs c;
	int i, err;

	err = wire_init(&wire, list_rate(row, row->word[1]), why);
	cbs_init(&c, test_row_int(row, 2), 0, -12345);
	for (i = 3; i < row->n && !err; i++)
		err = step(&c, row, &wire, row->word[i], why);
	return err;
}

static int cbs_row(const struct test_row *row, struct why *why)
{
	if (!strcmp(row->word[0], "kernel"))
		return kernel_row(row, why);
	if (!strcmp(row->word[0], "limits") || !strcmp(row->word[0], "bad"))
		return limits_row(row, why);
	if (!strcmp(row->word[0], "steps"))
		return steps_row(row, why);
	if (!strcmp(row->word[0], "stream"))
		return check(why, "stream", cbs_stream_bps((uint32_t)test_row_int(row, 1), test_row_ns(row, 2)), test_row_int(row, 3));
	return why_fail(why, EINVAL, "%s: no such row", row->word[0]);
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/cbs.vec", cbs_row);
}

/*
 * Backlogged and undisturbed, frame n starts at the first whole ns at which idleSlope has paid for the n before it:
 * exactly, whatever the slope, for a million frames. What is kept between two starts is a credit below one ns's worth,
 * so what holds for a million holds for ever.
 */
static void test_the_rate_is_exact(void **state)
{
	static const int64_t slopes[] = {98688000, 99999989, 7, 333333333, 399999999989};
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(slopes) / sizeof(slopes[0]); i++) {
		int64_t t = 0, zero = INT64_C(1700000000000000000);
		__int128 bits = 0;
		struct cbs c;

		cbs_init(&c, slopes[i], 0, zero);
		for (n = 0; n < 1000000 && t < (INT64_C(1) << 61); n++) {
			uint32_t len = 60 + (uint32_t)n % 1459;

			t += cbs_wait_ns(&c);
			cbs_advance(&c, zero + t, true);
			if (t != (int64_t)((bits * NS_PER_SEC + slopes[i] - 1) / slopes[i]))
				fail_msg("slope %" PRId64 ": frame %d starts at %" PRId64, slopes[i], n, t);
			assert_in_range(c.credit, 0, slopes[i] - 1);
			cbs_spend(&c, len, 0);
			bits += wire_bytes(len) * 8;
		}
		assert_true(n >= 1000 || slopes[i] < 1000);
	}
}

/*
 * Under a schedule the class gets its rate over the whole cycle (8.6.8.2, idleSlope * OperCycleTime / GateOpenTime), though it stands still
 * when its gate is shut and when its head does not fit before the close: 100 s of 1 Gb/s, within a frame of exact arithmetic.
 */
static void test_the_rate_holds_under_gates(void **state)
{
	static const struct { int64_t idle, cycle, open; } rows[] = {
		{98688000, 1000000, 300000}, {300000000, 1000000, 500000}, {7777777, 250000, 20000}, {99999989, 1000003, 333337},
	};
	struct wire wire;
	size_t i;
	int n;

	(void)state;
	assert_int_equal(wire_init(&wire, 1000000000, NULL), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t open = 0, close = rows[i].open, cycles = 100 * NS_PER_SEC / rows[i].cycle;
		__int128 sent = 0, due;
		struct cbs c;

		cbs_init(&c, rows[i].idle, 0, 0);
		cbs_scale(&c, rows[i].cycle, rows[i].open);
		for (n = 0;; n++) {
			uint32_t len = 60 + (uint32_t)n * 7919 % 1459;
			int64_t busy_ns = wire_ns(&wire, len);

			open += cbs_wait_ns(&c);
			while (open + busy_ns > close) {
				open = open > close ? open : close;	/* the rest of the window is too short: the next one */
				close += rows[i].open;
			}
			if (close > cycles * rows[i].open)
				break;
			cbs_advance(&c, open, true);
			cbs_spend(&c, len, busy_ns);
			open += busy_ns;
			cbs_advance(&c, open, true);
			sent += wire_bytes(len) * 8;
		}
		due = (__int128)rows[i].idle * cycles * rows[i].cycle / NS_PER_SEC;
		if (sent < due - 2 * 12336 - 50 || sent > due + 2 * 12336 + 50)
			fail_msg("row %zu: %" PRId64 " bits sent, %" PRId64 " due", i, (int64_t)sent, (int64_t)due);
	}
}

/* An advance in many strides is one in a leap, when nothing comes or goes; and one into the past is none. */
static void test_strides_and_leaps(void **state)
{
	uint64_t seed = 5;
	int i, k;

	(void)state;
	for (i = 0; i < 20000; i++) {
		int64_t idle = 1 + (int64_t)(test_random(&seed) % WIRE_MAX_BPS), open = 0;
		bool waiting = test_random(&seed) % 2;
		struct cbs leap, stride;

		cbs_init(&leap, idle, 100, 0);
		cbs_advance(&leap, (int64_t)(test_random(&seed) % 1000), true);
		cbs_spend(&leap, (uint32_t)(test_random(&seed) % 3000), (int64_t)(test_random(&seed) % 3000));
		stride = leap;
		for (k = 0; k < 10; k++) {
			open += (int64_t)(test_random(&seed) % 500);
			cbs_advance(&stride, stride.open > open ? stride.open : open, waiting);
			cbs_advance(&stride, stride.open - 1 - (int64_t)(test_random(&seed) % 9), true);
		}
		cbs_advance(&leap, stride.open, waiting);
		assert_int_equal(leap.credit, stride.credit);
		assert_int_equal(leap.open, stride.open);
		assert_int_equal(cbs_wait_ns(&leap), cbs_wait_ns(&stride));
	}
}

TEST_GROUP("tsn/cbs",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_the_rate_is_exact),
	cmocka_unit_test(test_the_rate_holds_under_gates),
	cmocka_unit_test(test_strides_and_leaps),
)
