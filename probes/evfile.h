/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evfile: events as a stream of bytes: a file, a serial line, a socket, or datagrams of one block each. docs/formats.md has the layout, evwriter.h
 * the other end.
 *
 * A stream is a sequence of blocks, little-endian:
 *
 *	0  magic	uint32, EVFILE_MAGIC
 *	4  type		uint16, enum evfile_type
 *	6  stream	uint16, any number, the same in all blocks of a stream: another one says that its writer began anew
 *	8  seq		uint32, of this stream, from 0: a gap is lost blocks, a step back a reordered one
 *	12 bytes	uint32, of what follows, at most EVFILE_MAX
 *	16 crc		uint32, zlib's crc32 of the 16 bytes before and of what follows
 *	20 ...		META: one JSON object; EVENTS: struct event, as many as there are
 *
 * EVENTS and END fit block_max of their writer; META may be as long as EVFILE_MAX (as a datagram, IP cuts it up).
 * META comes first and again at least every second, so that a reader may join a stream that runs: who writes (`source`: guest or host, `name`,
 * `kernel`, `clock`, `version`), and the coverage table: for each point its name, hop, `live` and why not.
 *
 * The reader trusts nothing: a block that is cut off, damaged or out of order is told with its offset, then it looks for the next magic; all
 * that is whole is delivered, once (but what hides in thousands of claims to be a block). What it delivers may be reckoned with: kinds are known,
 * 0 <= t, t_end <= EVFILE_T_MAX, t <= t_end (but for EV_CLOCK), `who` is printable and ends. An event that is not like that is counted as invalid and
 * left out. One thread per reader.
 */
#ifndef TAKT_PROBES_EVFILE_H
#define TAKT_PROBES_EVFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "probes/event.h"

#define EVFILE_MAGIC 0x316b6174u	/* "tak1" */
#define EVFILE_HEAD  20u		/* bytes */
#define EVFILE_CRC_AT 16u		/* where in the header */
#define EVFILE_MAX   65536u		/* bytes of a block's content */
#define EVFILE_T_MAX (INT64_MAX / 4)	/* ns: sums and differences of a few instants do not overflow */
#define EVFILE_MTU   1400u		/* bytes of a block, header included, where it must fit a datagram */

enum evfile_type { EVFILE_META = 1, EVFILE_EVENTS = 2, EVFILE_END = 3 };	/* END: written in good order, nothing follows */

struct evreader_stat {
	uint64_t bytes, blocks, events;
	uint64_t damaged;		/* stretches of bytes that were no whole block */
	uint64_t damaged_bytes;
	uint64_t missing;		/* blocks that are not there, by their numbers */
	uint64_t reordered;		/* blocks that came after a later one; their events are delivered, and they count as missing no more */
	uint64_t duplicated;		/* blocks that came again; thrown away */
	uint64_t restarts;		/* times that the writer began anew */
	uint64_t unknown;		/* events of a kind that this version does not know */
	uint64_t invalid;		/* events that cannot be: see above */
	uint64_t lost;			/* events that the source says it lost (EV_LOST) */
	bool ended;			/* in good order */
};

struct evreader;

/* Events come in the order of the stream; a trouble with the offset of the first byte concerned. */
typedef void evreader_meta_fn(void *ctx, const char *json);
typedef void evreader_trouble_fn(void *ctx, uint64_t offset, const char *sentence);
typedef void evreader_restart_fn(void *ctx);

struct evreader_conf {
	event_fn *on_event;
	evreader_meta_fn *on_meta;		/* may be NULL */
	evreader_trouble_fn *on_trouble;	/* may be NULL */
	evreader_restart_fn *on_restart;	/* may be NULL; the writer began anew: its clock may be another, META follows */
	void *ctx;
};

struct evreader *evreader_create(const struct evreader_conf *conf);	/* NULL: no memory */
void evreader_destroy(struct evreader *r);
void evreader_feed(struct evreader *r, const void *bytes, size_t n);	/* any cut */
void evreader_finish(struct evreader *r);				/* no more bytes, or the line broke: what is left over is cut off */
const struct evreader_stat *evreader_stat(const struct evreader *r);

/* A whole file; -errno and a sentence when it cannot be read, or has no single whole block. Damage is no failure: it is told and counted. */
int evfile_read(const char *path, const struct evreader_conf *conf, struct evreader_stat *stat, struct why *why);

extern const char *const event_names[EV_COUNT];

#endif
