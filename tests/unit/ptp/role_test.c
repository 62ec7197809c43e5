/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "ptp/role.h"

#define UNREAD 16

/* The whole table once more, as letters: i may come in, p may with a peer, o may go out. Rows: messageType 0 to 15, then what cannot be read. */
static const char *const want[UNREAD + 1][ROLE_COUNT] = {
	/*                          deny client-only server-allowed transparent */
	[MSG_SYNC] =                  {"", "o",   "ipo", "ipo"},
	[MSG_DELAY_REQ] =             {"", "ipo", "ipo", "ipo"},
	[MSG_PDELAY_REQ] =            {"", "po",  "po",  "ipo"},
	[MSG_PDELAY_RESP] =           {"", "po",  "po",  "ipo"},
	[MSG_FOLLOW_UP] =             {"", "o",   "ipo", "ipo"},
	[MSG_DELAY_RESP] =            {"", "o",   "ipo", "ipo"},
	[MSG_PDELAY_RESP_FOLLOW_UP] = {"", "po",  "po",  "ipo"},
	[MSG_ANNOUNCE] =              {"", "o",   "ipo", "ipo"},
	[MSG_SIGNALING] =             {"", "o",   "o",   "ipo"},
	[MSG_MANAGEMENT] =            {"", "o",   "o",   "ipo"},
	[UNREAD] =                    {"", "o",   "o",   "ipo"},
};

static void test_the_whole_table(void **state)
{
	static const enum msg_found unread[] = {MSG_BAD_LENGTH, MSG_BAD_VERSION, MSG_BAD_TYPE, MSG_FRAGMENT};
	char got[4], *s;
	uint8_t t;
	size_t i;
	int r;

	(void)state;
	for (t = 0; t <= UNREAD; t++)
		for (r = 0; want[t][0] && r < ROLE_COUNT; r++)
			for (i = 0; i < (t == UNREAD ? 4 : 1); i++) {
				enum msg_found found = t == UNREAD ? unread[i] : MSG_FOUND;
				uint8_t type = t == UNREAD ? MSG_DELAY_REQ : t; /* of no importance where nothing was found */

				s = got;
				*s = 'i';
				s += role_lets_in((enum role)r, false, found, type);
				*s = 'p';
				s += role_lets_in((enum role)r, true, found, type);
				*s = 'o';
				s += role_lets_out((enum role)r, found, type);
				*s = '\0';
				if (strcmp(got, want[t][r]) != 0)
					fail_msg("type %u, role %s: \"%s\", not \"%s\"", t, role_name[r], got, want[t][r]);
			}
}

static void test_other_traffic_passes(void **state)
{
	int r;

	(void)state;
	for (r = 0; r < ROLE_COUNT; r++) {
		assert_true(role_lets_in((enum role)r, false, MSG_NOT_PTP, MSG_ANNOUNCE));
		assert_true(role_lets_out((enum role)r, MSG_NOT_PTP, MSG_ANNOUNCE));
		assert_non_null(role_name[r]);
		assert_non_null(role_help[r]);
	}
	assert_null(role_name[ROLE_COUNT]);
}

static void test_burst_then_rate(void **state)
{
	struct role_meter m;
	int i;

	(void)state;
	role_meter_init(&m, 100); /* a message each 10 ms, 12 at once */
	assert_int_equal(role_meter_burst(100), 12);
	for (i = 0; i < 12; i++)
		assert_true(role_meter_take(&m, 5));
	assert_false(role_meter_take(&m, 5));
	assert_false(role_meter_take(&m, 5 + 10 * NS_PER_MS - 1));
	assert_true(role_meter_take(&m, 5 + 10 * NS_PER_MS));
	assert_false(role_meter_take(&m, 5 + 10 * NS_PER_MS));
	assert_int_equal(role_meter_burst(1), 8);
	assert_int_equal(role_meter_burst(1000000), 125000);
}

/* However messages come: no window of any length holds more than the burst and what the rate brings in it. */
static void test_bound_in_every_window(void **state)
{
	static const int64_t rates[] = {1, 7, 128, 1000, 30011, 1000000};
	enum { N = 3000 };
	int64_t *t = malloc(N * sizeof(*t));
	struct role_meter m;
	size_t r;
	int n, i, tries;

	(void)state;
	srandom(4711);
	for (r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
		int64_t now = 1700000000 * NS_PER_SEC, burst = role_meter_burst(rates[r]), worst = 0;

		role_meter_init(&m, rates[r]);
		for (n = 0, tries = 0; n < N && tries < 20 * N; tries++) {
			now += random() % 8 ? random() % (NS_PER_SEC / rates[r]) : random() % 40 * (NS_PER_SEC / rates[r]);
			if (role_meter_take(&m, now))
				t[n++] = now;
		}
		for (i = 1; i < n; i++) {
			int k = i > 500 ? i - 500 : 0;

			for (; k < i; k++) {
				int64_t over = (i - k + 1) - (t[i] - t[k]) * rates[r] / NS_PER_SEC;

				worst = over > worst ? over : worst;
			}
		}
		if (worst > burst || (rates[r] < 1000 && worst < burst))
			fail_msg("rate %d: %d over the rate, burst %d", (int)rates[r], (int)worst, (int)burst);
	}
	free(t);
}

static void test_a_step_is_no_time(void **state)
{
	struct role_meter m;
	int64_t now = 1700000000 * NS_PER_SEC;
	int i;

	(void)state;
	role_meter_init(&m, 1);
	for (i = 0; i < ROLE_MIN_BURST; i++)
		assert_true(role_meter_take(&m, now));
	role_meter_step(&m, 37 * NS_PER_SEC);
	now += 37 * NS_PER_SEC;
	assert_false(role_meter_take(&m, now + NS_PER_SEC - 1)); /* a step ahead fills nothing */
	role_meter_step(&m, -3600 * NS_PER_SEC);
	now -= 3600 * NS_PER_SEC;
	assert_true(role_meter_take(&m, now + NS_PER_SEC)); /* and one back does not lock it */
}

TEST_GROUP("ptp/role",
	cmocka_unit_test(test_the_whole_table),
	cmocka_unit_test(test_other_traffic_passes),
	cmocka_unit_test(test_burst_then_rate),
	cmocka_unit_test(test_bound_in_every_window),
	cmocka_unit_test(test_a_step_is_no_time),
)
