/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/police_gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/unit/test.h"

#define LOOKS	2000000
#define STEP_NS 1000

struct house {
	struct police_gate gate;
	struct police_list *open, *list;
	_Atomic bool stop;
};

static struct police_list *make(bool enabled)
{
	struct police_gate_entry entry = {.open = true, .ipv = 3, .interval_ns = STEP_NS};
	struct police_gate_conf conf = {.enabled = enabled, .initial_open = true, .initial_ipv = POLICE_NONE, .n_entries = 1, .entries = &entry};
	struct police_list *list = NULL;
	struct wire wire;

	assert_int_equal(wire_init(&wire, WIRE_MAX_BPS, NULL), 0);
	assert_int_equal(police_list_create(&list, &conf, &wire, NULL), 0);
	return list;
}

/* The owner: from no list to one that is pending, to the same in force, and back. */
static void *own(void *arg)
{
	struct house *h = arg;
	struct police_list *back[3];
	int64_t now = 1;
	int8_t ipv;

	while (!atomic_load(&h->stop)) {
		police_gate_set(&h->gate, h->list, now, back);
		now += 2 * STEP_NS;
		police_gate_frame(&h->gate, 60, now, &ipv);
		police_gate_set(&h->gate, h->open, now, back);
		police_gate_set(&h->gate, h->list, now, back);
		police_gate_set(&h->gate, h->open, now, back);
		now += STEP_NS;
	}
	return NULL;
}

/* Whoever looks while the owner changes lists finds one of them. */
static void test_look_while_it_changes(void **state)
{
	struct house h = {.stop = false};
	struct police_gate_view v;
	pthread_t thread;
	int i;

	(void)state;
	h.open = make(false);
	h.list = make(true);
	police_gate_init(&h.gate, h.open, 0);
	assert_int_equal(pthread_create(&thread, NULL, own, &h), 0);
	for (i = 0; i < LOOKS; i++) {
		police_gate_look(&h.gate, i, &v);
		assert_true(v.open);
		assert_true(v.ipv == 3 || v.ipv == POLICE_NONE);
	}
	atomic_store(&h.stop, true);
	pthread_join(thread, NULL);
	police_list_destroy(h.open);
	police_list_destroy(h.list);
}

TEST_GROUP("tsn/police_look",
	cmocka_unit_test(test_look_while_it_changes),
)
