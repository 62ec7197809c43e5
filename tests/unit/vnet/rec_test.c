/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include "vnet/recw.h"

#define CAPACITY 256

static void publish(struct recw *w, uint64_t from, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		recw_slot(w, i)->seq = from + i;
	recw_publish(w, n);
}

/* Whatever the reader's pace: what it got and what it lost is what was published, and what it got is in order. */
static void test_nothing_silently_missing(void **state)
{
	uint64_t seed = 7, pos = 0, lost = 0, got = 0, written = 0, last = 0;
	struct pkt out[32];
	struct recw w;
	uint32_t n, i;
	int turn;

	(void)state;
	assert_int_equal(recw_open(&w, NULL, CAPACITY, 1, 1, NULL), 0);
	for (turn = 0; turn < 20000; turn++) {
		n = test_random(&seed) % 32;
		publish(&w, written + 1, n);
		written += n;
		if (test_random(&seed) % 16)
			continue;
		n = rec_read(w.shm, &pos, out, 1 + test_random(&seed) % 32, &lost);
		for (i = 0; i < n; i++) {
			assert_true(out[i].seq > last);
			last = out[i].seq;
		}
		got += n;
		assert_int_equal(got + lost, pos);
	}
	while ((n = rec_read(w.shm, &pos, out, 32, &lost)))
		got += n;
	assert_int_equal(got + lost, written);
	assert_true(lost > 0 && got > 0);
	recw_close(&w);
}

static void test_a_quick_reader_loses_nothing(void **state)
{
	uint64_t pos = 0, lost = 0, got = 0, written = 0;
	struct pkt out[REC_AHEAD];
	struct recw w;
	uint32_t n, i;
	int turn;

	(void)state;
	assert_int_equal(recw_open(&w, NULL, CAPACITY, 1, 1, NULL), 0);
	for (turn = 0; turn < 1000; turn++) {
		publish(&w, written, 31);
		written += 31;
		n = rec_read(w.shm, &pos, out, REC_AHEAD, &lost);
		for (i = 0; i < n; i++)
			assert_int_equal(out[i].seq, got++);
	}
	assert_int_equal(got, written);
	assert_int_equal(lost, 0);
	recw_close(&w);
}

static void test_no_gap_silently_missing(void **state)
{
	uint64_t seed = 11, pos = 0, lost = 0, got = 0, written = 0, last = 0;
	struct rec_gap out[64];
	struct recw w;
	uint32_t n, i;
	int turn;

	(void)state;
	assert_int_equal(recw_open(&w, NULL, CAPACITY, 1, 1, NULL), 0);
	for (turn = 0; turn < 2000; turn++) {
		for (n = test_random(&seed) % 400; n; n--, written++)
			recw_gap(&w, (int64_t)written + 1, (int64_t)written + 2, REC_AT_TURN);
		if (test_random(&seed) % 16)
			continue;
		n = rec_read_gaps(w.shm, &pos, out, 1 + test_random(&seed) % 64, &lost);
		for (i = 0; i < n; i++) {
			assert_true((uint64_t)out[i].t_begin > last);
			last = (uint64_t)out[i].t_begin;
		}
		got += n;
		assert_int_equal(got + lost, pos);
	}
	while ((n = rec_read_gaps(w.shm, &pos, out, 64, &lost)))
		got += n;
	assert_int_equal(got + lost, written);
	assert_true(lost > 0 && got > 0);
	recw_close(&w);
}

TEST_GROUP("vnet/rec",
	cmocka_unit_test(test_no_gap_silently_missing),
	cmocka_unit_test(test_nothing_silently_missing),
	cmocka_unit_test(test_a_quick_reader_loses_nothing),
)
