/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/evwriter.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>

static void put32(uint8_t *at, uint32_t v)
{
	v = htole32(v);
	memcpy(at, &v, 4);
}

static void put16(uint8_t *at, uint16_t v)
{
	v = htole16(v);
	memcpy(at, &v, 2);
}

uint32_t evfile_crc(const uint8_t *block, uint32_t bytes)
{
	return (uint32_t)crc32(crc32(0, block, EVFILE_CRC_AT), block + EVFILE_HEAD, bytes);
}

void evwriter_init(struct evwriter *w, evfile_write_fn *write, void *ctx, uint16_t stream, uint32_t block_max)
{
	if (!block_max || block_max > EVFILE_HEAD + EVFILE_MAX)
		block_max = EVFILE_HEAD + EVFILE_MAX;
	if (block_max < EVFILE_HEAD + sizeof(struct event))
		block_max = EVFILE_HEAD + sizeof(struct event);
	*w = (struct evwriter){ .write = write, .ctx = ctx, .stream = stream, .block_max = block_max };
}

/* The content is in buf already. */
static int block(struct evwriter *w, uint16_t type, uint32_t bytes)
{
	int rc;

	put32(w->buf, EVFILE_MAGIC);
	put16(w->buf + 4, type);
	put16(w->buf + 6, w->stream);
	put32(w->buf + 8, w->seq++);	/* of a block that cannot be written too: its reader will miss it */
	put32(w->buf + 12, bytes);
	put32(w->buf + EVFILE_CRC_AT, evfile_crc(w->buf, bytes));
	rc = w->write(w->ctx, w->buf, EVFILE_HEAD + bytes);
	if (rc && !w->error)
		w->error = rc;
	return rc;
}

void evwriter_flush(struct evwriter *w)
{
	uint32_t n = w->n;

	if (!n)
		return;
	w->n = 0;
	if (block(w, EVFILE_EVENTS, n * (uint32_t)sizeof(struct event)))
		w->lost += n;
	else
		w->events += n;
}

void evwriter_add(struct evwriter *w, const struct event *e)
{
	memcpy(w->buf + EVFILE_HEAD + w->n++ * sizeof(*e), e, sizeof(*e));
	if (EVFILE_HEAD + (w->n + 1) * sizeof(*e) > w->block_max)
		evwriter_flush(w);
}

void evwriter_meta(struct evwriter *w, const char *json)
{
	size_t bytes = strlen(json);

	evwriter_flush(w);
	if (bytes > EVFILE_MAX) {
		w->error = w->error ?: -EMSGSIZE;
		return;
	}
	memcpy(w->buf + EVFILE_HEAD, json, bytes);
	block(w, EVFILE_META, (uint32_t)bytes);
}

int evwriter_end(struct evwriter *w)
{
	evwriter_flush(w);
	block(w, EVFILE_END, 0);
	return w->error;
}
