/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/fdb.h"

#include <string.h>

#include "tests/unit/test.h"

#define AGEING	 INT64_C(1000)
#define VICTIMS	 300
#define ATTACKER 8 /* ports 0..7 attack, 8 more than fill the table */

/* The i-th address of a port: no two are the same, and neighbours share nothing but the first byte. */
static const uint8_t *address(uint8_t mac[6], uint8_t port, uint32_t i)
{
	uint64_t seed = ((uint64_t)port + 1) << 32 | i;
	uint64_t bits = test_random(&seed);

	memcpy(mac + 1, &bits, 5);
	mac[0] = (uint8_t)(port << 1);
	return mac;
}

static int setup(void **state)
{
	*state = fdb_create(AGEING);
	return !*state;
}

static int teardown(void **state)
{
	fdb_destroy(*state);
	return 0;
}

static void test_learned_per_vlan(void **state)
{
	static const uint8_t a[6] = {2, 0, 0, 0, 0, 1}, b[6] = {2, 0, 0, 0, 0, 2};
	struct fdb *f = *state;

	assert_int_equal(fdb_lookup(f, 1, a, 0), PKT_NO_PORT);
	assert_int_equal(fdb_learn(f, 1, a, 3, 0), FDB_NEW);
	assert_int_equal(fdb_learn(f, 1, a, 3, 1), FDB_KNOWN);
	assert_int_equal(fdb_learn(f, 2, a, 4, 1), FDB_NEW);
	assert_int_equal(fdb_lookup(f, 1, a, 2), 3);
	assert_int_equal(fdb_lookup(f, 2, a, 2), 4);
	assert_int_equal(fdb_lookup(f, 3, a, 2), PKT_NO_PORT);
	assert_int_equal(fdb_lookup(f, 1, b, 2), PKT_NO_PORT);
}

static void test_ages_and_is_refreshed(void **state)
{
	static const uint8_t a[6] = {2, 0, 0, 0, 0, 1};
	struct fdb *f = *state;

	fdb_learn(f, 1, a, 3, 0);
	assert_int_equal(fdb_lookup(f, 1, a, AGEING), 3);
	assert_int_equal(fdb_lookup(f, 1, a, AGEING + 1), PKT_NO_PORT);
	assert_int_equal(fdb_learn(f, 1, a, 3, AGEING), FDB_KNOWN);
	assert_int_equal(fdb_lookup(f, 1, a, 2 * AGEING), 3);
	assert_int_equal(fdb_lookup(f, 1, a, 2 * AGEING + 1), PKT_NO_PORT);
}

static void test_moves(void **state)
{
	static const uint8_t a[6] = {2, 0, 0, 0, 0, 1};
	struct fdb *f = *state;

	fdb_learn(f, 1, a, 3, 0);
	assert_int_equal(fdb_learn(f, 1, a, 4, 10), FDB_MOVED);
	assert_int_equal(fdb_lookup(f, 1, a, 10), 4);
	assert_int_equal(fdb_learn(f, 1, a, 3, 11 + AGEING), FDB_NEW);	/* nobody knew it any more */
	assert_int_equal(fdb_lookup(f, 1, a, 11 + AGEING), 3);
}

static void test_flush_takes_one_port(void **state)
{
	static const uint8_t a[6] = {2, 0, 0, 0, 0, 1}, b[6] = {2, 0, 0, 0, 0, 2};
	struct fdb *f = *state;

	fdb_learn(f, 1, a, 3, 0);
	fdb_learn(f, 1, b, 4, 0);
	fdb_flush_port(f, 3);
	assert_int_equal(fdb_lookup(f, 1, a, 0), PKT_NO_PORT);
	assert_int_equal(fdb_lookup(f, 1, b, 0), 4);
}

static void test_shift_keeps_ages(void **state)
{
	static const uint8_t a[6] = {2, 0, 0, 0, 0, 1};
	struct fdb *f = *state;

	fdb_learn(f, 1, a, 3, 100);
	fdb_shift(f, 50000);
	assert_int_equal(fdb_lookup(f, 1, a, 50100 + AGEING), 3);
	assert_int_equal(fdb_lookup(f, 1, a, 50101 + AGEING), PKT_NO_PORT);
	fdb_shift(f, -60000);
	assert_int_equal(fdb_lookup(f, 1, a, -9900 + AGEING), 3);
	assert_int_equal(fdb_lookup(f, 1, a, -9899 + AGEING), PKT_NO_PORT);
}

static uint32_t known(const struct fdb *f, uint8_t port, uint32_t n, int64_t now)
{
	uint32_t hits = 0, i;
	uint8_t mac[6];

	for (i = 0; i < n; i++)
		hits += fdb_lookup(f, 1, address(mac, port, i), now) == port;
	return hits;
}

static uint32_t flood(struct fdb *f, uint8_t port, uint32_t n, int64_t now)
{
	uint32_t full = 0, i;
	uint8_t mac[6];

	for (i = 0; i < n; i++)
		full += fdb_learn(f, 1, address(mac, port, i), port, now) == FDB_FULL;
	return full;
}

static void test_a_port_has_its_share(void **state)
{
	static const uint8_t theirs[6] = {0xfe, 0, 0, 0, 0, 1};
	struct fdb *f = *state;
	uint8_t mac[6];

	fdb_learn(f, 1, theirs, 9, 0);
	assert_true(flood(f, 0, 5000, 0) > 0);
	assert_int_equal(known(f, 0, 5000, 0), FDB_PORT_SHARE);
	/* Nor can it take what is another's. */
	assert_int_equal(fdb_learn(f, 1, theirs, 0, 0), FDB_FULL);
	assert_int_equal(fdb_lookup(f, 1, theirs, 0), 9);
	/* What moves away makes room: exactly one. */
	assert_int_equal(fdb_learn(f, 1, address(mac, 0, 0), 9, 0), FDB_MOVED);
	assert_int_equal(fdb_learn(f, 1, theirs, 0, 0), FDB_MOVED);
	flood(f, 0, 5000, 0);
	fdb_flush_port(f, 0);
	assert_int_equal(known(f, 0, 5000, 0), 0);
	flood(f, 0, 5000, 0);
	assert_int_equal(known(f, 0, 5000, 0), FDB_PORT_SHARE);
}

static void test_floods_push_out_nobody_else(void **state)
{
	struct fdb *f = *state;
	uint8_t port, mac[6];
	uint32_t i;

	assert_int_equal(flood(f, ATTACKER, VICTIMS, 0), 0);
	assert_int_equal(known(f, ATTACKER, VICTIMS, 0), VICTIMS);
	for (port = 0; port < ATTACKER; port++)
		flood(f, port, 20000, 1);
	assert_int_equal(known(f, ATTACKER, VICTIMS, 1), VICTIMS);
	for (i = 0; i < VICTIMS; i++)
		assert_int_equal(fdb_learn(f, 1, address(mac, ATTACKER, i), ATTACKER, 1), FDB_KNOWN);
	/* When the attackers' have aged, there is room again. */
	assert_true(flood(f, ATTACKER, FDB_PORT_SHARE, 1) > 0);
	assert_int_equal(flood(f, ATTACKER, FDB_PORT_SHARE, 2 + AGEING), 0);
}

/* One that knows the hash and got there first cannot keep an address out: every frame to it would be flooded, to whoever listens. */
static void test_no_port_fills_a_set(void **state)
{
	const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15), vlan = UINT64_C(1) << 48;	/* as fdb.c makes keys and sets of them */
	uint8_t victim[6] = {0, 0, 0, 0, 0, 7};
	uint32_t i, n = 0;

	for (i = 8; n < 64; i++) {
		uint8_t other[6] = {0, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

		if (((vlan | i) * golden) >> 54 != ((vlan | 7) * golden) >> 54)
			continue;
		assert_int_equal(fdb_learn(*state, 1, other, 2, n), FDB_NEW);
		n++;
	}
	assert_int_equal(fdb_learn(*state, 1, victim, 1, n), FDB_NEW);
	assert_int_equal(fdb_lookup(*state, 1, victim, n), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST_GROUP("vnet/fdb",
	TEST(test_learned_per_vlan),
	TEST(test_ages_and_is_refreshed),
	TEST(test_moves),
	TEST(test_flush_takes_one_port),
	TEST(test_shift_keeps_ages),
	TEST(test_a_port_has_its_share),
	TEST(test_no_port_fills_a_set),
	TEST(test_floods_push_out_nobody_else),
)
