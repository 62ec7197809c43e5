/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/bytes.h"

#include <stdlib.h>
#include <string.h>

#define ROOM	  (64u << 20)	/* bytes of all frames, at most */
#define SLOTS_MAX (1u << 16)
#define SLOTS_MIN (1u << 10)

struct slot {
	uint64_t key;
	uint32_t caplen;
};

struct bytes {
	uint32_t snaplen, mask;
	struct slot *slot;
	uint8_t *data;	/* snaplen for each slot */
};

struct bytes *bytes_create(uint32_t snaplen)
{
	struct bytes *b = calloc(1, sizeof(*b));
	uint32_t n = SLOTS_MAX;

	if (!b)
		return NULL;
	while (n > SLOTS_MIN && (uint64_t)n * snaplen > ROOM)
		n /= 2;
	b->snaplen = snaplen;
	b->mask = n - 1;
	b->slot = calloc(n, sizeof(*b->slot));
	b->data = malloc((size_t)n * snaplen);
	if (b->slot && b->data)
		return b;
	bytes_destroy(b);
	return NULL;
}

void bytes_destroy(struct bytes *b)
{
	if (!b)
		return;
	free(b->slot);
	free(b->data);
	free(b);
}

/* The upper half of a numbered key is its sender's, the lower counts: both have to choose the place. */
static uint32_t place(const struct bytes *b, uint64_t key)
{
	return ((uint32_t)key ^ (uint32_t)(key >> 32)) & b->mask;
}

void bytes_put(struct bytes *b, uint64_t key, const uint8_t *data, uint32_t caplen)
{
	uint32_t at = place(b, key);

	b->slot[at].key = key;
	b->slot[at].caplen = caplen < b->snaplen ? caplen : b->snaplen;
	memcpy(b->data + (size_t)at * b->snaplen, data, b->slot[at].caplen);
}

const uint8_t *bytes_find(const struct bytes *b, uint64_t key, uint32_t *caplen)
{
	uint32_t at = place(b, key);

	if (!key || b->slot[at].key != key)
		return NULL;
	*caplen = b->slot[at].caplen;
	return b->data + (size_t)at * b->snaplen;
}
