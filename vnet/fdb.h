/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fdb: which port a station is behind (802.1Q-2022 8.7, 8.8): learned per VLAN, aged, bounded.
 *
 * A fixed table of sets of four. A full set gives up an aged entry, then the learning port's own oldest one; never another port's:
 * a guest that invents addresses pushes out nobody else's. Each port may hold FDB_PORT_SHARE entries.
 * Owned by one worker; nothing is allocated after fdb_create().
 */
#ifndef TAKT_VNET_FDB_H
#define TAKT_VNET_FDB_H

#include <stdint.h>

#include "vnet/pkt.h"

#define FDB_SETS       1024
#define FDB_WAYS       8
#define FDB_WAYS_SHARE 4    /* of one set, for one port: who knows the hash cannot keep an address out */
#define FDB_PORT_SHARE 1024 /* entries a port may hold */

enum fdb_learned { FDB_KNOWN, FDB_NEW, FDB_MOVED, FDB_FULL };

struct fdb;

struct fdb *fdb_create(int64_t ageing_ns); /* NULL: out of memory */
void fdb_destroy(struct fdb *f);

/* A frame from `mac` (6 bytes, not a group address) came in at `port` in VLAN `vid`. */
enum fdb_learned fdb_learn(struct fdb *f, uint16_t vid, const uint8_t *mac, uint8_t port, int64_t now);

/* The port, or PKT_NO_PORT when not known (or aged). */
uint8_t fdb_lookup(const struct fdb *f, uint16_t vid, const uint8_t *mac, int64_t now);

void fdb_flush_port(struct fdb *f, uint8_t port);
void fdb_shift(struct fdb *f, int64_t delta); /* the clock moved */

#endif
