/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress_time.h"

#include "base/ask.h"
#include "base/key.h"
#include "tests/unit/vnet/ingress_house.h"

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

TEST_GROUP("vnet/ingress_time",
	TEST(test_asks_are_answered),
	TEST(test_asks_that_are_not),
	TEST(test_asks_have_a_bound),
	cmocka_unit_test(test_answers_need_no_launch_time),
)
