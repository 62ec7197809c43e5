/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/fdb.h"

#include <stdlib.h>
#include <string.h>

#define NOBODY UINT64_MAX /* no key has its upper four bits set: vid < 4096 */

struct fdb_entry {
	uint64_t key; /* vid << 48 | mac */
	int64_t t_seen;
	uint8_t port;
};

struct fdb {
	int64_t ageing_ns;
	uint32_t held[PKT_MAX_PORTS];
	struct fdb_entry entry[FDB_SETS][FDB_WAYS];
};

static uint64_t key_of(uint16_t vid, const uint8_t *mac)
{
	uint64_t key = vid;
	int i;

	for (i = 0; i < 6; i++)
		key = key << 8 | mac[i];
	return key;
}

/* Fibonacci hashing: the upper bits of the product are well mixed. */
static uint32_t set_of(uint64_t key)
{
	static_assert(FDB_SETS == 1 << 10, "the shift below takes ten bits");
	return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - 10));
}

struct fdb *fdb_create(int64_t ageing_ns)
{
	struct fdb *f = calloc(1, sizeof(*f));
	struct fdb_entry *e;
	uint32_t i;

	if (!f)
		return NULL;
	f->ageing_ns = ageing_ns;
	for (i = 0, e = f->entry[0]; i < FDB_SETS * FDB_WAYS; i++)
		e[i].key = NOBODY;
	return f;
}

void fdb_destroy(struct fdb *f)
{
	free(f);
}

static struct fdb_entry *find(struct fdb_entry *set, uint64_t key)
{
	int i;

	for (i = 0; i < FDB_WAYS; i++)
		if (set[i].key == key)
			return &set[i];
	return NULL;
}

/* The entry a new address may have: a free one or an aged one, unless the port has its share of the set; else the oldest of its own. */
static struct fdb_entry *victim(const struct fdb *f, struct fdb_entry *set, uint8_t port, int64_t now)
{
	struct fdb_entry *spare = NULL, *own = NULL;
	int owned = 0;
	int i;

	for (i = 0; i < FDB_WAYS; i++) {
		if (set[i].key == NOBODY) {
			spare = &set[i];
			continue;
		}
		if (!spare && now - set[i].t_seen > f->ageing_ns)
			spare = &set[i];
		if (set[i].port != port)
			continue;
		owned++;
		if (!own || set[i].t_seen < own->t_seen)
			own = &set[i];
	}
	return spare && owned < FDB_WAYS_SHARE ? spare : own;
}

enum fdb_learned fdb_learn(struct fdb *f, uint16_t vid, const uint8_t *mac, uint8_t port, int64_t now)
{
	uint64_t key = key_of(vid, mac);
	struct fdb_entry *set = f->entry[set_of(key)];
	struct fdb_entry *e = find(set, key);
	enum fdb_learned what = FDB_NEW;

	if (e && e->port == port) {
		e->t_seen = now;
		return FDB_KNOWN;
	}
	if (e) {
		what = now - e->t_seen > f->ageing_ns ? FDB_NEW : FDB_MOVED;
	} else {
		e = victim(f, set, port, now);
		if (!e)
			return FDB_FULL;
	}
	if (!(e->key != NOBODY && e->port == port) && f->held[port] >= FDB_PORT_SHARE)
		return FDB_FULL;
	if (e->key != NOBODY)
		f->held[e->port]--;
	*e = (struct fdb_entry){.key = key, .t_seen = now, .port = port};
	f->held[port]++;
	return what;
}

uint8_t fdb_lookup(const struct fdb *f, uint16_t vid, const uint8_t *mac, int64_t now)
{
	uint64_t key = key_of(vid, mac);
	const struct fdb_entry *e = find((struct fdb_entry *)f->entry[set_of(key)], key);

	return e && now - e->t_seen <= f->ageing_ns ? e->port : PKT_NO_PORT;
}

void fdb_flush_port(struct fdb *f, uint8_t port)
{
	struct fdb_entry *e = f->entry[0];
	uint32_t i;

	for (i = 0; i < FDB_SETS * FDB_WAYS; i++)
		if (e[i].key != NOBODY && e[i].port == port)
			e[i].key = NOBODY;
	f->held[port] = 0;
}

void fdb_shift(struct fdb *f, int64_t delta)
{
	struct fdb_entry *e = f->entry[0];
	uint32_t i;

	for (i = 0; i < FDB_SETS * FDB_WAYS; i++)
		e[i].t_seen += delta;
}
