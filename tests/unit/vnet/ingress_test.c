/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress.h"

#include "tests/unit/vnet/ingress_house.h"

static void test_runt(void **state)
{
	static const uint8_t bytes[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5};

	receive(*state, 0, bytes, 13, 0);
	verdict_is(*state, VERDICT_RUNT);
	receive(*state, 0, bytes, 0, 0);
	verdict_is(*state, VERDICT_RUNT);
	receive(*state, 0, bytes, 14, 0);
	assert_int_equal(((struct house *)*state)->stage[0]->verdict, VERDICT_SENT);
}

static void test_malformed(void **state)
{
	static const uint8_t cut[17] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0x00, 0x0a, 0x88};

	receive(*state, 0, cut, 14, 0);
	verdict_is(*state, VERDICT_MALFORMED);
	receive(*state, 0, cut, 17, 0);
	verdict_is(*state, VERDICT_MALFORMED);
	frame(*state, 0, everybody, stranger, 0xfff, BODY);
	verdict_is(*state, VERDICT_MALFORMED);
}

static void test_oversize(void **state)
{
	struct house *h = *state;

	teach(h, 1, 1);
	teach(h, 1, 10);
	frame(h, 0, station[1], stranger, -1, 1500);
	verdict_is(h, VERDICT_SENT);
	frame(h, 0, station[1], stranger, -1, 1501);
	verdict_is(h, VERDICT_OVERSIZE);
	frame(h, 0, station[1], stranger, 10, 1500);
	verdict_is(h, VERDICT_SENT);
	frame(h, 0, station[1], stranger, 10, 1501);
	verdict_is(h, VERDICT_OVERSIZE);
}

static void test_over_mtu(void **state)
{
	struct house *h = *state;

	teach(h, 3, 1);
	teach(h, 3, 10);
	frame(h, 0, station[3], stranger, -1, 200);
	verdict_is(h, VERDICT_SENT);
	frame(h, 0, station[3], stranger, -1, 201);
	verdict_is(h, VERDICT_OVER_MTU);
	frame(h, 0, station[3], stranger, 10, 200);
	verdict_is(h, VERDICT_SENT);
	frame(h, 0, station[3], stranger, 10, 201);
	verdict_is(h, VERDICT_OVER_MTU);
	assert_int_equal(h->stage[0]->out_port, 3);
}

/* What a class may carry by the egress port's schedule is checked with the tag it will leave with. */
static void test_max_sdu(void **state)
{
	struct gcl_entry entry = {0xff, 1000000};
	struct gcl_conf conf = {.enabled = true, .n_entries = 1, .entries = &entry};
	struct house *h = *state;
	const uint8_t tc = cls_default_map[5];
	uint32_t room;
	struct gcl *gcl;

	conf.max_sdu[tc] = 300;
	assert_int_equal(gcl_create(&gcl, &conf, &h->port[1].egress.wire, NULL), 0);
	egress_set(&h->port[1].egress, gcl, 0);
	egress_account(&h->port[1].egress, 1);
	room = gcl->class[tc].max_len - CLS_ETH_HLEN - CLS_VLAN_HLEN;
	teach(h, 1, 10);
	frame(h, 0, station[1], stranger, 5 << 13 | 10, room);
	verdict_is(h, VERDICT_SENT);
	frame(h, 0, station[1], stranger, 5 << 13 | 10, room + 1);
	verdict_is(h, VERDICT_MAX_SDU);
	frame(h, 0, station[1], stranger, 4 << 13 | 10, room + 1);	/* another class */
	verdict_is(h, VERDICT_SENT);
	gcl_destroy(gcl);
}

static void test_wrong_vlan(void **state)
{
	frame(*state, 0, everybody, stranger, 20, BODY);
	verdict_is(*state, VERDICT_VLAN_IN);
	frame(*state, 2, everybody, stranger, 1, BODY);
	verdict_is(*state, VERDICT_VLAN_IN);
	/* Nothing was learned from them. */
	assert_int_equal(fdb_lookup(((struct house *)*state)->in.fdb, 20, stranger, 100), PKT_NO_PORT);
}

static void test_link_local_and_bad_source(void **state)
{
	uint8_t reserved[6] = {0x01, 0x80, 0xc2, 0, 0, 0};
	int i;

	for (i = 0; i < 16; i++) {
		reserved[5] = (uint8_t)i;
		frame(*state, 0, reserved, stranger, -1, BODY);
		verdict_is(*state, VERDICT_LINK_LOCAL);
	}
	reserved[5] = 0x10;
	frame(*state, 0, reserved, stranger, -1, BODY);
	assert_int_equal(((struct house *)*state)->stage[0]->verdict, VERDICT_SENT);
	frame(*state, 0, station[1], everybody, -1, BODY);
	verdict_is(*state, VERDICT_BAD_SOURCE);
}

static void test_no_port(void **state)
{
	struct house *h = *state;

	teach(h, 0, 1);
	frame(h, 0, station[0], stranger, -1, BODY);	/* behind the port that it came from */
	verdict_is(h, VERDICT_NO_PORT);
	frame(h, 3, everybody, stranger, 20, BODY);	/* nobody else is in VLAN 20 */
	verdict_is(h, VERDICT_NO_PORT);
	teach(h, 1, 1);
	h->port[1].was_up = false;
	frame(h, 0, station[1], stranger, -1, BODY);
	verdict_is(h, VERDICT_NO_PORT);
}

static void test_flood(void **state)
{
	struct house *h = *state;
	uint32_t i;

	frame(h, 0, everybody, stranger, 10, BODY);	/* tagged to 1 and 3, untagged to 2 */
	assert_int_equal(h->n, 3);
	assert_int_equal(h->buffers, 3);
	leaves_as(h, 0, 1, everybody, stranger, 10);
	leaves_as(h, 1, 2, everybody, stranger, -1);
	leaves_as(h, 2, 3, everybody, stranger, 10);
	for (i = 0; i < 3; i++) {
		assert_int_equal(h->stage[i]->seq, 4711);
		assert_true(h->stage[i]->flags & PKT_FLOODED);
		assert_int_equal(!!(h->stage[i]->flags & PKT_COPY), i < 2);
	}
	h->port[2].was_up = false;
	frame(h, 0, everybody, stranger, 10, BODY);
	assert_int_equal(h->n, 2);
	leaves_as(h, 0, 1, everybody, stranger, 10);
	leaves_as(h, 1, 3, everybody, stranger, 10);
	frame(h, 1, stranger, station[1], 10, BODY);	/* known by now: one port, no copy */
	assert_int_equal(h->n, 1);
	leaves_as(h, 0, 0, stranger, station[1], 10);
	assert_false(h->stage[0]->flags & (PKT_FLOODED | PKT_COPY));
}

/* The trailer comes off where the class has launch times, and only there; without one, or with one far away, the frame does not get there. */
static void test_launch_time(void **state)
{
	static const struct launch_conf strict = {.enabled = true, .source = LAUNCH_FROM_TRAILER, .offset_ns = 50};
	struct house *h = *state;
	uint8_t bytes[PORT_MEM_FRAME];
	uint32_t len = compose(bytes, everybody, stranger, 5 << 13 | 10, BODY);

	assert_int_equal(egress_order(&h->port[1].egress, 5, &strict), 0);
	launch_put_trailer(bytes, len, 5000);
	receive(h, 0, bytes, len + LAUNCH_TRAILER, 0);
	assert_int_equal(h->n, 3);
	leaves_as(h, 0, 1, everybody, stranger, 5 << 13 | 10);
	assert_int_equal(h->stage[0]->len, len);
	assert_int_equal(pkt_launch(h->stage[0]), 5050);
	assert_int_equal(h->stage[1]->len, len + LAUNCH_TRAILER - CLS_VLAN_HLEN);
	assert_int_equal(h->stage[2]->len, len + LAUNCH_TRAILER);
	receive(h, 0, bytes, len, 0);
	assert_int_equal(h->stage[0]->verdict, VERDICT_LAUNCH_INVALID);
	assert_int_equal(h->stage[0]->out_port, 1);
	assert_int_equal(h->stage[1]->verdict, VERDICT_SENT);
	launch_put_trailer(bytes, len, 2 * LAUNCH_HORIZON_NS);
	receive(h, 0, bytes, len + LAUNCH_TRAILER, 0);
	assert_int_equal(h->stage[0]->verdict, VERDICT_LAUNCH_INVALID);
}

static struct pkt *no_copy(void *ctx, const struct pkt *p)
{
	(void)ctx;
	(void)p;
	return NULL;
}

static void test_flood_without_buffers(void **state)
{
	static const struct pktbuf_ops poor = {.copy = no_copy};
	struct house *h = *state;
	const struct pktbuf_ops *rich = h->in.buf.ops;
	uint8_t bytes[PORT_MEM_FRAME];
	struct pkt *p = port_mem_frame(&h->in.buf, bytes, compose(bytes, everybody, stranger, 10, BODY));

	assert_non_null(p);
	h->in.buf.ops = &poor;
	h->n = ingress_frame(&h->in, p, 100, h->stage);
	h->in.buf.ops = rich;
	assert_int_equal(h->n, 1);	/* the last member gets the frame itself */
	leaves_as(h, 0, 3, everybody, stranger, 10);
	assert_int_equal(h->port[0].stat.no_copies, 2);
}

static void test_tags(void **state)
{
	struct house *h = *state;
	uint8_t port;

	for (port = 0; port < PORTS; port++)
		teach(h, port, port == 2 ? 10 : 1);
	frame(h, 0, station[1], stranger, -1, BODY);
	leaves_as(h, 0, 1, station[1], stranger, -1);
	frame(h, 0, station[2], stranger, 7 << 13 | 10, BODY);	/* pop */
	leaves_as(h, 0, 2, station[2], stranger, -1);
	teach(h, 1, 10);
	frame(h, 2, station[1], stranger, -1, BODY);		/* push, with the port's VLAN and priority */
	leaves_as(h, 0, 1, station[1], stranger, 4 << 13 | 10);
	frame(h, 0, station[1], stranger, 6 << 13 | 10, BODY);	/* keep */
	leaves_as(h, 0, 1, station[1], stranger, 6 << 13 | 10);
	frame(h, 2, station[1], stranger, 6 << 13, BODY);	/* priority tag: the VLAN is written into it */
	leaves_as(h, 0, 1, station[1], stranger, 6 << 13 | 10);
	frame(h, 0, station[1], stranger, 6 << 13, BODY);	/* priority tag, in the PVID on both sides: gone */
	leaves_as(h, 0, 1, station[1], stranger, -1);
	assert_int_equal(h->stage[0]->vid, 1);
	frame(h, 0, station[1], stranger, 3 << 13 | 1, BODY);	/* the PVID by its number: the same */
	leaves_as(h, 0, 1, station[1], stranger, -1);
	assert_int_equal(pkt_pcp(h->stage[0]), 3);
}

static void test_class_by_pcp_and_by_queue(void **state)
{
	struct house *h = *state;
	uint8_t bytes[PORT_MEM_FRAME];
	int pcp;

	teach(h, 1, 10);
	for (pcp = 0; pcp < 8; pcp++) {
		receive(h, 0, bytes, compose(bytes, station[1], stranger, pcp << 13 | 10, BODY), 7);
		assert_int_equal(h->stage[0]->tc, cls_default_map[pcp]);
		assert_int_equal(pkt_pcp(h->stage[0]), pcp);
		receive(h, 3, bytes, compose(bytes, station[1], stranger, pcp << 13 | 10, BODY), (uint8_t)(7 - pcp));
		assert_int_equal(h->stage[0]->tc, 7 - pcp);
		assert_int_equal(pkt_pcp(h->stage[0]), pcp);
	}
	h->port[1].class_map[5] = 2;	/* the egress port's table decides */
	receive(h, 0, bytes, compose(bytes, station[1], stranger, 5 << 13 | 10, BODY), 0);
	assert_int_equal(h->stage[0]->tc, 2);
	receive(h, 2, bytes, compose(bytes, station[1], stranger, -1, BODY), 0);
	assert_int_equal(h->stage[0]->tc, cls_default_map[4]);	/* the port's default priority */
}

static void test_learning_is_counted(void **state)
{
	struct house *h = *state;

	frame(h, 0, everybody, stranger, -1, BODY);
	frame(h, 0, everybody, stranger, -1, BODY);
	frame(h, 1, everybody, stranger, -1, BODY);
	assert_int_equal(h->port[0].stat.learned, 1);
	assert_int_equal(h->port[1].stat.moved, 1);
	assert_int_equal(fdb_lookup(h->in.fdb, 1, stranger, 100), 1);
}

TEST_GROUP("vnet/ingress",
	TEST(test_runt),
	TEST(test_malformed),
	TEST(test_oversize),
	TEST(test_over_mtu),
	TEST(test_max_sdu),
	TEST(test_wrong_vlan),
	TEST(test_link_local_and_bad_source),
	TEST(test_no_port),
	TEST(test_flood),
	TEST(test_flood_without_buffers),
	TEST(test_launch_time),
	TEST(test_tags),
	TEST(test_class_by_pcp_and_by_queue),
	TEST(test_learning_is_counted),
)
