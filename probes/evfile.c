/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/evfile.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain_file.h"
#include "base/printable.h"
#include "probes/evwriter.h"

#define SPENT_MAX 8u	/* times that a byte is looked at for a block that is none, on average; see look() */
#define SEEN_BITS 64	/* so many blocks back, one that comes late is told from one that comes again */

static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "struct event is written as it lies in memory");

const char *const event_names[EV_COUNT] = {
#define X(id, name, family, who, help) [EV_##id] = name,
	EVENT_KINDS(X)
#undef X
};

static const uint8_t families[EV_COUNT] = {
#define X(id, name, family, who, help) [EV_##id] = EVENT_##family,
	EVENT_KINDS(X)
#undef X
};

/* What of an event is a name and a number; else it is six edges. */
static bool has_who(uint16_t kind)
{
	return kind != EV_TX && kind != EV_RX;
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, 4);
	return le32toh(v);
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

struct evreader {
	struct evreader_conf conf;
	struct evreader_stat stat;
	uint64_t offset;	/* in the stream, of buf[0] */
	uint64_t spent;		/* bytes that were summed up for nothing */
	uint64_t damage_at;	/* offset of the stretch that is being skipped */
	bool skipping;
	bool begun;		/* a block was seen: stream and next hold */
	uint16_t stream;
	uint32_t next;		/* the number that the next block has */
	uint64_t seen;		/* bit i: block next - 1 - i has come */
	size_t n;		/* bytes in buf */
	uint8_t buf[2 * (EVFILE_HEAD + EVFILE_MAX) + 1];	/* and room for a NUL behind META */
};

struct evreader *evreader_create(const struct evreader_conf *conf)
{
	struct evreader *r = calloc(1, sizeof(*r));

	if (r)
		r->conf = *conf;
	return r;
}

void evreader_destroy(struct evreader *r)
{
	free(r);
}

const struct evreader_stat *evreader_stat(const struct evreader *r)
{
	return &r->stat;
}

static void tell(struct evreader *r, uint64_t offset, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void tell(struct evreader *r, uint64_t offset, const char *fmt, ...)
{
	struct why why = { "" };
	va_list ap;

	if (!r->conf.on_trouble)
		return;
	va_start(ap, fmt);
	vsnprintf(why.text, sizeof(why.text), fmt, ap);
	va_end(ap);
	r->conf.on_trouble(r->conf.ctx, offset, why.text);
}

static bool instant(int64_t t)
{
	return t >= 0 && t <= EVFILE_T_MAX;
}

static bool plausible(const struct event *e)
{
	if (!instant(e->t) || !instant(e->t_end) || (e->t_end < e->t && e->kind != EV_CLOCK))
		return false;
	return (e->kind != EV_SYNC && e->kind != EV_CLOCK) || e->arg <= EVFILE_T_MAX;
}

static void event(struct evreader *r, const uint8_t *at)
{
	struct event e;

	memcpy(&e, at, sizeof(e));
	if (e.kind == EV_NONE)
		return;
	if (e.kind >= EV_COUNT) {
		r->stat.unknown++;
		return;
	}
	/* An edge-less mark or frame may leave t_end empty. */
	if (families[e.kind] != EVENT_SPAN && !e.t_end)
		e.t_end = e.t;
	if (!plausible(&e)) {
		r->stat.invalid++;
		return;
	}
	if (has_who(e.kind)) {
		e.who[EVENT_WHO - 1] = '\0';
		printable(e.who);
	}
	r->stat.events++;
	if (e.kind == EV_LOST)
		r->stat.lost += e.arg;
	r->conf.on_event(r->conf.ctx, &e);
}

/* Is the block of this number to be delivered? */
static bool order(struct evreader *r, uint16_t stream, uint32_t seq)
{
	uint32_t ahead = seq - r->next, behind = r->next - seq;	/* one of them is small */

	if (!r->begun || stream != r->stream) {
		if (r->begun) {
			r->stat.restarts++;
			r->stat.ended = false;
			tell(r, r->offset, "the writer began anew");
			if (r->conf.on_restart)
				r->conf.on_restart(r->conf.ctx);
		}
		r->begun = true;
		r->stream = stream;
		r->next = seq + 1;
		r->seen = 1;
		return true;
	}
	if (ahead < UINT32_MAX / 2) {
		if (ahead) {
			r->stat.missing += ahead;
			tell(r, r->offset, "%" PRIu32 " blocks are missing: %" PRIu32 " comes after %" PRIu32, ahead, seq, r->next - 1);
		}
		r->seen = ahead + 1 < SEEN_BITS ? r->seen << (ahead + 1) | 1 : 1;
		r->next = seq + 1;
		return true;
	}
	if (behind > SEEN_BITS || r->seen >> (behind - 1) & 1) {
		r->stat.duplicated++;
		tell(r, r->offset, "block %" PRIu32 " came again, or far too late: thrown away", seq);
		return false;
	}
	r->seen |= UINT64_C(1) << (behind - 1);
	r->stat.reordered++;
	r->stat.missing -= r->stat.missing > 0;
	tell(r, r->offset, "block %" PRIu32 " comes after %" PRIu32, seq, r->next - 1);
	return true;
}

static void whole_block(struct evreader *r, uint8_t *at, uint32_t bytes)
{
	uint8_t *content = at + EVFILE_HEAD, behind = content[bytes];

	r->stat.blocks++;
	if (!order(r, get16(at + 6), get32(at + 8)))
		return;
	switch (get16(at + 4)) {
	case EVFILE_META:
		content[bytes] = '\0';
		if (r->conf.on_meta)
			r->conf.on_meta(r->conf.ctx, (char *)content);
		content[bytes] = behind;
		break;
	case EVFILE_EVENTS:
		for (uint32_t i = 0; i + sizeof(struct event) <= bytes; i += sizeof(struct event))
			event(r, content + i);
		break;
	case EVFILE_END:
		r->stat.ended = true;
		break;
	}	/* a type that a later version may have: skipped */
}

static void end_damage(struct evreader *r)
{
	if (!r->skipping)
		return;
	r->skipping = false;
	r->stat.damaged++;
	r->stat.damaged_bytes += r->offset - r->damage_at;
	tell(r, r->damage_at, "%" PRIu64 " bytes are no whole block: skipped", r->offset - r->damage_at);
}

static void begin_damage(struct evreader *r)
{
	if (!r->skipping)
		r->damage_at = r->offset;
	r->skipping = true;
}

/*
 * What buf + at begins with: bytes to go on by, 0: too few to say; *bad: these are no block. A block may lie in what another, which is none, claims
 * for itself, so the search goes on right behind its magic; unless a stream consists of such claims, each of which would be summed up: then behind the claim.
 */
static size_t look(struct evreader *r, const uint8_t *at, size_t n, bool *bad)
{
	uint32_t magic = EVFILE_MAGIC, bytes;
	const uint8_t *next;

	*bad = true;
	if (memcmp(at, &magic, n < 4 ? n : 4)) {
		next = n > 1 ? memchr(at + 1, EVFILE_MAGIC & 0xff, n - 1) : NULL;
		return next ? (size_t)(next - at) : n;
	}
	*bad = false;
	if (n < EVFILE_HEAD)
		return 0;
	bytes = get32(at + 12);
	if (bytes > EVFILE_MAX || (get16(at + 4) == EVFILE_EVENTS && bytes % sizeof(struct event))) {
		*bad = true;
		return 1;
	}
	if (n < EVFILE_HEAD + bytes)
		return 0;
	if (evfile_crc(at, bytes) == get32(at + EVFILE_CRC_AT))
		return EVFILE_HEAD + bytes;
	*bad = true;
	r->spent += bytes;
	return r->spent <= SPENT_MAX * r->stat.bytes + EVFILE_MAX ? 1 : EVFILE_HEAD + bytes;
}

/* Go through buf; last: nothing follows, so that a block which wants more is none. */
static void work(struct evreader *r, bool last)
{
	size_t at = 0;

	while (at < r->n) {
		bool bad;
		size_t go = look(r, r->buf + at, r->n - at, &bad);

		if (!go && !last)
			break;
		if (!go || bad) {
			begin_damage(r);
			go = go ? go : 1;
		} else {
			end_damage(r);
			whole_block(r, r->buf + at, (uint32_t)(go - EVFILE_HEAD));
		}
		at += go;
		r->offset += go;
	}
	memmove(r->buf, r->buf + at, r->n - at);
	r->n -= at;
}

void evreader_feed(struct evreader *r, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	r->stat.bytes += n;
	while (n) {
		size_t room = sizeof(r->buf) - 1 - r->n, take = n < room ? n : room;

		memcpy(r->buf + r->n, from, take);
		r->n += take;
		from += take;
		n -= take;
		work(r, false);
	}
}

void evreader_finish(struct evreader *r)
{
	work(r, true);
	end_damage(r);
}

int evfile_read(const char *path, const struct evreader_conf *conf, struct evreader_stat *stat, struct why *why)
{
	uint8_t bytes[16384];
	struct evreader *r = NULL;
	FILE *f = plain_file_open(path, why);
	size_t n;
	int rc = 0;

	if (!f)
		return -errno;
	r = evreader_create(conf);
	if (!r) {
		rc = why_fail(why, ENOMEM, "out of memory");
		goto out;
	}
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		evreader_feed(r, bytes, n);
	if (ferror(f))
		rc = why_fail(why, errno ?: EIO, "%s: %s", path, strerror(errno ?: EIO));
	evreader_finish(r);
	if (stat)
		*stat = r->stat;
	if (!rc && !r->stat.blocks)
		rc = why_fail(why, ENODATA, "%s: none of its %" PRIu64 " bytes is an event that can be read: is it a file that takt guest or takt host wrote?",
			      path, r->stat.bytes);
out:
	evreader_destroy(r);
	fclose(f);
	return rc;
}
