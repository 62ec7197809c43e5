/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bytes: what captured frames consist of, found again by their key (base/key.h).
 *
 * A table of the latest frames, of fixed size: a frame that shares its place with a later one is forgotten. One thread.
 */
#ifndef TAKT_PROBES_BYTES_H
#define TAKT_PROBES_BYTES_H

#include <stdint.h>

struct bytes;

struct bytes *bytes_create(uint32_t snaplen);	/* bytes kept of each frame, 1 to 65535; NULL: no memory */
void bytes_destroy(struct bytes *b);

void bytes_put(struct bytes *b, uint64_t key, const uint8_t *data, uint32_t caplen);

/* The first bytes of the frame, good until the next bytes_put(); NULL: not (or no more) there. */
const uint8_t *bytes_find(const struct bytes *b, uint64_t key, uint32_t *caplen);

#endif
