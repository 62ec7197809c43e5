/* SPDX-License-Identifier: BSD-3-Clause */
/* Over 400 lines: one stream and who hears it, and a test per thing that can become of it on its way. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "probes/evfile.h"
#include "probes/evwriter.h"

#define BYTES_MAX 300000
#define GOT_MAX	  4096

/* A stream in memory: where its blocks begin, and what a reader made of it. */
struct stream {
	uint8_t bytes[BYTES_MAX];
	size_t n;
	size_t block[512];
	int blocks;
	int fail_from;			/* write() fails from this block on; -1: never */
};

struct got {
	int64_t t[GOT_MAX];
	struct event last;
	int n, metas, troubles, restarts;
	uint64_t offset[64];		/* of the first troubles */
	char meta[200], sentence[200];
	struct evreader_stat stat;
};

static int write_block(void *ctx, const void *block, size_t bytes)
{
	struct stream *s = ctx;

	if (s->fail_from >= 0 && s->blocks >= s->fail_from)
		return -ENOSPC;
	assert_true(s->n + bytes <= sizeof(s->bytes) && s->blocks < 512);
	s->block[s->blocks++] = s->n;
	memcpy(s->bytes + s->n, block, bytes);
	s->n += bytes;
	return 0;
}

static void on_event(void *ctx, const struct event *e)
{
	struct got *g = ctx;

	assert_true(g->n < GOT_MAX);
	g->t[g->n++] = e->t;
	g->last = *e;
}

static void on_meta(void *ctx, const char *json)
{
	struct got *g = ctx;

	g->metas++;
	snprintf(g->meta, sizeof(g->meta), "%s", json);
}

static void on_trouble(void *ctx, uint64_t offset, const char *sentence)
{
	struct got *g = ctx;

	if (g->troubles < 64)
		g->offset[g->troubles] = offset;
	g->troubles++;
	snprintf(g->sentence, sizeof(g->sentence), "%s", sentence);
}

static void on_restart(void *ctx)
{
	((struct got *)ctx)->restarts++;
}

static struct evreader_conf conf_of(struct got *g)
{
	return (struct evreader_conf){ on_event, on_meta, on_trouble, on_restart, g };
}

static void read_cut(struct got *g, const uint8_t *bytes, size_t n, size_t cut)
{
	struct evreader_conf conf = conf_of(g);
	struct evreader *r;

	memset(g, 0, sizeof(*g));
	r = evreader_create(&conf);
	assert_non_null(r);
	for (size_t at = 0; at < n; at += cut)
		evreader_feed(r, bytes + at, n - at < cut ? n - at : cut);
	evreader_finish(r);
	g->stat = *evreader_stat(r);
	evreader_destroy(r);
	assert_int_equal(g->stat.bytes, n);
	assert_int_equal(g->stat.events, g->n);
}

static struct event event_of(int i)
{
	return (struct event){ .t = 1000 + i, .t_end = 2000 + i, .kind = EV_IRQ, .who = "virtio0" };
}

/* META, events 0..n-1 in blocks of `per`, END. */
static void write_stream(struct stream *s, struct evwriter *w, uint16_t id, int n, int per)
{
	s->n = 0;
	s->blocks = 0;
	s->fail_from = -1;
	evwriter_init(w, write_block, s, id, EVFILE_HEAD + (uint32_t)per * 64);
	evwriter_meta(w, "{\"source\":\"guest\"}");
	for (int i = 0; i < n; i++) {
		struct event e = event_of(i);

		evwriter_add(w, &e);
	}
	assert_int_equal(evwriter_end(w), 0);
}

static struct stream s, s2;
static struct evwriter w;
static struct got g;

static void test_what_is_written_is_read(void **state)
{
	(void)state;
	write_stream(&s, &w, 7, 10, 3);
	assert_int_equal(s.blocks, 6);	/* META, 3 + 3 + 3 + 1 events, END */
	for (size_t cut = 1; cut < 200; cut += 13) {
		read_cut(&g, s.bytes, s.n, cut);
		assert_int_equal(g.n, 10);
		for (int i = 0; i < 10; i++)
			assert_int_equal(g.t[i], 1000 + i);
		assert_string_equal(g.last.who, "virtio0");
		assert_int_equal(g.metas, 1);
		assert_string_equal(g.meta, "{\"source\":\"guest\"}");
		assert_true(g.stat.ended);
		assert_int_equal(g.troubles, 0);
		assert_int_equal(g.stat.blocks, 6);
	}
}

static void test_layout(void **state)
{
	(void)state;
	write_stream(&s, &w, 0x1234, 1, 1);
	assert_memory_equal(s.bytes, "tak1\1\0\x34\x12\0\0\0\0", 12);
	assert_memory_equal(s.bytes + s.block[1], "tak1\2\0\x34\x12\1\0\0\0\x40\0\0\0", 16);
	assert_memory_equal(s.bytes + s.block[2], "tak1\3\0\x34\x12\2\0\0\0\0\0\0\0", 16);
	assert_int_equal(s.n, s.block[2] + EVFILE_HEAD);
}

/* Cut anywhere, from either side: all whole blocks are delivered, the rest is one damaged stretch. */
static void test_cut_at_every_byte(void **state)
{
	int whole, events;

	(void)state;
	write_stream(&s, &w, 7, 10, 3);
	s.block[s.blocks] = s.n;
	for (size_t cut = 0; cut <= s.n; cut++) {
		for (whole = 0; whole < s.blocks && s.block[whole + 1] <= cut; whole++)
			;
		events = whole < 2 ? 0 : (whole - 1) * 3 > 10 ? 10 : (whole - 1) * 3;
		read_cut(&g, s.bytes, cut, 37);
		assert_int_equal(g.n, events);
		assert_int_equal(g.stat.blocks, whole);
		assert_int_equal(g.stat.damaged, cut != s.block[whole]);
		assert_int_equal(g.stat.damaged_bytes, cut - s.block[whole]);
		if (g.stat.damaged)
			assert_int_equal(g.offset[0], s.block[whole]);
		assert_int_equal(g.stat.ended, whole == s.blocks);

		read_cut(&g, s.bytes + cut, s.n - cut, 37);	/* joined late */
		assert_int_equal(g.stat.blocks, s.blocks - whole - (cut != s.block[whole]));
		assert_int_equal(g.stat.missing, 0);
		assert_int_equal(g.stat.damaged, cut != s.block[whole]);
	}
}

static void test_flipped_bits(void **state)
{
	(void)state;
	write_stream(&s, &w, 7, 10, 3);
	s.block[s.blocks] = s.n;
	for (size_t bit = 0; bit < s.n * 8; bit++) {
		int hit;

		for (hit = 0; s.block[hit + 1] <= bit / 8; hit++)
			;
		s.bytes[bit / 8] ^= 1 << bit % 8;
		read_cut(&g, s.bytes, s.n, 1000);
		s.bytes[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(g.stat.blocks, s.blocks - 1);
		assert_int_equal(g.stat.damaged, 1);
		assert_int_equal(g.stat.damaged_bytes, s.block[hit + 1] - s.block[hit]);
		assert_int_equal(g.offset[0], s.block[hit]);
		assert_int_equal(g.stat.missing, hit > 0 && hit < s.blocks - 1);
		assert_int_equal(g.n, 10 - (hit > 0 && hit < 5 ? hit < 4 ? 3 : 1 : 0));
	}
}

/* Copy blocks of s in this order to s2. */
static void arrange(const char *order)
{
	s.block[s.blocks] = s.n;
	s2.n = 0;
	for (; *order; order++) {
		int i = *order - '0';
		size_t bytes = s.block[i + 1] - s.block[i];

		memcpy(s2.bytes + s2.n, s.bytes + s.block[i], bytes);
		s2.n += bytes;
	}
	read_cut(&g, s2.bytes, s2.n, 100);
}

static void test_reordered_missing_and_doubled_blocks(void **state)
{
	static const struct row {
		const char *order;
		int events, missing, reordered, duplicated;
	} rows[] = {
		{ "012345", 10, 0, 0, 0 },
		{ "021345", 10, 0, 1, 0 },
		{ "031245", 10, 0, 2, 0 },
		{ "0345", 4, 2, 0, 0 },
		{ "01345", 7, 1, 0, 0 },
		{ "0112345", 10, 0, 0, 1 },
		{ "01231234345", 10, 0, 0, 5 },
		{ "0134525", 10, 0, 1, 1 },
		{ "345012", 10, 0, 3, 0 },
		{ "3", 3, 0, 0, 0 },
	};

	(void)state;
	write_stream(&s, &w, 7, 10, 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		arrange(rows[i].order);
		assert_int_equal(g.n, rows[i].events);
		assert_int_equal(g.stat.missing, rows[i].missing);
		assert_int_equal(g.stat.reordered, rows[i].reordered);
		assert_int_equal(g.stat.duplicated, rows[i].duplicated);
	}
}

static void test_a_writer_that_begins_anew(void **state)
{
	size_t n;

	(void)state;
	write_stream(&s, &w, 7, 10, 3);
	n = s.n;
	memcpy(s2.bytes, s.bytes, n);
	write_stream(&s, &w, 8, 4, 3);
	memcpy(s2.bytes + n, s.bytes, s.n);
	read_cut(&g, s2.bytes, n + s.n, 50);
	assert_int_equal(g.n, 14);
	assert_int_equal(g.restarts, 1);
	assert_int_equal(g.stat.restarts, 1);
	assert_int_equal(g.stat.missing + g.stat.duplicated + g.stat.reordered, 0);
	assert_int_equal(g.metas, 2);
	assert_true(g.stat.ended);
	read_cut(&g, s2.bytes, n + s.block[1], 50);
	assert_false(g.stat.ended);
}

static void put_block(uint8_t *at, uint16_t type, uint32_t seq, uint32_t bytes, const void *content, uint32_t have)
{
	uint32_t head[5] = { EVFILE_MAGIC, type, seq, bytes, 0 };

	memcpy(at, head, 20);
	memcpy(at + 20, content, have);
	head[4] = (uint32_t)crc32(crc32(0, at, 16), at + 20, have);
	memcpy(at, head, 20);
}

/* Sizes that are too large, or no whole number of events: the block is none, and what follows it is read. */
static void test_hostile_sizes(void **state)
{
	static const uint32_t sizes[] = { EVFILE_MAX + 1, UINT32_MAX, UINT32_MAX - 19, 0x80000000, 1, 63, 65, EVFILE_MAX };
	struct event e[2] = { event_of(0), event_of(1) };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		put_block(s.bytes, EVFILE_EVENTS, 0, sizes[i], e, sizeof(e));
		put_block(s.bytes + 148, EVFILE_EVENTS, 1, sizeof(e), e, sizeof(e));
		read_cut(&g, s.bytes, 296, 10);
		assert_int_equal(g.n, 2);
		assert_int_equal(g.stat.damaged, 1);
		assert_int_equal(g.stat.damaged_bytes, 148);
	}
	memset(s.bytes, 't', 100000);
	read_cut(&g, s.bytes, 100000, 999);
	assert_int_equal(g.stat.blocks, 0);
	assert_int_equal(g.stat.damaged_bytes, 100000);
}

static void one(const struct event *e)
{
	put_block(s.bytes, EVFILE_EVENTS, 0, sizeof(*e), e, sizeof(*e));
	read_cut(&g, s.bytes, 84, 84);
}

static void test_events_that_cannot_be(void **state)
{
	static const struct event bad[] = {
		{ .kind = EV_IRQ, .t = -1, .t_end = 1 },
		{ .kind = EV_IRQ, .t = 2, .t_end = 1 },
		{ .kind = EV_IRQ, .t = 1, .t_end = INT64_MAX },
		{ .kind = EV_RX, .t = INT64_MIN },
		{ .kind = EV_SYNC, .t = 1, .t_end = 2, .arg = UINT64_MAX },
		{ .kind = EV_CLOCK, .t = 1, .t_end = -2 },
	};
	struct event e = { .kind = EV_COUNT, .t = 1, .t_end = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		one(&bad[i]);
		assert_int_equal(g.n, 0);
		assert_int_equal(g.stat.invalid, 1);
	}
	one(&e);
	assert_int_equal(g.stat.unknown, 1);
	e = (struct event){ .kind = EV_SOFTIRQ, .t = 1, .t_end = 1 };
	memcpy(e.who, "a\033[31m\"67890123456", EVENT_WHO);	/* no NUL */
	one(&e);
	assert_int_equal(g.n, 1);
	assert_string_equal(g.last.who, "a?[31m\"67890123");
	e = (struct event){ .kind = EV_LOST, .t = 1, .t_end = 5, .arg = 77 };
	one(&e);
	assert_int_equal(g.stat.lost, 77);
	e = (struct event){ .kind = EV_RX, .t = 5, .edge_ns = { 0xff07ff07, 1, 2, 3, 4, 5 } };
	one(&e);
	assert_int_equal(g.last.edge_ns[0], 0xff07ff07);	/* no name: left as it is */
	assert_int_equal(g.last.t_end, 5);
}

static void test_a_writer_that_cannot_write(void **state)
{
	char *json;

	(void)state;
	s.n = 0;
	s.blocks = 0;
	s.fail_from = 1;
	evwriter_init(&w, write_block, &s, 1, EVFILE_HEAD + 2 * 64);
	evwriter_meta(&w, "{}");
	for (int i = 0; i < 5; i++) {
		struct event e = event_of(i);

		evwriter_add(&w, &e);
		if (i == 1)
			s.fail_from = s.blocks;
		if (i == 3)
			s.fail_from = -1;
	}
	assert_int_equal(evwriter_end(&w), -ENOSPC);
	assert_int_equal(w.events, 1);
	assert_int_equal(w.lost, 4);
	read_cut(&g, s.bytes, s.n, 100);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.stat.missing, 2);

	json = malloc(EVFILE_MAX + 2);
	memset(json, ' ', EVFILE_MAX + 1);
	json[EVFILE_MAX + 1] = '\0';
	s.blocks = 0;
	evwriter_init(&w, write_block, &s, 1, EVFILE_MTU);
	evwriter_meta(&w, json);
	assert_int_equal(w.error, -EMSGSIZE);
	assert_int_equal(s.blocks, 0);
	w.error = 0;
	json[EVFILE_MAX] = '\0';
	evwriter_meta(&w, json);
	assert_int_equal(w.error, 0);
	assert_int_equal(s.blocks, 1);
	free(json);
}

static void test_files(void **state)
{
	char path[] = "/tmp/takt-evfile-XXXXXX";
	struct evreader_stat stat;
	struct evreader_conf conf = conf_of(&g);
	struct why why = { "" };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	memset(&g, 0, sizeof(g));
	assert_int_equal(evfile_read(path, &conf, &stat, &why), -ENODATA);
	test_why_names(&why, path, "0 bytes", "takt guest", NULL);
	write_stream(&s, &w, 7, 1000, 3);
	assert_int_equal(write(fd, s.bytes, s.n), s.n);
	assert_int_equal(evfile_read(path, &conf, &stat, &why), 0);
	assert_int_equal(g.n, 1000);
	assert_int_equal(stat.events, 1000);
	assert_int_equal(ftruncate(fd, (off_t)s.n - 1), 0);
	assert_int_equal(evfile_read(path, &conf, &stat, &why), 0);
	assert_int_equal(stat.damaged, 1);
	assert_false(stat.ended);
	close(fd);
	unlink(path);
	assert_int_equal(evfile_read(path, &conf, &stat, &why), -ENOENT);
	assert_int_equal(evfile_read("/tmp", &conf, &stat, &why), -EISDIR);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < EV_COUNT; i++)
		assert_true(event_names[i] && event_names[i][0]);
}

TEST_GROUP("probes/evfile",
	cmocka_unit_test(test_what_is_written_is_read),
	cmocka_unit_test(test_layout),
	cmocka_unit_test(test_cut_at_every_byte),
	cmocka_unit_test(test_flipped_bits),
	cmocka_unit_test(test_reordered_missing_and_doubled_blocks),
	cmocka_unit_test(test_a_writer_that_begins_anew),
	cmocka_unit_test(test_hostile_sizes),
	cmocka_unit_test(test_events_that_cannot_be),
	cmocka_unit_test(test_a_writer_that_cannot_write),
	cmocka_unit_test(test_files),
	cmocka_unit_test(test_names),
)
