/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "probes/way.h"

#define T0 INT64_C(1700000000000000000)

static struct pkt record(void)
{
	struct pkt p = {.t_seen = T0, .hop_ns = {100, 20, 30, 40, 50, 60, 700}, .verdict = VERDICT_SENT};

	p.t_out = T0 + 1000;
	return p;
}

/* A guest whose clock is at 0 at T0, known to +- bound. */
static struct way_clock clock_of(int64_t bound)
{
	return (struct way_clock){.g = 0, .at = {T0, bound}};
}

static int64_t sum(const struct way *w)
{
	int64_t s = 0;
	int i;

	for (i = 0; i < WAY_HOPS_COUNT; i++)
		s += way_has(w, (enum way_hop)i) ? way_ns(w, (enum way_hop)i) : 0;
	return s;
}

static void test_names(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		assert_true(*way_names[i]);
	assert_string_equal(way_names[WAY_RING], "ring");
	for (i = 0; i < HOP_COUNT; i++)
		assert_string_equal(way_names[WAY_COPY + i], pkt_hop_name(i));
}

/* Published before the worker looked: nothing is moved. */
static void test_out_of_a_guest(void **state)
{
	struct event e = {.t = -500, .kind = EV_TX, .edge_ns = {[EV_TX_DRIVER] = 200, [EV_TX_PUBLISHED] = 300}};
	struct way_clock c = clock_of(50);
	struct pkt p = record();
	struct way w;

	(void)state;
	way_init(&w, &p, 7);
	assert_true(way_add_tx(&w, &e, &c));
	assert_int_equal(way_ns(&w, WAY_APP), 200);
	assert_int_equal(way_ns(&w, WAY_DRIVER), 100);
	assert_int_equal(way_ns(&w, WAY_RING), 200);
	assert_int_equal(way_ns(&w, WAY_COPY), 100);
	assert_int_equal(way_bound(&w, WAY_APP), 0);
	assert_int_equal(way_bound(&w, WAY_RING), 50);
	assert_int_equal(way_bound(&w, WAY_COPY), 0);
	assert_false(w.moved || w.defect);
	assert_int_equal(sum(&w), 1500);
}

/* Published while the worker was at it: seen then, and `copy` is shorter. */
static void test_published_during_the_visit(void **state)
{
	struct event e = {.t = -500, .kind = EV_TX, .edge_ns = {[EV_TX_DRIVER] = 200, [EV_TX_PUBLISHED] = 540}};
	struct way_clock c = clock_of(5);
	struct pkt p = record();
	struct way w;

	(void)state;
	way_init(&w, &p, 7);
	assert_true(way_add_tx(&w, &e, &c));
	assert_int_equal(way_ns(&w, WAY_RING), 0);
	assert_int_equal(way_ns(&w, WAY_COPY), 60);
	assert_int_equal(way_bound(&w, WAY_COPY), 5);
	assert_true(w.moved && !w.defect && way_adds_up(&w));
	assert_int_equal(sum(&w), 1500);
}

/* After it was copied: beyond the bound it is a defect, within it is not. */
static void test_against_its_cause(void **state)
{
	struct event e = {.t = -500, .kind = EV_TX, .edge_ns = {[EV_TX_DRIVER] = 200, [EV_TX_PUBLISHED] = 640}};
	struct way_clock narrow = clock_of(39), wide = clock_of(40);
	struct pkt p = record();
	struct way w;

	(void)state;
	way_init(&w, &p, 7);
	assert_false(way_add_tx(&w, &e, &narrow));
	assert_true(w.defect && way_adds_up(&w));
	way_init(&w, &p, 7);
	assert_true(way_add_tx(&w, &e, &wide));
	assert_true(!w.defect && way_adds_up(&w));
}

/* Interrupt behind t_out, between hand-over and t_out, and long before: then a poll found it that was going on. */
static void test_into_a_guest(void **state)
{
	struct event e = {.t = 2000, .kind = EV_RX, .edge_ns = {[EV_RX_IRQ] = 600, [EV_RX_SOFTIRQ] = 500, [EV_RX_POLL] = 400}};
	struct event read = {.t = 2500, .kind = EV_READ};
	struct way_clock c = clock_of(10);
	struct pkt p = record();
	struct way w;

	(void)state;
	way_init(&w, &p, 7);
	assert_true(way_add_rx(&w, &e, &read, &c));
	assert_int_equal(way_ns(&w, WAY_SEND), 700);
	assert_int_equal(way_ns(&w, WAY_CALL), 400);
	assert_int_equal(way_ns(&w, WAY_IRQ), 600);
	assert_int_equal(way_ns(&w, WAY_DELIVER), 500);
	assert_int_equal(way_bound(&w, WAY_CALL), 10);
	assert_int_equal(way_bound(&w, WAY_IRQ), 0);
	assert_int_equal(sum(&w), 2500);

	e.edge_ns[EV_RX_IRQ] = 1500; /* at 500: `send` began at 300 */
	way_init(&w, &p, 7);
	assert_true(way_add_rx(&w, &e, &read, &c));
	assert_int_equal(way_ns(&w, WAY_SEND), 200);
	assert_int_equal(way_ns(&w, WAY_CALL), 0);
	assert_int_equal(way_ns(&w, WAY_IRQ), 1500);
	assert_int_equal(way_bound(&w, WAY_SEND), 10);
	assert_int_equal(sum(&w), 2500);

	e.edge_ns[EV_RX_IRQ] = 5000;
	e.edge_ns[EV_RX_SOFTIRQ] = e.edge_ns[EV_RX_POLL] = 4900;
	way_init(&w, &p, 7);
	assert_true(way_add_rx(&w, &e, NULL, &c));
	assert_int_equal(way_ns(&w, WAY_CALL), 0);
	assert_int_equal(way_ns(&w, WAY_IRQ), 1000);
	assert_false(way_has(&w, WAY_DELIVER));

	e.t = 280; /* in the stack before the hand-over */
	way_init(&w, &p, 7);
	assert_false(way_add_rx(&w, &e, NULL, &c));
	assert_true(w.defect && way_adds_up(&w));
}

/* A socket's stamps: the driver's and the stack's, nothing between them and taktd. */
static void test_a_guest_without_probes(void **state)
{
	struct event tx = {.t = -500, .kind = EV_TX, .flags = EV_COARSE, .edge_ns = {[EV_TX_DRIVER] = 200}};
	struct event rx = {.t = 1800, .kind = EV_RX, .flags = EV_COARSE};
	struct way_clock c = clock_of(10);
	struct pkt p = record();
	struct way w;

	(void)state;
	way_init(&w, &p, 7);
	assert_true(way_add_tx(&w, &tx, &c) && way_add_rx(&w, &rx, NULL, &c));
	assert_int_equal(way_ns(&w, WAY_RING), 300);
	assert_int_equal(way_ns(&w, WAY_CALL), 800);
	assert_false(way_has(&w, WAY_DRIVER) || way_has(&w, WAY_IRQ));
	assert_int_equal(sum(&w), 2300);
	assert_true(way_adds_up(&w));
}

/* Whatever observers say: hops add up, none is negative, and a defect is exactly a cause that cannot be. */
static void test_whatever_comes(void **state)
{
	unsigned int seed = 1;
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		struct event tx = {.t = -(rand_r(&seed) % 3000), .kind = EV_TX}, rx = {.t = rand_r(&seed) % 4000 - 500, .kind = EV_RX};
		struct event read = {.t = rx.t + rand_r(&seed) % 1000, .kind = EV_READ}, wire = {.t = rand_r(&seed) % 3000 - 1500, .kind = EV_WIRE};
		struct way_clock c = clock_of(rand_r(&seed) % 200 + 1);
		struct pkt p = record();
		struct way w;
		bool good;

		tx.edge_ns[EV_TX_DRIVER] = (uint32_t)rand_r(&seed) % 2000 + 1;
		tx.edge_ns[EV_TX_PUBLISHED] = tx.edge_ns[EV_TX_DRIVER] + (uint32_t)rand_r(&seed) % 2000;
		rx.edge_ns[EV_RX_POLL] = (uint32_t)rand_r(&seed) % 3000 + 1;
		rx.edge_ns[EV_RX_IRQ] = rx.edge_ns[EV_RX_POLL] + (uint32_t)rand_r(&seed) % 500;
		way_init(&w, &p, 7);
		if (i % 2)
			good = way_add_tx(&w, &tx, &c);
		else
			good = way_add_wire_in(&w, &wire, &c);
		assert_int_equal(good, (i % 2 ? tx.t + (int64_t)tx.edge_ns[EV_TX_PUBLISHED] : wire.t) - c.at.bound_ns <= 100);
		if (i % 3)
			good = way_add_rx(&w, &rx, &read, &c);
		else
			good = way_add_wire_out(&w, &wire, &c);
		assert_int_equal(good, (i % 3 ? rx.t : wire.t) + c.at.bound_ns >= 300);
		assert_true(way_adds_up(&w));
	}
}

TEST_GROUP("probes/way",
	cmocka_unit_test(test_names),
	cmocka_unit_test(test_out_of_a_guest),
	cmocka_unit_test(test_published_during_the_visit),
	cmocka_unit_test(test_against_its_cause),
	cmocka_unit_test(test_into_a_guest),
	cmocka_unit_test(test_a_guest_without_probes),
	cmocka_unit_test(test_whatever_comes),
)
