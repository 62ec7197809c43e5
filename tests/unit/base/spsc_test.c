/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/spsc.h"

#define ITEMS 200000

static void test_full_and_empty(void **state)
{
	static struct spsc q;
	uintptr_t i, lap;

	(void)state;
	memset(&q, 0, sizeof(q));
	/* The counters wrap within this test. */
	q.head = q.tail = UINT32_MAX - SPSC_SIZE;
	for (lap = 0; lap < 3; lap++) {
		assert_null(spsc_pop(&q));
		for (i = 1; i <= SPSC_SIZE; i++)
			assert_true(spsc_push(&q, (void *)i));
		assert_false(spsc_push(&q, (void *)i));
		for (i = 1; i <= SPSC_SIZE; i++)
			assert_true(spsc_pop(&q) == (void *)i);
	}
	assert_null(spsc_pop(&q));
}

struct item {
	uint64_t a, b;	/* written before the push: the reader must see both */
};

struct run {
	struct spsc q;
	struct item *items;
};

static void *produce(void *arg)
{
	struct run *r = arg;
	uint64_t i;

	for (i = 0; i < ITEMS; i++) {
		r->items[i].a = i;
		r->items[i].b = ~i;
		while (!spsc_push(&r->q, &r->items[i]))
			sched_yield();
	}
	return NULL;
}

static void test_two_threads(void **state)
{
	struct run *r = aligned_alloc(64, (sizeof(*r) + 63) / 64 * 64);
	uint64_t i, wrong = 0;
	struct item *item;
	pthread_t thread;

	(void)state;
	assert_non_null(r);
	memset(r, 0, sizeof(*r));
	r->items = calloc(ITEMS, sizeof(*r->items));
	assert_non_null(r->items);
	assert_int_equal(pthread_create(&thread, NULL, produce, r), 0);
	for (i = 0; i < ITEMS; i++) {
		while (!(item = spsc_pop(&r->q)))
			sched_yield();
		wrong += item->a != i || item->b != ~i;
	}
	pthread_join(thread, NULL);
	assert_null(spsc_pop(&r->q));
	assert_int_equal(wrong, 0);
	free(r->items);
	free(r);
}

TEST_GROUP("base/spsc",
	cmocka_unit_test(test_full_and_empty),
	cmocka_unit_test(test_two_threads),
)
