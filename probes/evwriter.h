/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evwriter: writes a stream of events (evfile.h).
 *
 * A block that cannot be written is lost, and its number with it, so that the reader sees that. One thread per writer.
 */
#ifndef TAKT_PROBES_EVWRITER_H
#define TAKT_PROBES_EVWRITER_H

#include <stddef.h>
#include <stdint.h>

#include "probes/evfile.h"

/* Write a whole block; -errno. Called with one block a call, never with part of one. */
typedef int evfile_write_fn(void *ctx, const void *block, size_t bytes);

struct evwriter {
	evfile_write_fn *write;
	void *ctx;
	uint32_t seq;
	uint16_t stream;
	uint32_t block_max;		/* bytes of a block */
	uint32_t n;			/* events that wait in buf */
	uint64_t events, lost;		/* written; thrown away because write() failed */
	int error;			/* -errno of the first failed write, 0 so far */
	uint8_t buf[EVFILE_HEAD + EVFILE_MAX];
};

/* stream: a number that differs from that of the writer before, on the same line. block_max: EVFILE_MTU, or 0 for the largest. */
void evwriter_init(struct evwriter *w, evfile_write_fn *write, void *ctx, uint16_t stream, uint32_t block_max);
void evwriter_add(struct evwriter *w, const struct event *e);	/* flushes when a block is full */
void evwriter_flush(struct evwriter *w);
void evwriter_meta(struct evwriter *w, const char *json);	/* flushes, then writes it; longer than EVFILE_MAX: -EMSGSIZE is kept in error */
int evwriter_end(struct evwriter *w);				/* flush, END; the first error */

/* What a block of so many bytes of content has at EVFILE_CRC_AT. */
uint32_t evfile_crc(const uint8_t *block, uint32_t bytes);

#endif
