/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress.h"

#include <string.h>

#include "base/ask.h"
#include "base/key.h"
#include "tests/unit/test.h"
#include "tsn/cls.h"
#include "vnet/port_mem.h"

#define PORTS 4
#define BODY  46

/*
 * Four ports: 0 and 1 in PVID 1, tagged in 10; 2 in PVID 10, its default priority 4; 3 in PVID 1, tagged in 10 and 20, with a small MTU,
 * classified by queue.
 */
struct house {
	struct port port[PORTS];
	struct port *ports[PORTS];
	struct ingress in;
	int64_t buffers;
	struct pkt *stage[INGRESS_STAGE];
	uint32_t n;
};

static const uint8_t station[PORTS][6] = {
	{2, 0, 0, 0, 0, 0xa0}, {2, 0, 0, 0, 0, 0xa1}, {2, 0, 0, 0, 0, 0xa2}, {2, 0, 0, 0, 0, 0xa3},
};
static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t stranger[6] = {2, 0, 0, 0, 0, 0xbb};

static int setup(void **state)
{
	static const int64_t pvid[PORTS] = {1, 1, 10, 1};
	static struct house h;
	struct conf_port conf;
	int i;

	memset(&h, 0, sizeof(h));
	for (i = 0; i < PORTS; i++) {
		conf = (struct conf_port){.name = {(char)('a' + i)}, .link_bps = 1000000000, .mtu = 1500, .pvid = pvid[i], .queue_depth = 4};
		memcpy(conf.class_map, cls_default_map, sizeof(conf.class_map));
		conf.vlans[conf.n_vlans++] = pvid[i] == 1 ? 10 : 30;
		if (i == 2)
			conf.pcp = 4;
		if (i == 3) {
			conf.vlans[conf.n_vlans++] = 20;
			conf.mtu = 200;
			conf.classify = CLASSIFY_QUEUE;
		}
		assert_int_equal(port_init(&h.port[i], (uint8_t)i, &conf, NULL), 0);
		h.port[i].was_up = true;
		h.ports[i] = &h.port[i];
	}
	h.in = (struct ingress){.ports = h.ports, .n_ports = PORTS, .fdb = fdb_create(1000000), .buf = {&port_mem_heap, &h.buffers}};
	*state = &h;
	return !h.in.fdb;
}

static void let_go(struct house *h)
{
	while (h->n)
		pktbuf_free(&h->in.buf, h->stage[--h->n]);
}

static int teardown(void **state)
{
	struct house *h = *state;
	int i;

	let_go(h);
	for (i = 0; i < PORTS; i++)
		port_fini(&h->port[i]);
	fdb_destroy(h->in.fdb);
	return h->buffers != 0;
}

/* Addresses, a tag when `tci` >= 0, EtherType 88b5, then bytes that count up. Returns the length. */
static uint32_t compose(uint8_t *at, const uint8_t *dst, const uint8_t *src, int tci, uint32_t body)
{
	uint8_t *p = at;
	uint32_t i;

	memcpy(p, dst, 6);
	memcpy(p + 6, src, 6);
	p += 12;
	if (tci >= 0) {
		*p++ = 0x81;
		*p++ = 0x00;
		*p++ = (uint8_t)(tci >> 8);
		*p++ = (uint8_t)tci;
	}
	*p++ = 0x88;
	*p++ = 0xb5;
	for (i = 0; i < body; i++)
		*p++ = (uint8_t)i;
	return (uint32_t)(p - at);
}

/* Let `len` bytes come in at a port. What came in before is forgotten. */
static void receive(struct house *h, uint8_t port, const uint8_t *bytes, uint32_t len, uint8_t queue)
{
	struct pkt *p;

	let_go(h);
	p = port_mem_frame(&h->in.buf, bytes, len);
	assert_non_null(p);
	p->in_port = port;
	p->tc = queue;
	p->seq = 4711;
	h->n = ingress_frame(&h->in, p, 100, h->stage);
	assert_true(h->n >= 1);
}

static void frame(struct house *h, uint8_t port, const uint8_t *dst, const uint8_t *src, int tci, uint32_t body)
{
	uint8_t bytes[PORT_MEM_FRAME];

	receive(h, port, bytes, compose(bytes, dst, src, tci, body), 0);
}

static void teach(struct house *h, uint8_t port, uint16_t vid)
{
	fdb_learn(h->in.fdb, vid, station[port], port, 100);
}

static void verdict_is(const struct house *h, enum pkt_verdict verdict)
{
	assert_int_equal(h->n, 1);
	assert_int_equal(h->stage[0]->verdict, verdict);
}

/* One frame, to one port, byte by byte. */
static void leaves_as(const struct house *h, uint32_t i, uint8_t port, const uint8_t *dst, const uint8_t *src, int tci)
{
	uint8_t want[PORT_MEM_FRAME];
	uint32_t len = compose(want, dst, src, tci, BODY);

	assert_true(i < h->n);
	assert_int_equal(h->stage[i]->verdict, VERDICT_SENT);
	assert_int_equal(h->stage[i]->out_port, port);
	assert_int_equal(h->stage[i]->len, len);
	assert_memory_equal(h->stage[i]->data, want, len);
}

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

/* What comes in at port 0 is policed from now on. */
static void police(struct house *h, struct police_conf *conf)
{
	assert_int_equal(police_create(&h->port[0].police, conf, &h->port[0].egress.wire, 0, NULL), 0);
}

static const struct police_filter_conf any_frame = {
	.any_dst = true, .vid = POLICE_ANY, .pcp = POLICE_ANY, .gate = POLICE_NONE, .meter = POLICE_NONE, .scheduler = POLICE_NONE,
};

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

/* -- asks for the time -------------------------------------------------------------------------------------------------- */

#define ASK_AT 14

/* An ask of port `port`, in VLAN 10 with a tag if `tci` >= 0; `spoil`: a byte of its payload to be changed, -1: none. */
static void asks(struct house *h, uint8_t port, int tci, int spoil)
{
	struct ask a = {.op = ASK_ASKS, .id = 4711, .t_guest = 42};
	uint8_t bytes[PORT_MEM_FRAME];
	uint32_t len = compose(bytes, (const uint8_t *)ASK_ADDRESS, station[port], tci, BODY), at = tci >= 0 ? ASK_AT + 4 : ASK_AT;

	ask_put(bytes + at, &a);
	if (spoil >= 0)
		bytes[at + (uint32_t)spoil] ^= 0x10;
	receive(h, port, bytes, len, 0);
}

/* Answered at 100, when receive() says that it was taken in. */
static void answered(const struct house *h, uint8_t port, int tci)
{
	struct ask a = {.op = ASK_ANSWERS, .id = 4711, .t_guest = 42, .t_seen = 100};
	uint8_t want[PORT_MEM_FRAME];
	uint32_t len = compose(want, station[port], (const uint8_t *)ASK_ADDRESS, tci, BODY);

	ask_put(want + (tci >= 0 ? ASK_AT + 4 : ASK_AT), &a);
	verdict_is(h, VERDICT_SENT);
	assert_int_equal(h->stage[0]->out_port, port);
	assert_int_equal(h->stage[0]->tc, 7);
	assert_int_equal(h->stage[0]->len, len);
	assert_memory_equal(h->stage[0]->data, want, len);
	assert_true(*pktbuf_key(h->stage[0]) == key_of(want, len));
}

static void test_asks_are_answered(void **state)
{
	struct house *h = *state;

	h->port[0].time.on = true;
	asks(h, 0, -1, -1);
	answered(h, 0, -1);
	asks(h, 0, 3 << 13 | 10, -1); /* tagged, and back with the same tag */
	answered(h, 0, 3 << 13 | 10);
	asks(h, 0, 5 << 13, -1); /* a priority tag comes off, as anywhere */
	answered(h, 0, -1);
	assert_int_equal(fdb_lookup(h->in.fdb, 1, station[0], 100), PKT_NO_PORT); /* nothing was learned */
	assert_int_equal(h->port[0].stat.time_asks, 3);
}

static void test_asks_that_are_not(void **state)
{
	struct house *h = *state;
	uint8_t bytes[PORT_MEM_FRAME];
	int i;

	asks(h, 1, -1, -1);
	verdict_is(h, VERDICT_TIME_OFF); /* as a wire */
	h->port[0].time.on = true;
	for (i = 0; i < 8; i++) {
		asks(h, 0, -1, i);
		verdict_is(h, VERDICT_TIME_BAD);
	}
	receive(h, 0, bytes, compose(bytes, (const uint8_t *)ASK_ADDRESS, station[0], -1, ASK_LEN - 1), 0);
	verdict_is(h, VERDICT_TIME_BAD); /* cut off */
	frame(h, 0, station[1], (const uint8_t *)ASK_ADDRESS, -1, BODY);
	verdict_is(h, VERDICT_TIME_BAD); /* in taktd's name */
	frame(h, 0, everybody, (const uint8_t *)ASK_ADDRESS, 10, BODY);
	verdict_is(h, VERDICT_TIME_BAD);
	assert_int_equal(fdb_lookup(h->in.fdb, 1, (const uint8_t *)ASK_ADDRESS, 100), PKT_NO_PORT);
	asks(h, 0, 20, -1);
	verdict_is(h, VERDICT_VLAN_IN); /* first of all it has to be let in */
	compose(bytes, (const uint8_t *)ASK_ADDRESS, station[0], -1, BODY);
	bytes[13] = 0xb6; /* another EtherType: a frame like any other */
	receive(h, 0, bytes, 14 + BODY, 0);
	assert_int_equal(h->stage[0]->verdict, VERDICT_SENT);
	assert_true(h->stage[0]->flags & PKT_FLOODED);
}

static void test_asks_have_a_bound(void **state)
{
	struct house *h = *state;
	int i;

	h->port[0].time.on = true;
	for (i = 0; i < ASK_BURST; i++) {
		asks(h, 0, -1, -1);
		verdict_is(h, VERDICT_SENT);
	}
	asks(h, 0, -1, -1);
	verdict_is(h, VERDICT_TIME_RATE);
	asks(h, 0, -1, 0);
	verdict_is(h, VERDICT_TIME_BAD); /* what is none does not use it up, nor is it judged by it */
	h->port[1].time.on = true;
	asks(h, 1, -1, -1);
	verdict_is(h, VERDICT_SENT); /* another port has its own */
}

/* Where the highest class goes by launch times, an answer has none to tell: the next lower one takes it. */
static void test_answers_need_no_launch_time(void **state)
{
	struct conf_port conf = {.name = "x", .link_bps = 1000000000, .mtu = 1500, .pvid = 1, .queue_depth = 4, .kind = PORT_GUEST, .time_answer = true};
	struct port port;

	(void)state;
	assert_int_equal(port_init(&port, 0, &conf, NULL), 0);
	assert_true(port.time.on);
	assert_int_equal(port.time.tc, 7);
	port_fini(&port);
	conf.launch[7].enabled = conf.launch[6].enabled = true;
	assert_int_equal(port_init(&port, 0, &conf, NULL), 0);
	assert_int_equal(port.time.tc, 5);
	port_fini(&port);
	conf.kind = PORT_WIRE;
	assert_int_equal(port_init(&port, 0, &conf, NULL), 0);
	assert_false(port.time.on);
	port_fini(&port);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
	TEST(test_policed_and_dropped),
	TEST(test_policed_behind_filtering),
	TEST(test_internal_priority),
	TEST(test_drop_eligible),
	TEST(test_eligibility),
	TEST(test_asks_are_answered),
	TEST(test_asks_that_are_not),
	TEST(test_asks_have_a_bound),
	cmocka_unit_test(test_answers_need_no_launch_time),
)
