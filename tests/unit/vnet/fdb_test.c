/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "base/ns.h"
#include "vnet/fdb.h"

#define AGEING (300 * NS_PER_SEC)
#define T0     (1000 * NS_PER_SEC)

static uint8_t *mac(uint8_t buf[6], uint32_t n)
{
	memset(buf, 0, 6);
	buf[0] = 0x02;
	memcpy(buf + 2, &n, sizeof(n));
	return buf;
}

static void test_learn_and_look_up(void **state)
{
	struct fdb *f = fdb_create(AGEING);
	uint8_t m[6];

	(void)state;
	assert_int_equal(fdb_lookup(f, 1, mac(m, 1), T0), PKT_NO_PORT);
	assert_int_equal(fdb_learn(f, 1, m, 3, T0), FDB_NEW);
	assert_int_equal(fdb_learn(f, 1, m, 3, T0 + 1), FDB_KNOWN);
	assert_int_equal(fdb_lookup(f, 1, m, T0), 3);
	assert_int_equal(fdb_lookup(f, 2, m, T0), PKT_NO_PORT); /* learned per VLAN */
	assert_int_equal(fdb_learn(f, 1, m, 4, T0 + 2), FDB_MOVED);
	assert_int_equal(fdb_lookup(f, 1, m, T0 + 2), 4);
	fdb_flush_port(f, 3);
	assert_int_equal(fdb_lookup(f, 1, m, T0 + 2), 4);
	fdb_flush_port(f, 4);
	assert_int_equal(fdb_lookup(f, 1, m, T0 + 2), PKT_NO_PORT);
	fdb_destroy(f);
}

static void test_ageing_and_steps(void **state)
{
	struct fdb *f = fdb_create(AGEING);
	uint8_t m[6];

	(void)state;
	fdb_learn(f, 1, mac(m, 1), 3, T0);
	assert_int_equal(fdb_lookup(f, 1, m, T0 + AGEING), 3);
	assert_int_equal(fdb_lookup(f, 1, m, T0 + AGEING + 1), PKT_NO_PORT);
	assert_int_equal(fdb_learn(f, 1, m, 5, T0 + AGEING + 1), FDB_NEW); /* not a move: the old one was gone */
	fdb_shift(f, 37 * NS_PER_SEC);
	assert_int_equal(fdb_lookup(f, 1, m, T0 + AGEING + 1 + 37 * NS_PER_SEC + AGEING), 5);
	fdb_destroy(f);
}

/* A port that invents addresses fills its share, and pushes out nobody else's. */
static void test_flood_hurts_nobody_else(void **state)
{
	struct fdb *f = fdb_create(AGEING);
	uint32_t i, news = 0, full = 0, found = 0;
	uint8_t m[6];

	(void)state;
	for (i = 0; i < 500; i++)
		assert_int_equal(fdb_learn(f, 1, mac(m, i), 1, T0), FDB_NEW);
	for (i = 1000; i < 101000; i++)
		switch (fdb_learn(f, 1, mac(m, i), 2, T0 + 1)) {
		case FDB_NEW:
			news++;
			break;
		case FDB_FULL:
			full++;
			break;
		default:
			fail();
		}
	for (i = 0; i < 500; i++)
		assert_int_equal(fdb_lookup(f, 1, mac(m, i), T0 + 1), 1);
	for (i = 1000; i < 101000; i++)
		found += fdb_lookup(f, 1, mac(m, i), T0 + 1) == 2;
	assert_true(found <= FDB_PORT_SHARE);
	assert_true(news >= found && full > 0);
	/* What it held is free again when it has gone. */
	fdb_flush_port(f, 2);
	assert_int_equal(fdb_learn(f, 1, mac(m, 1000), 2, T0 + 2), FDB_NEW);
	fdb_destroy(f);
}

/* One that knows the hash and got there first cannot keep an address out: every frame to it would be flooded, to whoever listens. */
static void test_no_port_fills_a_set(void **state)
{
	struct fdb *f = fdb_create(AGEING);
	uint64_t key, victim = UINT64_C(1) << 48 | 7; /* as fdb.c makes them: VLAN 1, address 00:..:07 */
	uint8_t m[6] = {0, 0, 0, 0, 0, 7};
	uint32_t i, n = 0;

	(void)state;
	for (i = 8; n < 64; i++) {
		uint8_t other[6] = {0, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

		key = UINT64_C(1) << 48 | i;
		if ((key * UINT64_C(0x9e3779b97f4a7c15)) >> 54 != (victim * UINT64_C(0x9e3779b97f4a7c15)) >> 54)
			continue;
		assert_int_equal(fdb_learn(f, 1, other, 2, T0 + n), FDB_NEW);
		n++;
	}
	assert_int_equal(fdb_learn(f, 1, m, 1, T0 + n), FDB_NEW);
	assert_int_equal(fdb_lookup(f, 1, m, T0 + n), 1);
	fdb_destroy(f);
}

TEST_GROUP("vnet/fdb",
	cmocka_unit_test(test_learn_and_look_up),
	cmocka_unit_test(test_ageing_and_steps),
	cmocka_unit_test(test_flood_hurts_nobody_else),
	cmocka_unit_test(test_no_port_fills_a_set),
)
