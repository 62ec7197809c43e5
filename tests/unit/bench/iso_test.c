/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/iso.h"

#define FRAMES 5

/* All fields have values of their own, so that none can stand for another. */
static void fill(struct iso *iso, bool send, bool recv)
{
	uint32_t i;

	iso->frame_size = 64;
	iso->flags = ISO_OMIT_SYNC | ISO_TXTIME;
	iso->reserved = 0x01020304;
	iso->reserved2 = 0x1112131415161718;
	iso->t_base = 1000;
	iso->advance_ns = 2000;
	iso->shift_ns = -3000;
	iso->cycle_ns = 4000;
	iso->window_ns = 5000;
	for (i = 1; i <= FRAMES; i++) {
		if (send)
			*iso_send_of(iso, i) = (struct iso_send){ i, 7, 100 * i, 100 * i + 1, 100 * i + 4, 100 * i + 3, 100 * i + 2 };
		if (recv && i != 3)
			*iso_recv_of(iso, i) = (struct iso_recv){ i, 8, 100 * i + 7, 100 * i + 5, 100 * i + 6 };
	}
}

static size_t bytes_of(const struct iso *iso, uint8_t **bytes)
{
	size_t n;
	FILE *f = open_memstream((char **)bytes, &n);

	assert_int_equal(iso_write(iso, f), 0);
	fclose(f);
	return n;
}

static int parse(struct iso *iso, const uint8_t *bytes, size_t n, struct why *why)
{
	FILE *f = fmemopen((void *)bytes, n, "r");
	int rc = iso_read(iso, f, "F", why);

	fclose(f);
	return rc;
}

static void test_what_is_written_is_read(void **state)
{
	struct iso a = {0}, b = {0};
	uint8_t *bytes, *again;
	struct why why;
	size_t n;

	(void)state;
	fill(&a, true, true);
	n = bytes_of(&a, &bytes);
	assert_int_equal(n, ISO_HEAD_LEN + FRAMES * (ISO_SEND_LEN + ISO_RECV_LEN));
	assert_int_equal(parse(&b, bytes, n, &why), 0);
	assert_int_equal(bytes_of(&b, &again), n);
	assert_memory_equal(bytes, again, n);
	assert_int_equal(b.packets, FRAMES);
	assert_int_equal(b.shift_ns, -3000);
	assert_int_equal(b.send[4].t_due, 500);
	assert_int_equal(b.send[4].t_sched, 502);
	assert_int_equal(b.send[4].t_sent, 503);
	assert_int_equal(b.send[4].t_sent_hw, 504);
	assert_int_equal(b.recv[4].t_received_hw, 505);
	assert_int_equal(b.recv[4].t_received, 506);
	assert_int_equal(b.recv[4].t_arrival, 507);
	assert_false(iso_is_received(&b.recv[2]));
	free(bytes);
	free(again);
	iso_fini(&a);
	iso_fini(&b);
}

/* A byte changed, or the end cut off: what the sentence names. */
static void test_what_is_no_such_file_is_refused(void **state)
{
	static const struct {
		size_t at, len;		/* len: 0 = all, else where it is cut off */
		uint8_t value;
		int rc;
		const char *names;
	} bad[] = {
		{ 0, 0, 'J', -EINVAL, "ISOCHRON" },
		{ 11, 0, 3, -EINVAL, "version 3" },
		{ 12, 0, 0xff, -EFBIG, "no more than" },
		{ 15, 0, FRAMES + 1, -EINVAL, "contradicts" },
		{ 71, 0, 97, -EINVAL, "contradicts" },
		{ 79, 0, 1, -EINVAL, "contradicts" },
		{ 83, 0, 1, -EINVAL, "contradicts" },
		{ 87, 0, 1, -EINVAL, "contradicts" },
		{ 99, 0, 2, -EINVAL, "send record 1" },
		{ ISO_HEAD_LEN + FRAMES * ISO_SEND_LEN + 3, 0, 9, -EINVAL, "receive record 1" },
		{ 24, 0, 0x80, -EINVAL, "1970" },
		{ 32, 0, 0x10, -EINVAL, "36 years" },
		{ 104, 0, 0x40, -EINVAL, "send record of frame 1" },
		{ ISO_HEAD_LEN + FRAMES * ISO_SEND_LEN + ISO_RECV_LEN + 8, 0, 0xff, -EINVAL, "receive record of frame 2" },
		{ 0, 95, 'I', -EINVAL, "head" },
		{ 0, 300, 'I', -EINVAL, "send record of frame 5 of 5" },
		{ 0, ISO_HEAD_LEN + FRAMES * (ISO_SEND_LEN + ISO_RECV_LEN) - 1, 'I', -EINVAL, "receive record of frame 5" },
	};
	struct iso a = {0}, b = {0};
	uint8_t *bytes;
	struct why why;
	size_t i, n;

	(void)state;
	fill(&a, true, true);
	n = bytes_of(&a, &bytes);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t was = bytes[bad[i].at];

		bytes[bad[i].at] = bad[i].value;
		assert_int_equal(parse(&b, bytes, bad[i].len ? bad[i].len : n, &why), bad[i].rc);
		test_why_names(&why, "F: ", bad[i].names, NULL);
		assert_null(b.send);
		bytes[bad[i].at] = was;
	}
	bytes = realloc(bytes, n + 1);
	bytes[n] = 0;
	assert_int_equal(parse(&b, bytes, n + 1, &why), -EINVAL);
	test_why_names(&why, "goes on", NULL);
	free(bytes);
	iso_fini(&a);
}

static void join_either_way(bool send_first)
{
	struct iso sent = {0}, came = {0}, whole = {0};
	struct iso *a = send_first ? &sent : &came, *b = send_first ? &came : &sent;
	uint8_t *one, *two;
	struct why why;
	size_t n;

	fill(&sent, true, false);
	fill(&came, false, true);
	came.cycle_ns = 0;	/* a receiver does not know it */
	fill(&whole, true, true);
	assert_int_equal(iso_join(a, b, &why), 0);
	n = bytes_of(a, &one);
	assert_int_equal(bytes_of(&whole, &two), n);
	assert_memory_equal(one, two, n);
	free(one);
	free(two);
	iso_fini(&sent);
	iso_fini(&came);
	iso_fini(&whole);
}

static void test_halves_are_joined(void **state)
{
	(void)state;
	join_either_way(true);
	join_either_way(false);
}

static void test_what_does_not_belong_together_is_not_joined(void **state)
{
	struct iso sent = {0}, came = {0}, none = {0};
	struct why why;

	(void)state;
	fill(&sent, true, false);
	fill(&came, false, true);
	assert_int_equal(iso_join(&sent, &sent, &why), -EINVAL);
	test_why_names(&why, "both", "sent", NULL);
	assert_int_equal(iso_join(&came, &came, &why), -EINVAL);
	test_why_names(&why, "both", "received", NULL);
	assert_int_equal(iso_join(&came, &none, &why), -EINVAL);
	test_why_names(&why, "neither", NULL);
	iso_recv_of(&came, FRAMES + 1)->seqid = FRAMES + 1;
	assert_int_equal(iso_join(&sent, &came, &why), -EINVAL);
	test_why_names(&why, "frame 6", "5 were sent", NULL);
	assert_false(iso_is_received(&sent.recv[0]));
	iso_fini(&sent);
	iso_fini(&came);
}

/* What is beyond a head that has no more frames than records were made for would be lost: a log grows, up to what a file holds. */
static void test_records_come_into_being(void **state)
{
	struct iso iso = {0};

	(void)state;
	assert_null(iso_send_of(&iso, 0));
	assert_null(iso_recv_of(&iso, ISO_FRAMES_MAX + 1));
	assert_int_equal(iso_reserve(&iso, ISO_FRAMES_MAX + 1), -EFBIG);
	iso_recv_of(&iso, 100000)->seqid = 100000;
	assert_int_equal(iso.packets, 100000);
	assert_int_equal(iso_recv_of(&iso, 1)->seqid, 0);
	assert_int_equal(iso_send_of(&iso, 99999)->seqid, 0);
	assert_int_equal(iso.packets, 100000);
	iso_fini(&iso);
}

/* tests/vectors/isochron.dat is what `isochron send --num-frames 3` of Debian's isochron wrote. What it means, `isochron report` said. */
static void test_a_file_of_isochron(void **state)
{
	static const char path[] = "tests/vectors/isochron.dat";
	static const int64_t first[] = { 1795535187430000000, 1795535187429159990, 1795535187429273298, 1795535187429274950, 1795535187429274950,
					 1795535187429275341, 1795535187429275341, 1795535187429323903 };	/* S w s t T R r a */
	uint8_t *bytes, was[512];
	struct iso iso = {0};
	struct why why;
	size_t n;
	FILE *f;

	(void)state;
	assert_int_equal(iso_load(&iso, path, &why), 0);
	assert_int_equal(iso.packets, 3);
	assert_int_equal(iso.frame_size, 64);
	assert_int_equal(iso.flags, ISO_OMIT_SYNC | ISO_STAMPED);
	assert_int_equal(iso.advance_ns, 1000000);
	assert_int_equal(iso.cycle_ns, 1000000);
	assert_int_equal(iso.send[0].seqid, 1);
	assert_int_equal(iso.send[0].t_due, first[0]);
	assert_int_equal(iso.send[0].t_wakeup, first[1]);
	assert_int_equal(iso.send[0].t_sched, first[2]);
	assert_int_equal(iso.send[0].t_sent, first[3]);
	assert_int_equal(iso.send[0].t_sent_hw, first[4]);
	assert_int_equal(iso.recv[0].t_received_hw, first[5]);
	assert_int_equal(iso.recv[0].t_received, first[6]);
	assert_int_equal(iso.recv[0].t_arrival, first[7]);
	assert_int_equal(iso.recv[2].t_arrival, 1795535187431244037);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(was, 1, sizeof(was), f);
	fclose(f);
	assert_int_equal(bytes_of(&iso, &bytes), n);
	assert_memory_equal(bytes, was, n);
	free(bytes);
	iso_fini(&iso);
}

/* The whole file or none: where it cannot be written nothing is left, and one that was there stays. */
static void test_saved_whole_or_not(void **state)
{
	char dir[] = "/tmp/iso-test-XXXXXX", path[64], missing[64];
	struct iso a = {0}, b = {0};
	struct why why;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f.dat", dir);
	snprintf(missing, sizeof(missing), "%s/none/f.dat", dir);
	fill(&a, true, true);
	assert_int_equal(iso_save(&a, path, &why), 0);
	assert_int_equal(iso_save(&a, missing, &why), -ENOENT);
	test_why_names(&why, missing, NULL);
	assert_int_equal(iso_load(&b, path, &why), 0);
	assert_int_equal(b.packets, FRAMES);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);	/* nothing else is in it */
	iso_fini(&a);
	iso_fini(&b);
}

TEST_GROUP("bench/iso",
	cmocka_unit_test(test_a_file_of_isochron),
	cmocka_unit_test(test_saved_whole_or_not),
	cmocka_unit_test(test_what_is_written_is_read),
	cmocka_unit_test(test_what_is_no_such_file_is_refused),
	cmocka_unit_test(test_halves_are_joined),
	cmocka_unit_test(test_what_does_not_belong_together_is_not_joined),
	cmocka_unit_test(test_records_come_into_being),
)
