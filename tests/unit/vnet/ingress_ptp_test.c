/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress_ptp.h"

#include <string.h>

#include "base/ns.h"
#include "tests/ptp_frame.h"
#include "tests/unit/test.h"
#include "tsn/cls.h"
#include "vnet/port_mem.h"

enum { DENY, CLIENT, SERVER, OPEN, LEFT, RIGHT, PORTS }; /* the first four: a port of each role; LEFT and RIGHT are peers */

struct house {
	struct port port[PORTS];
	struct port_mem mem[PORTS];
	struct port *ports[PORTS];
	struct ingress in;
	int64_t buffers;
	int64_t now;
	struct pkt *stage[INGRESS_STAGE];
	uint32_t n;
};

static const uint8_t station[6] = {2, 0, 0, 0, 0, 0xa0};
static const uint8_t types[] = {MSG_SYNC, MSG_DELAY_REQ, MSG_PDELAY_REQ, MSG_PDELAY_RESP, MSG_FOLLOW_UP, MSG_DELAY_RESP,
				MSG_PDELAY_RESP_FOLLOW_UP, MSG_ANNOUNCE, MSG_SIGNALING, MSG_MANAGEMENT};

/* All in VLAN 1, and tagged in 10. */
static int setup(void **state)
{
	static const enum role roles[PORTS] = {ROLE_DENY, ROLE_CLIENT_ONLY, ROLE_SERVER_ALLOWED, ROLE_TRANSPARENT, ROLE_CLIENT_ONLY, ROLE_TRANSPARENT};
	static struct house h;
	struct conf_port conf;
	int i;

	memset(&h, 0, sizeof(h));
	h.now = 1700000000 * NS_PER_SEC;
	for (i = 0; i < PORTS; i++) {
		conf = (struct conf_port){.name = {(char)('a' + i)}, .link_bps = 1000000000, .mtu = 1500, .pvid = 1, .queue_depth = 4,
					  .n_vlans = 1, .vlans = {10}, .ptp = {.role = roles[i], .message_rate = 1000000}};
		if (i >= LEFT) {
			conf.ptp.peer[0] = 'x';
			conf.ptp.peer_port = i == LEFT ? RIGHT : LEFT;
		}
		memcpy(conf.class_map, cls_default_map, sizeof(conf.class_map));
		assert_int_equal(port_init(&h.port[i], (uint8_t)i, &conf, NULL), 0);
		port_mem_open(&h.port[i], &h.mem[i], &(struct pktbuf){&port_mem_heap, &h.buffers});
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

/* Each port has a clock of its own, unless the message names another. */
static void receive(struct house *h, uint8_t port, const struct ptp_frame *f)
{
	uint8_t bytes[PTP_FRAME_MAX], clock[6] = {2, 0, 0, 0, 1, port};
	struct ptp_frame named = *f;
	struct pkt *p;
	uint32_t len;

	if (!f->clock)
		named.clock = clock;
	len = ptp_frame_make(bytes, &named);

	let_go(h);
	p = port_mem_frame(&h->in.buf, bytes, len);
	p->in_port = port;
	p->t_seen = h->now;
	h->port[port].t_dry = h->now; /* there is no doubt when it came */
	h->n = ingress_frame(&h->in, p, h->now, h->stage);
}

/* The ports that it goes to, bit n for port n. */
static uint32_t gone(const struct house *h)
{
	uint32_t i, ports = 0;

	for (i = 0; i < h->n; i++)
		if (h->stage[i]->verdict == VERDICT_SENT)
			ports |= 1u << h->stage[i]->out_port;
	return ports;
}

static void dropped_as(const struct house *h, enum pkt_verdict verdict)
{
	assert_int_equal(h->n, 1);
	assert_int_equal(h->stage[0]->verdict, verdict);
}

static void goes_to(const struct house *h, uint32_t ports)
{
	assert_int_equal(gone(h), ports);
	assert_int_equal(h->n, __builtin_popcount(ports));
}

/* In words, once more: what may come in where. */
static bool let_in(int port, const struct ptp_frame *f)
{
	switch (port) {
	case DENY:
		return false;
	case CLIENT:
		return !f->flaw && f->type == MSG_DELAY_REQ;
	case SERVER:
		return !f->flaw && (f->type == MSG_DELAY_REQ || f->type == MSG_ANNOUNCE || f->type == MSG_SYNC || f->type == MSG_FOLLOW_UP ||
				    f->type == MSG_DELAY_RESP);
	case LEFT:
		return !f->flaw && (f->type == MSG_DELAY_REQ || f->type == MSG_PDELAY_REQ || f->type == MSG_PDELAY_RESP ||
				    f->type == MSG_PDELAY_RESP_FOLLOW_UP);
	default:
		return true;
	}
}

static void look(struct house *h, int port, const struct ptp_frame *f)
{
	uint32_t all = (1u << PORTS) - 1, i;
	uint16_t flag = f->flaw ? 0 : f->type < 4 ? PKT_PTP_EVENT : PKT_PTP_GENERAL;
	struct stat_port *from = &h->port[port].stat, was = *from;
	bool for_peer = port == LEFT && f->type != MSG_DELAY_REQ; /* let in for the peer's sake, and for nobody else's */
	uint64_t kept = h->port[DENY].stat.ptp_kept;

	receive(h, (uint8_t)port, f);
	if (let_in(port, f))
		goes_to(h, for_peer ? 1u << RIGHT : all & ~(1u << port) & ~(1u << DENY));
	else
		dropped_as(h, VERDICT_PTP_ROLE);
	for (i = 0; i < h->n; i++)
		assert_int_equal(h->stage[i]->flags & (PKT_PTP_EVENT | PKT_PTP_GENERAL), flag);
	assert_int_equal(from->ptp_events - was.ptp_events, flag == PKT_PTP_EVENT);
	assert_int_equal(from->ptp_general - was.ptp_general, flag == PKT_PTP_GENERAL);
	assert_int_equal(from->ptp_unread - was.ptp_unread, flag == 0);
	assert_int_equal(h->port[DENY].stat.ptp_kept - kept, port != DENY && !for_peer && let_in(port, f));
}

/* Every type, over every transport, behind every depth of tags, whole and with every flaw, into a port of every role. */
static void test_everything(void **state)
{
	static const struct ptp_frame tags[] = {
		{.tags = 0},
		{.tags = 1, .tpid = {0x8100}, .tci = {0xe00a}},
		{.tags = 1, .tpid = {0x8100}, .tci = {0xe000}},
		{.tags = 1, .tpid = {0x88a8}, .tci = {0x2005}},
		{.tags = 2, .tpid = {0x88a8, 0x8100}, .tci = {0x2005, 0xe00a}},
		{.tags = 2, .tpid = {0x8100, 0x8100}, .tci = {0x000a, 0x0007}},
	};
	struct ptp_frame f;
	size_t t, g;
	int port, transport, flaw;

	for (port = 0; port < PORTS; port++)
		for (t = 0; t < sizeof(types); t++)
			for (transport = MSG_L2; transport <= MSG_UDP6; transport++)
				for (g = 0; g < sizeof(tags) / sizeof(tags[0]); g++)
					for (flaw = PTP_WHOLE; flaw < PTP_FLAWS; flaw++) {
						f = tags[g];
						f.type = types[t];
						f.transport = (enum msg_transport)transport;
						f.flaw = (enum ptp_flaw)flaw;
						f.src = station;
						look(*state, port, &f);
					}
}

/* Three tags, of which the bridge takes one off: the next one to read it would find a message. */
static void test_hidden(void **state)
{
	static const struct ptp_frame f = {.type = MSG_ANNOUNCE, .tags = 3, .tpid = {0x8100, 0x88a8, 0x8100}, .tci = {1, 5, 6}, .src = station};

	receive(*state, CLIENT, &f);
	dropped_as(*state, VERDICT_PTP_ROLE);
	receive(*state, OPEN, &f);
	goes_to(*state, 1u << CLIENT | 1u << SERVER | 1u << LEFT | 1u << RIGHT);
	assert_int_equal(((struct house *)*state)->stage[0]->flags & (PKT_PTP_EVENT | PKT_PTP_GENERAL), 0);
}

static void test_to_a_station(void **state)
{
	struct ptp_frame f = {.type = MSG_SYNC, .src = station, .dst = (const uint8_t[]){2, 0, 0, 0, 0, 0xb0}};
	struct house *h = *state;

	fdb_learn(h->in.fdb, 1, f.dst, DENY, h->now);
	receive(h, OPEN, &f);
	dropped_as(h, VERDICT_PTP_ROLE);
	assert_int_equal(h->port[DENY].stat.ptp_kept, 1);
	fdb_learn(h->in.fdb, 1, f.dst, CLIENT, h->now);
	receive(h, OPEN, &f);
	goes_to(h, 1u << CLIENT);
}

/* What is not let in is not learned from either. */
static void test_learns_nothing(void **state)
{
	struct ptp_frame f = {.type = MSG_ANNOUNCE, .src = station};
	struct house *h = *state;

	receive(h, CLIENT, &f);
	dropped_as(h, VERDICT_PTP_ROLE);
	assert_int_equal(fdb_lookup(h->in.fdb, 1, station, h->now), PKT_NO_PORT);
	f.type = MSG_DELAY_REQ;
	receive(h, CLIENT, &f);
	assert_int_equal(fdb_lookup(h->in.fdb, 1, station, h->now), CLIENT);
}

static void test_link_local(void **state)
{
	struct ptp_frame f = {.src = station, .dst = ptp_link_local};
	struct house *h = *state;
	size_t t;

	for (t = 0; t < sizeof(types); t++) {
		f.type = types[t];
		receive(h, RIGHT, &f); /* transparent: all of it, to its peer and nobody else */
		goes_to(h, 1u << LEFT);
		receive(h, LEFT, &f);
		if (let_in(LEFT, &f))
			goes_to(h, 1u << RIGHT);
		else
			dropped_as(h, VERDICT_PTP_ROLE);
		receive(h, OPEN, &f); /* no peer: as any link-local frame */
		dropped_as(h, VERDICT_LINK_LOCAL);
		receive(h, DENY, &f);
		dropped_as(h, VERDICT_LINK_LOCAL);
	}
	assert_int_equal(fdb_lookup(h->in.fdb, 1, station, h->now), PKT_NO_PORT);
	f.type = MSG_PDELAY_REQ;
	f.flaw = PTP_VERSION_1;
	receive(h, RIGHT, &f);
	goes_to(h, 1u << LEFT);
	receive(h, LEFT, &f);
	dropped_as(h, VERDICT_PTP_ROLE);
	h->port[LEFT].was_up = false;
	receive(h, RIGHT, &f);
	dropped_as(h, VERDICT_NO_PORT);
}

/* Neither another protocol to that address, nor PTP to another one of those addresses, nor PTP over UDP. */
static void test_other_link_local(void **state)
{
	struct ptp_frame f = {.type = MSG_SYNC, .src = station, .dst = (const uint8_t[]){0x01, 0x80, 0xc2, 0, 0, 0x00}};
	uint8_t lldp[60] = {0x01, 0x80, 0xc2, 0, 0, 0x0e, 2, 0, 0, 0, 0, 1, 0x88, 0xcc};
	struct house *h = *state;
	struct pkt *p;

	receive(h, RIGHT, &f);
	dropped_as(h, VERDICT_LINK_LOCAL);
	f.dst = ptp_link_local;
	f.transport = MSG_UDP4;
	receive(h, RIGHT, &f);
	dropped_as(h, VERDICT_LINK_LOCAL);
	let_go(h);
	p = port_mem_frame(&h->in.buf, lldp, sizeof(lldp));
	p->in_port = RIGHT;
	h->n = ingress_frame(&h->in, p, h->now, h->stage);
	dropped_as(h, VERDICT_LINK_LOCAL);
}

/* Asks as if it were the host's own client, which is behind the wire: refused before it counts against anybody's rate. */
static void test_in_anothers_name(void **state)
{
	static const uint8_t host[6] = {2, 0, 0, 0, 0, 0xbb};
	struct ptp_frame ask = {.type = MSG_DELAY_REQ, .src = station, .clock = host}, own = {.type = MSG_DELAY_REQ, .src = station};
	struct house *h = *state;

	receive(h, OPEN, &ask);
	receive(h, CLIENT, &ask);
	dropped_as(h, VERDICT_PTP_CLOCK);
	receive(h, SERVER, &ask);
	dropped_as(h, VERDICT_PTP_CLOCK);
	receive(h, CLIENT, &own);
	assert_int_not_equal(gone(h), 0);
	receive(h, OPEN, &ask);
	assert_int_not_equal(gone(h), 0);
}

static void test_rate(void **state)
{
	struct ptp_frame ask = {.type = MSG_DELAY_REQ, .src = station}, announce = {.type = MSG_ANNOUNCE, .src = station};
	struct house *h = *state;
	int i;

	role_meter_init(&h->port[CLIENT].ptp.meter, 128);
	for (i = 0; i < 100; i++) { /* what its role does not let in takes nothing from its rate */
		receive(h, CLIENT, &announce);
		dropped_as(h, VERDICT_PTP_ROLE);
	}
	for (i = 0; i < 16; i++) {
		receive(h, CLIENT, &ask);
		goes_to(h, 1u << SERVER | 1u << OPEN | 1u << LEFT | 1u << RIGHT);
	}
	receive(h, CLIENT, &ask);
	dropped_as(h, VERDICT_PTP_RATE);
	receive(h, SERVER, &ask); /* each port has its own */
	assert_int_not_equal(gone(h), 0);
	h->now += NS_PER_SEC / 128;
	receive(h, CLIENT, &ask);
	assert_int_not_equal(gone(h), 0);
	receive(h, CLIENT, &ask);
	dropped_as(h, VERDICT_PTP_RATE);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST_GROUP("vnet/ingress_ptp",
	ROW(test_everything),
	ROW(test_hidden),
	ROW(test_to_a_station),
	ROW(test_learns_nothing),
	ROW(test_link_local),
	ROW(test_other_link_local),
	ROW(test_in_anothers_name),
	ROW(test_rate),
)
