/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is best and worst in a report, and its answer.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/report.h"
#include "bench/report_pvt.h"

/* -- a result of two set-ups, made in memory ------------------------------------------------------------------------ */

#define FRAMES 400

struct made {
	struct result r;
	struct result_cell cell[8];
	struct result_frame frame[8][FRAMES];
	struct report rep;
};

/* lost[i] of the last frames of a cell did not come; NULL: all came. */
static struct made *made_lossy(const int64_t *way_ns, const size_t *lost, size_t cells)
{
	static const char *const names[] = { "a-to-guest-none-r1", "b-to-guest-none-r1", "a-to-guest-flood-r1", "b-to-guest-flood-r1" };
	struct made *m = calloc(1, sizeof(*m));
	size_t i, k;
	int a;

	m->r = (struct result){ .dir = "d", .campaign = "c", .cell = m->cell, .n_cells = cells, .planned = cells };
	m->r.varies[AXIS_BACKEND] = true;
	m->r.varies[AXIS_LOAD] = cells > 2;
	for (i = 0; i < cells; i++) {
		struct result_cell *c = &m->cell[i];

		for (a = 0; a < AXES; a++)
			c->value[a] = axes[a].value;
		c->value[AXIS_BACKEND] = i % 2 ? "testpmd" : "taktd";
		c->value[AXIS_LOAD] = i / 2 ? "flood" : "none";
		c->name = names[i];
		c->repetition = 1;
		c->position = (int)i + 1;
		c->reason = "";
		c->status = way_ns[i] < 0 ? RESULT_SKIPPED : RESULT_OK;
		c->frame = m->frame[i];
		c->n_frames = way_ns[i] < 0 ? 0 : FRAMES;
		c->count.due = c->count.sent = c->n_frames;
		c->deadline_ns = 1000000;
		c->count.lost = lost ? lost[i] : 0;
		for (k = 0; k < c->n_frames; k++) {
			int64_t t = 1000000000 + (int64_t)k * 1000000;

			m->frame[i][k] = (struct result_frame){ .seqid = (uint32_t)k + 1, .t_due = t, .t_sent = t + 5000, .t_received = t + 5000 + way_ns[i] + (int64_t)k,
				.t_arrival = t + 9000 + way_ns[i] + (int64_t)k };
			if (k + c->count.lost >= FRAMES)
				m->frame[i][k].t_received = m->frame[i][k].t_arrival = 0;
		}
	}
	assert_int_equal(report_make(&m->rep, &m->r, RESULT_PATH_DELAY, NULL), 0);
	return m;
}

/* The sentence, and a line for each limit. Until the next one. */
static const char *answer_of(const struct report *rep)
{
	static char text[4 * 2048];
	struct report_answer a;
	size_t i, len;

	report_answer(rep, &a);
	len = (size_t)snprintf(text, sizeof(text), "%s", a.sentence);
	for (i = 0; i < a.n_limits; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\n%s", a.limit[i]);
	return text;
}

static struct made *made(const int64_t *way_ns, size_t cells)
{
	return made_lossy(way_ns, NULL, cells);
}

static void made_free(struct made *m)
{
	report_fini(&m->rep);
	free(m);
}

static const struct report_group *group_named(const struct made *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->rep.n_groups; i++)
		if (!strcmp(m->rep.group[i].name, name))
			return &m->rep.group[i];
	fail_msg("no group is named %s", name);
	return NULL;
}

static void test_best(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000, 20000, 2000000 }, 4);
	const char *answer;

	(void)state;
	assert_true(m->rep.n_groups == 4 && m->rep.n_setups == 2 && m->rep.n_conds == 2);
	assert_int_equal(m->rep.rank, QUANT_P99 - 1 + (group_named(m, "taktd, flood")->q[QUANT_P99].known ? 1 : 0));
	assert_true(group_named(m, "testpmd, idle")->best && group_named(m, "testpmd, idle")->sure && group_named(m, "taktd, idle")->worst);
	assert_true(group_named(m, "taktd, flood")->best && group_named(m, "testpmd, flood")->worst && !group_named(m, "testpmd, flood")->best);
	assert_int_equal(group_named(m, "testpmd, flood")->missed.k, FRAMES);
	assert_int_equal(group_named(m, "taktd, flood")->missed.k, 0);
	assert_int_equal(group_named(m, "taktd, flood")->sum.max, 20000 + FRAMES - 1);
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, ", of 2 conditions: taktd under 1; testpmd under 1."));
	assert_null(strstr(answer, "certain"));
	made_free(m);
}

static void test_not_certain(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 20005 }, 2);
	const char *answer;

	(void)state;
	assert_true(group_named(m, "taktd")->best && !group_named(m, "taktd")->sure);
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "Of 2 set-ups, the fastest is taktd"));
	assert_non_null(strstr(answer, "taktd, but not for certain: "));
	made_free(m);
	m = made((int64_t[]){ 20000, 20000 }, 2);
	assert_true(!group_named(m, "taktd")->best && !group_named(m, "testpmd")->worst);
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "No difference"));
	made_free(m);
}

/* Who throws half of the frames away is not the fastest. */
static void test_lossy(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 1, 200 }, 2);
	const char *answer;

	(void)state;
	assert_true(m->rep.rank == QUANT_P99 && group_named(m, "taktd")->best && group_named(m, "taktd")->sure && !group_named(m, "taktd")->lossy);
	assert_true(group_named(m, "testpmd")->worst && group_named(m, "testpmd")->lossy);
	assert_true(group_named(m, "testpmd")->careless && !group_named(m, "taktd")->careless);
	assert_string_equal(report_word(group_named(m, "testpmd")), "misses most");
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "the fastest is taktd"));
	assert_non_null(strstr(answer, "testpmd missed most: 50 % of its frames"));
	made_free(m);
	m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 100, 120 }, 2);
	/* Where all lose as much, they are told apart by what they all deliver. */
	assert_true(m->rep.rank == QUANT_P50 && group_named(m, "testpmd")->best && !group_named(m, "taktd")->careless);
	made_free(m);
}

/* Makes the report anew, of what a test changed. */
static void made_again(struct made *m)
{
	report_fini(&m->rep);
	assert_int_equal(report_make(&m->rep, &m->r, RESULT_PATH_DELAY, NULL), 0);
}

/* A lost frame took for ever: it moves the quantile of all that should have come. */
static void test_told(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 0, 2 }, 2);
	const struct report_group *g = group_named(m, "testpmd");

	(void)state;
	assert_true(m->rep.rank == QUANT_P99 && g->gone == 2 && g->n == FRAMES - 2);
	assert_int_equal(g->q[QUANT_P99].ns, 10000 + 394);	/* of 398: the 395th */
	assert_int_equal(g->told.ns, 10000 + 395);		/* of 400: the 396th */
	assert_int_equal(g->told.upper_ns, NS_NEVER);		/* the 400th */
	assert_true(g->best && !g->sure);
	made_free(m);
}

/* Soon in the kernel, late in the program. */
static void make_late(struct made *m, size_t cell, size_t frames)
{
	size_t k;

	for (k = 0; k < frames; k++)
		m->frame[cell][k * 10].t_arrival += 2000000;
}

static void test_careless(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000 }, 2);
	const char *answer;

	(void)state;
	assert_true(group_named(m, "testpmd")->best && !group_named(m, "testpmd")->careless);
	make_late(m, 1, 40);
	made_again(m);
	assert_true(group_named(m, "taktd")->best && group_named(m, "taktd")->sure && group_named(m, "testpmd")->careless && group_named(m, "testpmd")->worst);
	assert_string_equal(report_word(group_named(m, "testpmd")), "misses most");
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "testpmd missed most: 10 % of its frames"));
	assert_non_null(strstr(answer, "\nLost or late: testpmd (10 % late)."));
	make_late(m, 0, 38);	/* as many but for chance */
	made_again(m);
	assert_true(group_named(m, "testpmd")->best && !group_named(m, "testpmd")->careless);
	made_free(m);
}

/* Who loses a little is before who is late with half of all; then what he delivers ranks. */
static void test_lower_step(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 0, 10 }, 2);
	size_t k;

	(void)state;
	for (k = 0; k < FRAMES; k += 2)
		m->frame[0][k].t_arrival += 2000000;
	made_again(m);
	assert_true(m->rep.rank == QUANT_P99 && group_named(m, "taktd")->careless && !group_named(m, "taktd")->best);
	assert_true(group_named(m, "testpmd")->best && group_named(m, "testpmd")->step == QUANT_P90 && !group_named(m, "testpmd")->lossy);
	made_free(m);
}

/* The pair alone is faster than all, and nothing to choose. */
static void test_floor(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000, 30000, 5000 }, 4);
	const char *answer;
	size_t i;

	(void)state;
	m->r.varies[AXIS_LOAD] = false;
	for (i = 0; i < 4; i++)
		m->cell[i].value[AXIS_LOAD] = "none";
	m->cell[2].value[AXIS_BACKEND] = "ovs-dpdk";
	m->cell[3].value[AXIS_BACKEND] = "veth";
	made_again(m);
	assert_true(group_named(m, "veth")->floor && !group_named(m, "veth")->best && !group_named(m, "veth")->worst && !report_ranks(group_named(m, "veth")));
	assert_true(group_named(m, "testpmd")->best && group_named(m, "testpmd")->sure && group_named(m, "ovs-dpdk")->worst);
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "Of 3 set-ups, the fastest is testpmd"));
	assert_non_null(strstr(answer, "; without any backend (veth) it is 5."));
	for (i = 0; i < 3; i++)
		m->cell[i].value[AXIS_BACKEND] = "veth";
	m->r.varies[AXIS_BACKEND] = false;	/* alone it is what was measured */
	made_again(m);
	assert_false(m->rep.group[0].floor);
	made_free(m);
}

static void test_losses(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 20, 398 }, 2);
	const char *answer;

	(void)state;
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "Lost or late: testpmd (nearly all, 99.5 % lost); taktd (5 % lost)."));
	assert_string_equal(report_word(group_named(m, "testpmd")), "loses nearly all");
	made_free(m);
	m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 0, FRAMES }, 2);
	assert_true(group_named(m, "taktd")->best && group_named(m, "testpmd")->worst && group_named(m, "testpmd")->lossy);
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "Lost or late: testpmd (all lost)."));
	made_free(m);
}

static void test_unfinished(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000 }, 2);
	const char *answer;

	(void)state;
	answer = answer_of(&m->rep);
	assert_null(strstr(answer, "Unfinished"));
	m->r.planned = 5;
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "\nUnfinished: 2 of 5 cells are done; takt bench run --resume d goes on."));
	assert_null(strstr(answer, "Not measured"));
	made_free(m);
}

static void test_away(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000 }, 2);
	const char *answer;

	(void)state;
	answer = answer_of(&m->rep);
	assert_null(strstr(answer, "say more of it"));
	assert_non_null(strstr(answer, "Noise floor: "));
	m->cell[0].floor.share = m->cell[1].floor.share = .7;
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "for 70 % of the time"));
	assert_non_null(strstr(answer, "say more of it than of the set-ups"));
	made_free(m);
}

static void test_skipped(void **state)
{
	struct made *m = made((int64_t[]){ 20000, -1 }, 2);
	const char *answer;

	(void)state;
	assert_true(m->rep.n_measured == 1 && m->rep.n_skipped == 1 && !group_named(m, "taktd")->best);
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "taktd: half of the frames took 20."));
	assert_non_null(strstr(answer, "\nNot measured: 1 of 2 cells"));
	made_free(m);
	m = made((int64_t[]){ -1, -1 }, 2);
	answer = answer_of(&m->rep);
	assert_non_null(strstr(answer, "Nothing was measured."));
	made_free(m);
}

/* A value that others are named against goes without saying, where anything else is said; no two conditions share a name. */
static void test_names(void **state)
{
	static const struct { const char *load, *neighbours, *name; bool load_varies; } rows[] = {
		{ "none", "0", "taktd, idle", true }, { "flood", "0", "taktd, flood", true }, { "none", "3", "taktd, idle, 3 neighbours", true }, { "none", "1", "taktd, 1 neighbour", false },
		{ "none", "0", "taktd", false },
	};
	struct made *m = made((int64_t[]){ 20000, 10000 }, 2);
	struct result_cell *c = &m->cell[0];
	char *name, *cond;
	size_t i;

	(void)state;
	m->r.varies[AXIS_NEIGHBOURS] = true;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m->r.varies[AXIS_LOAD] = rows[i].load_varies;
		c->value[AXIS_LOAD] = rows[i].load;
		c->value[AXIS_NEIGHBOURS] = rows[i].neighbours;
		name = report_name(&m->r, c, REPORT_BOTH);
		cond = report_name(&m->r, c, REPORT_COND);
		assert_string_equal(name, rows[i].name);
		assert_string_equal(cond, strchr(name, ',') ? strchr(name, ',') + 2 : "no neighbours");
		free(name);
		free(cond);
	}
	made_free(m);
}

/* Of many only the first few are named, and what stands in the way has a line each. */
static void test_short(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000, 10000, 20000 }, (size_t[]){ 200, 100, 300, 50 }, 4);
	struct report_answer a;
	size_t i;

	(void)state;
	m->r.planned = 5;
	report_answer(&m->rep, &a);
	assert_int_equal(a.n_limits, REPORT_LIMITS);
	assert_non_null(strstr(a.limit[0], "; and 2 more lost over 1 %"));
	assert_null(strchr(a.sentence, '\n'));
	for (i = 0; i < a.n_limits; i++)
		assert_true(a.limit[i][strlen(a.limit[i]) - 1] == '.');
	made_free(m);
}

TEST_GROUP("bench/report",
	cmocka_unit_test(test_names),
	cmocka_unit_test(test_short),
	cmocka_unit_test(test_best),
	cmocka_unit_test(test_not_certain),
	cmocka_unit_test(test_lossy),
	cmocka_unit_test(test_told),
	cmocka_unit_test(test_careless),
	cmocka_unit_test(test_lower_step),
	cmocka_unit_test(test_floor),
	cmocka_unit_test(test_losses),
	cmocka_unit_test(test_unfinished),
	cmocka_unit_test(test_away),
	cmocka_unit_test(test_skipped),
)
