/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress.h"

#include "tests/unit/vnet/ingress_house.h"

static const struct police_filter_conf any_frame = {
	.any_dst = true, .vid = POLICE_ANY, .pcp = POLICE_ANY, .gate = POLICE_NONE, .meter = POLICE_NONE, .scheduler = POLICE_NONE,
};

/* What comes in at port 0 is policed from now on. */
static void police(struct house *h, struct police_conf *conf)
{
	assert_int_equal(police_create(&h->port[0].police, conf, &h->port[0].egress.wire, 0, NULL), 0);
}

/* Each part of it has a verdict of its own. Time is 0 in these tests: all of it happens at once. */
static void test_policed_and_dropped(void **state)
{
	struct police_gate_entry once[] = {{true, POLICE_NONE, 1000000, 100}};
	struct police_filter_conf filters[5];
	struct police_gate_conf gates[] = {
		{.initial_ipv = POLICE_NONE}, /* closed */
		{.enabled = true, .initial_ipv = POLICE_NONE, .n_entries = 1, .entries = once},
	};
	struct meter_conf meter = {.cbs_bytes = 64};
	struct police_scheduler_conf scheduler = {{1000000, 64 * 8}, 0};
	int64_t residence = 1;
	struct police_conf conf = {5, 2, 1, 1, 1, filters, gates, &meter, &scheduler, &residence};
	static const enum pkt_verdict second[] = {VERDICT_STREAM_SDU, VERDICT_STREAM_GATE, VERDICT_STREAM_OCTETS, VERDICT_METER_RED,
						  VERDICT_ATS_LATE};
	struct house *h = *state;
	uint32_t i;

	for (i = 0; i < 5; i++) {
		filters[i] = any_frame;
		filters[i].pcp = (int32_t)i;
	}
	filters[0].max_sdu = 60;
	filters[1].gate = 0;
	filters[2].gate = 1;
	filters[3].meter = 0;
	filters[4].scheduler = 0;
	police(h, &conf);
	teach(h, 1, 10);
	for (i = 0; i < 5; i++) {
		frame(h, 0, station[1], stranger, (int)i << 13 | 10, i == 1 ? BODY : 42);
		verdict_is(h, i == 1 ? VERDICT_STREAM_GATE : VERDICT_SENT);
		frame(h, 0, station[1], stranger, (int)i << 13 | 10, i == 4 ? 43 : 61);
		verdict_is(h, second[i]);
	}
	frame(h, 0, station[1], stranger, 5 << 13 | 10, 1000);	/* no filter */
	verdict_is(h, VERDICT_SENT);
	frame(h, 1, station[0], station[1], 1 << 13 | 10, BODY);	/* another port */
	assert_int_equal(h->stage[0]->verdict, VERDICT_SENT);
}

/* 8.6.5: of frames that have a port to go to, behind the filtering database; and their sources are learned. */
static void test_policed_behind_filtering(void **state)
{
	struct police_filter_conf filter = any_frame;
	struct police_gate_conf closed = {.initial_ipv = POLICE_NONE};
	struct police_conf conf = {.n_filters = 1, .n_gates = 1, .filters = &filter, .gates = &closed};
	struct police_counters c;
	struct house *h = *state;
	bool blocked;

	filter.gate = 0;
	police(h, &conf);
	teach(h, 0, 1);
	frame(h, 0, station[0], stranger, -1, BODY);	/* behind the port that it came from */
	verdict_is(h, VERDICT_NO_PORT);
	frame(h, 0, everybody, stranger, 20, BODY);
	verdict_is(h, VERDICT_VLAN_IN);
	police_counters_get(h->port[0].police, 0, &c, &blocked);
	assert_int_equal(c.matching_frames, 0);
	frame(h, 0, everybody, stranger, 10, BODY);	/* to three ports, but one frame */
	verdict_is(h, VERDICT_STREAM_GATE);
	police_counters_get(h->port[0].police, 0, &c, &blocked);
	assert_int_equal(c.matching_frames, 1);
	assert_int_equal(fdb_lookup(h->in.fdb, 10, stranger, 100), 0);
}

/* The IPV decides about the class, at each egress port by its table, and overrides the queue number; the tag keeps its PCP. */
static void test_internal_priority(void **state)
{
	struct police_filter_conf filter = any_frame;
	struct police_gate_conf open = {.initial_open = true, .initial_ipv = 6};
	struct police_conf conf = {.n_filters = 1, .n_gates = 1, .filters = &filter, .gates = &open};
	struct house *h = *state;

	filter.gate = 0;
	police(h, &conf);
	teach(h, 1, 10);
	frame(h, 0, station[1], stranger, 3 << 13 | 10, BODY);
	leaves_as(h, 0, 1, station[1], stranger, 3 << 13 | 10);
	assert_int_equal(h->stage[0]->tc, cls_default_map[6]);
	h->port[1].class_map[6] = 0;
	h->port[0].classify = CLASSIFY_QUEUE;
	frame(h, 0, station[1], stranger, 3 << 13 | 10, BODY);
	assert_int_equal(h->stage[0]->tc, 0);
}

/* Yellow frames, and those that came in so, leave with DEI set in their tag. */
static void test_drop_eligible(void **state)
{
	struct police_filter_conf filter = any_frame;
	struct meter_conf meter = {.cbs_bytes = 64, .ebs_bytes = 64};
	struct police_conf conf = {.n_filters = 1, .n_meters = 1, .filters = &filter, .meters = &meter};
	struct house *h = *state;

	teach(h, 1, 10);
	frame(h, 0, station[1], stranger, 3 << 13 | 1 << 12 | 10, BODY);	/* nobody polices */
	leaves_as(h, 0, 1, station[1], stranger, 3 << 13 | 1 << 12 | 10);
	teach(h, 1, 10);
	frame(h, 2, station[1], stranger, 1 << 12, BODY);			/* priority tag */
	leaves_as(h, 0, 1, station[1], stranger, 1 << 12 | 10);
	filter.meter = 0;
	police(h, &conf);
	frame(h, 0, station[1], stranger, 3 << 13 | 10, 42);
	assert_false(h->stage[0]->flags & PKT_DEI);
	frame(h, 0, station[1], stranger, 3 << 13 | 10, 42);
	assert_true(h->stage[0]->flags & PKT_DEI);
	assert_int_equal(h->stage[0]->data[14], 3 << 5 | 1 << 4);
	frame(h, 0, station[1], stranger, 3 << 13 | 10, 42);
	verdict_is(h, VERDICT_METER_RED);
}

/* ATS: the instant is left for the egress port, as ns after the arrival. */
static void test_eligibility(void **state)
{
	struct police_filter_conf filter = any_frame;
	struct police_scheduler_conf scheduler = {{8000000, 64 * 8}, 0};
	int64_t residence = 1000000;
	struct police_conf conf = {.n_filters = 1, .n_schedulers = 1, .n_groups = 1, .filters = &filter, .schedulers = &scheduler,
				   .group_residence_ns = &residence};
	struct house *h = *state;

	filter.scheduler = 0;
	police(h, &conf);
	frame(h, 0, everybody, stranger, -1, BODY);
	assert_int_equal(h->stage[0]->hop_ns[HOP_SEND], 0);
	frame(h, 0, everybody, stranger, -1, BODY);	/* 64 bytes at 8 Mb/s */
	assert_int_equal(h->n, 2);
	assert_int_equal(h->stage[0]->hop_ns[HOP_SEND], 64000);
	assert_int_equal(h->stage[1]->hop_ns[HOP_SEND], 64000);
	frame(h, 0, everybody, stranger, -1, BODY);
	assert_int_equal(h->stage[0]->hop_ns[HOP_SEND], 128000);
}

TEST_GROUP("vnet/ingress policing",
	TEST(test_policed_and_dropped),
	TEST(test_policed_behind_filtering),
	TEST(test_internal_priority),
	TEST(test_drop_eligible),
	TEST(test_eligibility),
)
