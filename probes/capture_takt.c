/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/capture_takt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probes/tai.h"

#define BATCH 256

struct capture_takt_held {
	struct pkt rec;
	uint64_t key;
	int64_t t_read;	/* CLOCK_MONOTONIC */
};

int capture_takt_open(struct capture_takt *c, const char *name, uint32_t snaplen, struct why *why)
{
	int err;

	memset(c, 0, sizeof(*c));
	err = records_open(&c->records, name, false, why);
	if (err)
		return err;
	port_names_read(&c->ports, &c->records);
	c->tai_offset_s = tai_offset_of(name);
	if (!snaplen)
		return 0;
	c->bytes = bytes_create(snaplen);
	c->held = malloc(CAPTURE_TAKT_HELD * sizeof(*c->held));
	return c->bytes && c->held ? 0 : why_fail(why, ENOMEM, "out of memory: give a smaller --snaplen");
}

void capture_takt_begin(struct capture_takt *c, struct pcapng *file)
{
	taps_init(&c->taps, file, &c->ports, false, "stamps: TAI ns of taktd's clock, the same that its gates go by");
}

void capture_takt_close(struct capture_takt *c)
{
	if (c->records.shm)
		records_close(&c->records);
	bytes_destroy(c->bytes);
	free(c->held);
	c->bytes = NULL;
	c->held = NULL;
}

static void write_frame(struct capture_takt *c, const struct pkt *rec, uint64_t key, uint64_t limit)
{
	const uint8_t *data = NULL;
	uint32_t caplen = 0;
	struct way w;

	if (limit && c->frames >= limit)
		return;
	if (c->bytes)
		data = bytes_find(c->bytes, key, &caplen);
	way_init(&w, rec, key);
	taps_write(&c->taps, &w, data, caplen);
	c->frames++;
}

/* First come, first written: a frame whose bytes are there waits behind one that still hopes. */
static void release(struct capture_takt *c, int64_t now, uint64_t limit, bool last)
{
	uint32_t caplen;

	for (; c->n; c->first = (c->first + 1) % CAPTURE_TAKT_HELD, c->n--) {
		const struct capture_takt_held *h = &c->held[c->first];

		if (!last && c->n < CAPTURE_TAKT_HELD && h->key && now - h->t_read < CAPTURE_TAKT_HOLD_NS && !bytes_find(c->bytes, h->key, &caplen))
			return;
		write_frame(c, &h->rec, h->key, limit);
	}
}

void capture_takt_read(struct capture_takt *c, int64_t now, uint64_t limit, bool last)
{
	struct pkt batch[BATCH];
	uint64_t keys[BATCH];
	uint32_t i, n;

	while ((n = records_read(&c->records, batch, keys, BATCH)))
		for (i = 0; i < n; i++) {
			if (!c->held) {
				write_frame(c, &batch[i], keys[i], limit);
				continue;
			}
			if (c->n == CAPTURE_TAKT_HELD)
				release(c, now, limit, false);
			c->held[(c->first + c->n++) % CAPTURE_TAKT_HELD] = (struct capture_takt_held){ batch[i], keys[i], now };
		}
	if (c->held)
		release(c, now, limit, last);
}
