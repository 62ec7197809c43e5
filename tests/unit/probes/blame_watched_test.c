/* SPDX-License-Identifier: BSD-3-Clause */
/* What blame says it watched: a cause counts as watched when all guests' kernels tell it, never when one of them does. */
#include "tests/unit/test.h"

#include <jansson.h>
#include <string.h>

#include "probes/blame_watched.h"

static json_t *meta_of(bool live, const char *const *point)
{
	json_t *points = json_array();

	for (; *point; point++)
		json_array_append_new(points, json_pack("{s:s, s:b, s:s}", "name", *point, "live", live, "why", live ? "" : "no BPF here"));
	return json_pack("{s:o}", "points", points);
}

static const char *const inside[] = {"switch", "irq", "softirq", NULL};

static void drop(struct gather *g)
{
	int i;

	for (i = 0; i < g->n_sources; i++)
		json_decref(g->source[i].meta);
}

/* Of two guests, one without probes, whichever comes first. */
static void test_two_guests(void **state)
{
	struct blame_store s;
	int first;

	(void)state;
	for (first = 0; first < 2; first++) {
		struct gather g = {.n_sources = 2};

		g.source[first] = (struct gather_source){.kind = GATHER_GUEST, .port = 0, .name = "whole", .meta = meta_of(true, inside)};
		g.source[!first] = (struct gather_source){.kind = GATHER_GUEST, .port = 1, .name = "locked", .meta = meta_of(false, inside)};
		blame_store_init(&s);
		blame_watched(&s, &g);
		assert_false(s.watched & CAUSE_BY_GUEST_CPU);
		assert_non_null(strstr(s.unwatched[__builtin_ctz(CAUSE_BY_GUEST_CPU)], "locked"));
		blame_store_fini(&s);
		drop(&g);
	}
}

/* The worker is on a CPU of its own, the host's points are live, but those of interrupts between CPUs. */
static void test_points(void **state)
{
	static const char *const host[] = {"sched_switch", "irq_handler", "softirq", NULL};
	struct gather g = {.n_sources = 1};
	struct blame_store s;

	(void)state;
	g.source[0] = (struct gather_source){.kind = GATHER_HOST, .port = PKT_NO_PORT, .name = "live", .meta = meta_of(true, host)};
	blame_store_init(&s);
	s.roles.worker_cpu = 1;
	s.roles.worker_tid = 70;
	blame_watched(&s, &g);
	assert_true(s.watched & CAUSE_BY_HOST_SCHED);
	assert_true(s.watched & CAUSE_BY_HOST_IRQ);
	assert_true(cause_rows[CAUSE_WORKER_IPI].watch & ~s.watched);
	assert_true(cause_rows[CAUSE_WORKER_NMI].watch & ~s.watched);
	assert_true(cause_rows[CAUSE_WORKER_WOKEN].watch & ~s.watched);
	blame_store_fini(&s);
	drop(&g);
}

/* Two guests' ports, and the vCPUs of one alone. */
static void test_vcpus_of_one(void **state)
{
	static const char *const host[] = {"sched_switch", "kvm_exit", "kvm_entry", NULL};
	struct gather g = {.n_sources = 1, .port_guest = {true, true}, .port_name = {"a", "b"}};
	struct blame_store s;

	(void)state;
	g.source[0] = (struct gather_source){.kind = GATHER_HOST, .port = PKT_NO_PORT, .name = "live", .meta = meta_of(true, host)};
	blame_store_init(&s);
	s.roles.guest[0].n = 1;
	blame_watched(&s, &g);
	assert_false(s.watched & (CAUSE_BY_VCPU | CAUSE_BY_KVM));
	assert_non_null(strstr(s.unwatched[__builtin_ctz(CAUSE_BY_VCPU)], "guest at b"));
	s.roles.guest[1].n = 1;
	blame_watched(&s, &g);
	assert_true(s.watched & CAUSE_BY_VCPU && s.watched & CAUSE_BY_KVM);
	blame_store_fini(&s);
	drop(&g);
}

TEST_GROUP("probes/blame_watched",
	cmocka_unit_test(test_two_guests),
	cmocka_unit_test(test_points),
	cmocka_unit_test(test_vcpus_of_one),
)
