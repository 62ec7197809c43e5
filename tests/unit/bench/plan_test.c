/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plan.h"

/* 3 backends, 2 directions, 2 loads; veth has no flood. 10 cells a repetition. */
static void make(struct campaign *c, int64_t repetitions, bool shuffled)
{
	int a;

	memset(c, 0, sizeof(*c));
	for (a = 0; a < AXES; a++) {
		c->axis[a].value[0] = axes[a].value;
		c->axis[a].n = 1;
	}
	c->axis[AXIS_BACKEND] = (struct campaign_axis){.value = {"veth", "taktd", "testpmd"}, .n = 3};
	c->axis[AXIS_DIRECTION] = (struct campaign_axis){.value = {"to-guest", "round-trip"}, .n = 2};
	c->axis[AXIS_LOAD] = (struct campaign_axis){.value = {"none", "flood"}, .n = 2};
	c->except[0].of[AXIS_BACKEND] = 1;
	c->except[0].of[AXIS_LOAD] = 2;
	c->n_excepts = 1;
	c->repetitions = repetitions;
	c->shuffled = shuffled;
}

static struct plan *planned(const struct campaign *c, uint64_t seed)
{
	struct why why = {""};
	struct plan *p;

	assert_int_equal(plan_create(&p, c, seed, &why), 0);
	return p;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void test_all_once(void **state)
{
	const char *names[40];
	struct campaign c;
	struct plan *p;
	size_t i;

	(void)state;
	make(&c, 4, true);
	p = planned(&c, 1);
	assert_int_equal(p->n, 40);
	assert_int_equal(p->n_kinds, 10);
	for (i = 0; i < p->n; i++) {
		names[i] = p->cell[i].name;
		assert_int_equal(p->cell[i].position, i + 1);
		assert_int_equal(p->cell[i].repetition, 1 + i / 10);	/* whole repetitions, one after the other */
		assert_false(!strcmp(p->cell[i].value[AXIS_BACKEND], "veth") && !strcmp(p->cell[i].value[AXIS_LOAD], "flood"));
		assert_true(p->kind[i] < p->n_kinds);
	}
	qsort(names, p->n, sizeof(names[0]), by_name);
	for (i = 1; i < p->n; i++)
		assert_string_not_equal(names[i - 1], names[i]);
	plan_destroy(p);
}

static void test_as_written(void **state)
{
	static const char *const first[] = {"veth-to-guest-none-r1", "veth-round-trip-none-r1", "taktd-to-guest-none-r1", "taktd-to-guest-flood-r1"};
	struct campaign c;
	struct plan *p;
	size_t i;

	(void)state;
	make(&c, 2, false);
	p = planned(&c, 1);
	for (i = 0; i < 4; i++)
		assert_string_equal(p->cell[i].name, first[i]);
	assert_string_equal(p->cell[10].name, "veth-to-guest-none-r2");
	plan_destroy(p);
}

static bool same_order(const struct plan *a, const struct plan *b)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (strcmp(a->cell[i].name, b->cell[i].name))
			return false;
	return true;
}

static void test_the_seed_decides(void **state)
{
	struct plan *p, *q, *other, *written;
	struct campaign c;
	size_t i, j;

	(void)state;
	make(&c, 3, true);
	p = planned(&c, 7);
	q = planned(&c, 7);
	other = planned(&c, 8);
	assert_true(same_order(p, q));
	assert_false(same_order(p, other));
	for (i = 0; i < p->n; i++)
		assert_int_equal(p->cell[i].seed, q->cell[i].seed);
	/* A cell has the seed of its name wherever it stands, and each its own. */
	c.shuffled = false;
	written = planned(&c, 7);
	assert_false(same_order(p, written));
	for (i = 0; i < p->n; i++)
		for (j = 0; j < p->n; j++)
			assert_int_equal(p->cell[i].seed == written->cell[j].seed, !strcmp(p->cell[i].name, written->cell[j].name));
	/* Repetitions are drawn apart. */
	for (i = 0; i < 10 && p->kind[i] == p->kind[10 + i]; i++)
		;
	assert_true(i < 10);
	plan_destroy(p);
	plan_destroy(q);
	plan_destroy(other);
	plan_destroy(written);
}

/* Over many seeds each cell comes first about as often: within six deviations of the binomial. */
static void test_fair(void **state)
{
	int first[10] = {0}, k, rounds = 5000;
	struct campaign c;
	uint64_t seed;

	(void)state;
	make(&c, 1, true);
	for (seed = 0; seed < (uint64_t)rounds; seed++) {
		struct plan *p = planned(&c, seed);

		first[p->kind[0]]++;
		plan_destroy(p);
	}
	for (k = 0; k < 10; k++)
		assert_in_range(first[k], 500 - 127, 500 + 127);
}

static void test_only_keeps_names(void **state)
{
	struct campaign c;
	struct plan *p;
	size_t i;

	(void)state;
	make(&c, 1, true);
	c.axis[AXIS_BACKEND].left_out[0] = c.axis[AXIS_BACKEND].left_out[1] = true;
	c.axis[AXIS_LOAD].left_out[1] = true;
	p = planned(&c, 1);
	assert_int_equal(p->n, 2);
	for (i = 0; i < p->n; i++)
		assert_true(!strcmp(p->cell[i].name, "testpmd-to-guest-none-r1") || !strcmp(p->cell[i].name, "testpmd-round-trip-none-r1"));
	plan_destroy(p);
}

static void test_refusals(void **state)
{
	struct why why = {""};
	struct campaign c;
	struct plan *p;

	(void)state;
	make(&c, 1, true);
	c.except[0] = (struct campaign_except){.of = {[AXIS_DIRECTION] = 3}};
	assert_int_equal(plan_create(&p, &c, 1, &why), -EINVAL);
	test_why_names(&why, "no cell", "except", NULL);
	make(&c, 4097, true);
	assert_int_equal(plan_create(&p, &c, 1, &why), -EINVAL);
	test_why_names(&why, "4096", NULL);
	make(&c, 1, true);
	c.axis[AXIS_SCHEDULE] = (struct campaign_axis){.value = {"a", "a-64"}, .n = 2};
	c.axis[AXIS_SIZE] = (struct campaign_axis){.value = {"64-64", "64"}, .n = 2};
	assert_int_equal(plan_create(&p, &c, 1, &why), -EINVAL);
	test_why_names(&why, "two cells", "schedule", NULL);
}

/* 12 combinations: their product would be 0, or 12 less than it is, in 64 bits. */
static void test_repetitions_that_wrap(void **state)
{
	const int64_t many[] = {INT64_C(1) << 62, (INT64_C(1) << 62) + 1, INT64_MAX, 0, -1};
	struct why why = {""};
	struct campaign c;
	struct plan *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		make(&c, many[i], false);
		assert_int_equal(plan_create(&p, &c, 1, &why), -EINVAL);
	}
}

/* What is shipped is good, and none of its exceptions takes everything away. */
static void test_shipped(void **state)
{
	struct why why = {""};
	struct campaign *c;
	struct plan *p;
	glob_t found;
	size_t i;

	(void)state;
	assert_int_equal(glob("bench/campaigns/*.yaml", 0, NULL, &found), 0);
	for (i = 0; i < found.gl_pathc; i++) {
		if (campaign_read(&c, found.gl_pathv[i], &why))
			fail_msg("%s", why.text);
		if (plan_create(&p, c, 1, &why))
			fail_msg("%s: %s", found.gl_pathv[i], why.text);
		assert_true(p->n > 1);
		plan_destroy(p);
		campaign_free(c);
	}
	globfree(&found);
}

TEST_GROUP("bench/plan",
	cmocka_unit_test(test_all_once),
	cmocka_unit_test(test_as_written),
	cmocka_unit_test(test_the_seed_decides),
	cmocka_unit_test(test_fair),
	cmocka_unit_test(test_only_keeps_names),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_repetitions_that_wrap),
	cmocka_unit_test(test_shipped),
)
