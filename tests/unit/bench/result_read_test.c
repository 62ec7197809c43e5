/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A campaign's folder that is sound: what is read of it.
 */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/result.h"
#include "tests/unit/bench/result_made.h"

static void check_first(const struct result_cell *c)
{
	assert_string_equal(c->name, "taktd-r1");
	assert_string_equal(c->value[AXIS_BACKEND], "taktd");
	assert_string_equal(c->value[AXIS_LOAD], "none");
	assert_true(c->status == RESULT_OK && !c->round_trip && c->deadline_ns == 1000000 && c->error_bound_ns == 5);
	assert_true(c->count.due == 8 && c->count.lost == 1 && c->count.wakeups_late == 2);
	assert_true(c->floor.p50_ns == 2000 && c->floor.share == 0.03 && c->poll_gaps.known && c->poll_gaps.max_ns == 9000);
	assert_true(c->blame && c->n_frames == 8 && c->bad_clock == 0 && c->n_hops == 2);
	assert_string_equal(c->hop[0].name, "copy");
	assert_string_equal(c->hop[1].name, "send");
	assert_true(c->hop[0].n == 8 && c->hop[0].ns[7] == 800 && c->hop[1].n == 7 && c->hop[1].seqid[1] == 3 && c->hop[1].ns[1] == 7);
	assert_true(c->frame[4].seqid == 5 && c->frame[4].t_wakeup - c->frame[4].t_due == 200 && c->frame[4].t_sched - c->frame[4].t_due == 400);
}

static void check_latencies(const struct result_cell *c)
{
	uint64_t missed, due;
	uint32_t *seqid;
	int64_t *ns;
	size_t n;

	assert_int_equal(result_latency(c, RESULT_PATH_DELAY, &ns, &seqid, &n), 0);
	assert_true(n == 7 && ns[0] == 1000 && ns[2] == 4000 && seqid[2] == 4 && ns[6] == 8000);
	free(ns);
	free(seqid);
	assert_int_equal(result_latency(c, RESULT_END_TO_END, &ns, NULL, &n), 0);
	assert_true(n == 7 && ns[6] == 8700);
	free(ns);
	assert_int_equal(result_latency(c, RESULT_WAKEUP, &ns, NULL, &n), 0);
	assert_true(n == 8 && ns[2] == 200);
	free(ns);
	result_missed(c, &missed, &due);
	assert_true(missed == 1 && due == 8);
}

/* Frames 4 and 5 were due while the clock was bad; both ends count. */
static void check_bad_clock(const struct result_cell *c)
{
	uint64_t missed, due;
	uint32_t *seqid;
	int64_t *ns;
	size_t n;

	assert_string_equal(c->name, "veth-r1");
	assert_int_equal(c->bad_clock, 2);
	assert_true(c->hop[0].n == 6 && c->hop[0].seqid[3] == 6);
	assert_int_equal(result_latency(c, RESULT_PATH_DELAY, &ns, &seqid, &n), 0);
	assert_true(n == 5 && seqid[2] == 6);
	free(ns);
	free(seqid);
	result_missed(c, &missed, &due);
	assert_true(missed == 1 && due == 6);
}

static void test_read(void **state)
{
	struct why why = {""};
	struct result *r;
	struct made m;

	(void)state;
	made_init(&m);
	made_cell(&m, "taktd-r1", "\"backend\": \"taktd\"", 1, 2, "");
	made_cell(&m, "veth-r1", "\"backend\": \"veth\"", 1, 1, "[1004000000, 1005000000], [1006500000, 1006900000]");
	made_text(&m, "cells/taktd-r1/blame.json", "{\"late\": []}");
	made_text(&m, "cells/ovs-r1/cell.json", "{\"schema\": 1, \"cell\": \"ovs-r1\", \"repetition\": 1, \"position\": 3, \"axes\": {\"backend\": \"ovs-dpdk\"}, "
		  "\"status\": \"skipped\", \"reason\": \"ovs-vswitchd is not installed\"}");
	if (result_open(&r, m.dir, &why))
		fail_msg("%s", why.text);
	assert_string_equal(r->campaign, "made");
	assert_true(r->planned == 4 && r->n_cells == 3);
	assert_true(r->varies[AXIS_BACKEND] && !r->varies[AXIS_LOAD]);
	assert_int_equal(result_kind_of(r), RESULT_PATH_DELAY);
	check_first(&r->cell[1]);
	check_latencies(&r->cell[1]);
	check_bad_clock(&r->cell[0]);
	assert_int_equal(r->cell[2].status, RESULT_SKIPPED);
	assert_string_equal(r->cell[2].reason, "ovs-vswitchd is not installed");
	result_close(r);
	made_fini(&m);
}

TEST_GROUP("bench/result, a sound one",
	cmocka_unit_test(test_read),
)
