/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ingress_house: four ports without a wire behind them, and frames that come in at one: the fixture of ingress_*_test.c.
 */
#ifndef TAKT_TESTS_INGRESS_HOUSE_H
#define TAKT_TESTS_INGRESS_HOUSE_H

#include <string.h>

#include "tests/unit/test.h"
#include "tsn/cls.h"
#include "vnet/ingress.h"
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

static inline int setup(void **state)
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

static inline void let_go(struct house *h)
{
	while (h->n)
		pktbuf_free(&h->in.buf, h->stage[--h->n]);
}

static inline int teardown(void **state)
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
static inline uint32_t compose(uint8_t *at, const uint8_t *dst, const uint8_t *src, int tci, uint32_t body)
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
static inline void receive(struct house *h, uint8_t port, const uint8_t *bytes, uint32_t len, uint8_t queue)
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

static inline void frame(struct house *h, uint8_t port, const uint8_t *dst, const uint8_t *src, int tci, uint32_t body)
{
	uint8_t bytes[PORT_MEM_FRAME];

	receive(h, port, bytes, compose(bytes, dst, src, tci, body), 0);
}

static inline void teach(struct house *h, uint8_t port, uint16_t vid)
{
	fdb_learn(h->in.fdb, vid, station[port], port, 100);
}

static inline void verdict_is(const struct house *h, enum pkt_verdict verdict)
{
	assert_int_equal(h->n, 1);
	assert_int_equal(h->stage[0]->verdict, verdict);
}

/* One frame, to one port, byte by byte. */
static inline void leaves_as(const struct house *h, uint32_t i, uint8_t port, const uint8_t *dst, const uint8_t *src, int tci)
{
	uint8_t want[PORT_MEM_FRAME];
	uint32_t len = compose(want, dst, src, tci, BODY);

	assert_true(i < h->n);
	assert_int_equal(h->stage[i]->verdict, VERDICT_SENT);
	assert_int_equal(h->stage[i]->out_port, port);
	assert_int_equal(h->stage[i]->len, len);
	assert_memory_equal(h->stage[i]->data, want, len);
}

/* A test of one house. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
