/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worker_ptp_house: a worker that is a transparent clock, between its master's port IN, its client's port OUT, and a third that hears what is flooded once
 * it is up; stamps come and go as the test says. The fixture of worker_ptp*_test.c.
 */
#ifndef TAKT_TESTS_WORKER_PTP_HOUSE_H
#define TAKT_TESTS_WORKER_PTP_HOUSE_H

#include "ptp/be.h"
#include "tests/unit/vnet/worker_house.h"
#include "vnet/worker_ptp.h"

#define COST_NS	  100	/* of a look at the clock */
#define CYCLE_NS  10000000
#define WINDOW_NS 1000000
#define KEPT	  64

enum { IN, OUT, THIRD, PORTS };

/* A frame as it left, and its record. */
struct left {
	uint8_t frame[128];
	uint16_t len;
	uint8_t port;
};

struct house {
	struct worker_house in;
	struct port_ops ops[PORTS]; /* of mem, and stamps */
	struct left left[KEPT];
	uint32_t n_left, refuse;
	int64_t away_ns;      /* lost in the next hand-over */
	int64_t early_ns;     /* it came so long before it was seen, by the port's stamp; INT64_MIN: no stamp */
	int64_t later_ns;     /* it left so long after its hand-over began; INT64_MIN: no stamp */
};

static struct house *house; /* for ops, which have no context of their own */

static inline bool keep(void *ctx, struct port *port, struct pkt *p)
{
	struct house *h = ctx;
	struct left *l = &h->left[h->n_left];

	if (h->refuse) {
		h->refuse--;
		return false;
	}
	h->in.clock.now += h->away_ns;
	h->away_ns = 0;
	assert_true(h->n_left < KEPT && p->len <= sizeof(l->frame));
	memcpy(l->frame, p->data, p->len);
	l->len = p->len;
	l->port = port->index;
	h->n_left++;
	return true;
}

static inline bool arrived(struct port *port, const uint8_t *frame, const struct msg *m, int64_t *t)
{
	(void)port, (void)frame, (void)m;
	if (house->early_ns == INT64_MIN)
		return false;
	*t = house->in.worker.t_open - house->early_ns;
	return true;
}

static inline bool departed(struct port *port, int64_t *t)
{
	(void)port;
	if (house->later_ns == INT64_MIN)
		return false;
	*t = house->in.worker.t_open + house->later_ns;
	return true;
}

static inline void house_open(struct house *h, bool gated)
{
	struct gcl_entry entries[] = {{.gates = 0x01, .interval_ns = WINDOW_NS}, {.gates = 0, .interval_ns = CYCLE_NS - WINDOW_NS}};
	struct gcl_conf gate = {.enabled = true, .initial_gates = 0xff, .n_entries = 2, .entries = entries};
	struct conf_port conf = {.link_bps = 1000000000, .mtu = 1500, .pvid = 1, .queue_depth = 64};
	int i;

	house = h;
	memset(h, 0, sizeof(*h));
	h->early_ns = h->later_ns = INT64_MIN;
	worker_house_open(&h->in, 100 * NS_PER_SEC, COST_NS, 1000 * NS_PER_SEC);
	conf.ptp = (struct conf_ptp){.role = ROLE_TRANSPARENT, .correction = true, .message_rate = 1000000};
	for (i = 0; i < PORTS; i++) {
		worker_house_port(&h->in, &conf);
		h->ops[i] = *h->in.port[i].ops;
		h->ops[i].arrived = arrived;
		h->ops[i].departed = departed;
		h->in.port[i].ops = &h->ops[i];
		h->in.mem[i].sent = keep;
		h->in.mem[i].ctx = h;
		h->in.mem[i].up = i != THIRD;
	}
	if (!gated)
		return;
	worker_house_gate(&h->in, OUT, &gate);
}

/* A message over Ethernet of 60 bytes, or behind a tag, with this correction (ns) to begin with. */
static inline void put(struct house *h, int port, uint8_t type, uint16_t sequence, int64_t correction_ns)
{
	uint8_t f[78] = {0x01, 0x1b, 0x19, 0, 0, 0, 2, 0, 0, 0, 0, (uint8_t)port, 0x88, 0xf7};

	f[14] = type;
	f[15] = 2;
	f[17] = type == MSG_DELAY_RESP || type == MSG_PDELAY_RESP_FOLLOW_UP ? 54 : 44;
	f[20] = type == MSG_SYNC ? 2 : 0;
	be_put64(f + 22, (uint64_t)(correction_ns * 65536));
	f[41] = type == MSG_DELAY_RESP ? IN : (uint8_t)port; /* sourcePortIdentity */
	be_put16(f + 44, sequence);
	f[65] = OUT; /* requestingPortIdentity */
	worker_house_put(&h->in, port, f, sizeof(f));
}

static inline void turn(struct house *h, int n)
{
	while (n--)
		worker_poll(&h->in.worker);
}

/* Turns until so many frames have left. */
static inline void until(struct house *h, uint32_t n)
{
	int i;

	for (i = 0; i < 1000000 && h->n_left < n; i++)
		worker_poll(&h->in.worker);
	assert_int_equal(h->n_left, n);
}

static inline double correction(const struct left *l)
{
	struct msg m;

	assert_int_equal(msg_find(&m, l->frame, l->len), MSG_FOUND);
	return (double)(int64_t)be_get64(l->frame + m.at + MSG_CORRECTION) / 65536;
}

static inline const struct pkt *record(const struct house *h, uint32_t i)
{
	return &rec_records(h->in.worker.rec.shm)[i];
}

static inline int64_t stay(const struct pkt *p)
{
	return pkt_t_hand(p) - p->t_seen;
}

#endif
