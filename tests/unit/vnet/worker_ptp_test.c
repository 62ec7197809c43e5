/* SPDX-License-Identifier: BSD-3-Clause */
/* Over 400 lines: one house with a master, a client and a third port, and a test per thing that can happen to a message on its way through. */
/*
 * What a transparent clock writes into messages that cross the worker, by a clock that the test moves: master's port IN,
 * client's port OUT, and a third that hears what is flooded.
 */
#include "vnet/worker_ptp.h"

#include <string.h>

#include "base/ns.h"
#include "ptp/be.h"
#include "tests/unit/test.h"
#include "vnet/port_mem.h"

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
	struct clk_sim clock;
	int64_t buffers;
	struct worker worker;
	struct port port[PORTS];
	struct port_mem mem[PORTS];
	struct port_ops ops[PORTS]; /* of mem, and stamps */
	struct gcl *gcl;
	struct left left[KEPT];
	uint32_t n_left, refuse;
	int64_t away_ns;      /* lost in the next hand-over */
	int64_t early_ns;     /* it came so long before it was seen, by the port's stamp; INT64_MIN: no stamp */
	int64_t later_ns;     /* it left so long after its hand-over began; INT64_MIN: no stamp */
};

static struct house *house; /* for ops, which have no context of their own */

static bool keep(void *ctx, struct port *port, struct pkt *p)
{
	struct house *h = ctx;
	struct left *l = &h->left[h->n_left];

	if (h->refuse) {
		h->refuse--;
		return false;
	}
	h->clock.now += h->away_ns;
	h->away_ns = 0;
	assert_true(h->n_left < KEPT && p->len <= sizeof(l->frame));
	memcpy(l->frame, p->data, p->len);
	l->len = p->len;
	l->port = port->index;
	h->n_left++;
	return true;
}

static bool arrived(struct port *port, const uint8_t *frame, const struct msg *m, int64_t *t)
{
	(void)port, (void)frame, (void)m;
	*t = house->worker.t_open - house->early_ns;
	return house->early_ns != INT64_MIN;
}

static bool departed(struct port *port, int64_t *t)
{
	(void)port;
	*t = house->worker.t_open + house->later_ns;
	return house->later_ns != INT64_MIN;
}

static void house_open(struct house *h, bool gated)
{
	struct clk clk = {.sim = &h->clock};
	struct pktbuf buf = {.ops = &port_mem_heap, .ctx = &h->buffers};
	struct gcl_entry entries[] = {{.gates = 0x01, .interval_ns = WINDOW_NS}, {.gates = 0, .interval_ns = CYCLE_NS - WINDOW_NS}};
	struct gcl_conf gate = {.enabled = true, .initial_gates = 0xff, .n_entries = 2, .entries = entries};
	struct conf_port conf = {.link_bps = 1000000000, .mtu = 1500, .pvid = 1, .queue_depth = 64};
	struct why why = {""};
	int i;

	house = h;
	memset(h, 0, sizeof(*h));
	h->early_ns = h->later_ns = INT64_MIN;
	h->clock = (struct clk_sim){.now = 100 * NS_PER_SEC, .cost_ns = COST_NS};
	assert_int_equal(worker_init(&h->worker, &clk, &buf, 1000 * NS_PER_SEC, 20000), 0);
	assert_int_equal(recw_open(&h->worker.rec, NULL, 1024, 0, 20000, &why), 0);
	conf.ptp = (struct conf_ptp){.role = ROLE_TRANSPARENT, .correction = true, .message_rate = 1000000};
	for (i = 0; i < PORTS; i++) {
		assert_int_equal(port_init(&h->port[i], (uint8_t)i, &conf, &why), 0);
		port_mem_open(&h->port[i], &h->mem[i], &buf);
		h->ops[i] = *h->port[i].ops;
		h->ops[i].arrived = arrived;
		h->ops[i].departed = departed;
		h->port[i].ops = &h->ops[i];
		h->mem[i].sent = keep;
		h->mem[i].ctx = h;
		h->mem[i].up = i != THIRD;
		worker_add_port(&h->worker, &h->port[i]);
	}
	if (!gated)
		return;
	assert_int_equal(gcl_create(&h->gcl, &gate, &h->port[OUT].egress.wire, &why), 0);
	egress_set(&h->port[OUT].egress, h->gcl, h->worker.t_now);
}

static void house_close(struct house *h)
{
	int i;

	worker_flush(&h->worker);
	for (i = 0; i < PORTS; i++) {
		h->port[i].ops->close(&h->port[i]);
		port_fini(&h->port[i]);
	}
	assert_int_equal(h->buffers, 0);
	recw_close(&h->worker.rec);
	worker_fini(&h->worker);
	gcl_destroy(h->gcl);
}

/* A message over Ethernet of 60 bytes, or behind a tag, with this correction (ns) to begin with. */
static void put(struct house *h, int port, uint8_t type, uint16_t sequence, int64_t correction_ns)
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
	assert_true(port_mem_put(&h->mem[port], port_mem_frame(&h->mem[port].buf, f, sizeof(f))));
}

static void turn(struct house *h, int n)
{
	while (n--)
		worker_poll(&h->worker);
}

/* Turns until so many frames have left. */
static void until(struct house *h, uint32_t n)
{
	int i;

	for (i = 0; i < 1000000 && h->n_left < n; i++)
		worker_poll(&h->worker);
	assert_int_equal(h->n_left, n);
}

static double correction(const struct left *l)
{
	struct msg m;

	assert_int_equal(msg_find(&m, l->frame, l->len), MSG_FOUND);
	return (double)(int64_t)be_get64(l->frame + m.at + MSG_CORRECTION) / 65536;
}

static const struct pkt *record(const struct house *h, uint32_t i)
{
	return &rec_records(h->worker.rec.shm)[i];
}

static int64_t stay(const struct pkt *p)
{
	return pkt_t_hand(p) - p->t_seen;
}

/* It came between the last look into the empty port and the end of the visit that found it: the middle is taken without a stamp. */
static void test_a_sync_that_waits_for_its_gate(void **state)
{
	struct house h;
	int i;

	(void)state;
	house_open(&h, true);
	turn(&h, 3);
	for (i = 0; i < 20; i++) {
		double least, half;

		h.clock.now += i * 300000; /* another place in the cycle */
		turn(&h, 3);
		half = (double)(h.worker.t_now - h.port[IN].t_dry + 2 * COST_NS);
		put(&h, IN, MSG_SYNC, (uint16_t)i, 1000 * i);
		until(&h, (uint32_t)i + 1);
		assert_true(record(&h, (uint32_t)i)->flags & PKT_PTP_EVENT);
		least = (double)(1000 * i + stay(record(&h, (uint32_t)i)) - record(&h, (uint32_t)i)->hop_ns[HOP_COPY]);
		assert_true(correction(&h.left[i]) >= least && correction(&h.left[i]) <= least + half);
	}
	assert_int_equal(h.port[OUT].stat.ptp_corrected, 20);
	house_close(&h);
}

/* With stamps nothing is left to guess: its way from the one to the other, to the nanosecond. */
static void test_stamps_say_when(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, true);
	turn(&h, 3);
	h.early_ns = 7654;
	h.later_ns = 83;
	put(&h, IN, MSG_SYNC, 5, -3);
	put(&h, IN, MSG_FOLLOW_UP, 5, 11);
	put(&h, IN, MSG_FOLLOW_UP, 6, 11); /* of another Sync */
	put(&h, IN, MSG_FOLLOW_UP, 5, 11); /* once is enough */
	until(&h, 4);
	assert_true(correction(&h.left[0]) == (double)(-3 + 7654 + stay(record(&h, 0))));
	assert_true(correction(&h.left[1]) == 11 + 83);
	assert_true(correction(&h.left[2]) == 11);
	assert_true(correction(&h.left[3]) == 11);
	assert_int_equal(h.port[IN].stat.ptp_stamped, 1);

	put(&h, OUT, MSG_DELAY_REQ, 9, 0);
	until(&h, 5);
	assert_true(correction(&h.left[4]) == (double)(7654 + stay(record(&h, 4))));
	put(&h, IN, MSG_DELAY_RESP, 9, 40);
	until(&h, 6);
	assert_true(correction(&h.left[5]) == 40 + 83);
	house_close(&h);
}

/* A stamp from another day is none. */
static void test_a_senseless_stamp(void **state)
{
	static const int64_t early[] = {NS_PER_SEC * 60, -NS_PER_SEC, -2 * COST_NS, NS_PER_MS}; /* the last: another message of this name */
	struct house h;
	uint32_t i;

	(void)state;
	house_open(&h, false);
	for (i = 0; i < 4; i++) {
		turn(&h, 3);
		h.early_ns = early[i];
		h.later_ns = i ? -5 : NS_PER_SEC;
		put(&h, IN, MSG_SYNC, 5, 0);
		until(&h, 2 * i + 1);
		assert_true(correction(&h.left[2 * i]) >= 0 && correction(&h.left[2 * i]) < 10000);
		put(&h, IN, MSG_FOLLOW_UP, 5, 0);
		until(&h, 2 * i + 2);
		assert_true(correction(&h.left[2 * i + 1]) == 0);
	}
	assert_int_equal(h.port[IN].stat.ptp_stamped, 0);
	house_close(&h);
}

/* The driver refuses it several times: corrected once, by the last hand-over. */
static void test_a_refused_message_is_corrected_once(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	h.refuse = 5;
	put(&h, IN, MSG_SYNC, 1, 77);
	until(&h, 1);
	assert_true(record(&h, 0)->flags & PKT_RETRIED);
	assert_true(correction(&h.left[0]) == (double)(77 + stay(record(&h, 0))));
	assert_int_equal(h.port[OUT].stat.ptp_corrected, 1);
	house_close(&h);
}

/* An event message leaves alone; what is not one keeps its bytes. */
static void test_events_go_alone(void **state)
{
	struct house h;
	uint32_t i;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	for (i = 0; i < 4; i++) {
		put(&h, IN, MSG_ANNOUNCE - 3, (uint16_t)i, 5); /* Follow_Up */
		put(&h, IN, MSG_SYNC, (uint16_t)i, 0);
	}
	until(&h, 8);
	for (i = 0; i < 8; i++)
		if (record(&h, i)->flags & PKT_PTP_EVENT) {
			assert_true(!i || record(&h, i - 1)->t_out < record(&h, i)->t_out);
			assert_true(i == 7 || record(&h, i)->t_out < record(&h, i + 1)->t_out);
			assert_true(correction(&h.left[i]) == (double)stay(record(&h, i)));
		} else {
			assert_true(record(&h, i)->flags & PKT_PTP_GENERAL);
			assert_true(correction(&h.left[i]) == 5);
		}
	house_close(&h);
}

/* Each copy of a flooded message by its own stay. */
static void test_copies_are_corrected_each(void **state)
{
	struct house h;
	uint32_t i;

	(void)state;
	house_open(&h, true);
	h.mem[THIRD].up = true;
	h.clock.now += CYCLE_NS + 2 * WINDOW_NS; /* shut for OUT */
	turn(&h, 3);
	h.early_ns = 0;
	put(&h, IN, MSG_SYNC, 1, 0);
	until(&h, 2);
	assert_int_equal(h.left[0].port, THIRD);
	assert_int_equal(h.left[1].port, OUT);
	for (i = 0; i < 2; i++)
		assert_true(correction(&h.left[i]) == (double)stay(record(&h, i)));
	assert_true(correction(&h.left[1]) > 1000000 && correction(&h.left[0]) < 10000);
	house_close(&h);
}

/* A Delay_Resp is for all to hear: each copy has the rest of the request's correction, whoever gets it first. */
static void test_an_answer_to_everybody(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	h.mem[THIRD].up = true;
	turn(&h, 3);
	h.early_ns = 0;
	h.later_ns = 83;
	h.mem[THIRD].up = false;
	turn(&h, 1);
	put(&h, OUT, MSG_DELAY_REQ, 9, 0);
	until(&h, 1);
	h.mem[THIRD].up = true;
	turn(&h, 1);
	put(&h, IN, MSG_DELAY_RESP, 9, 40);
	until(&h, 3);
	assert_int_not_equal(h.left[1].port, h.left[2].port);
	assert_true(correction(&h.left[1]) == 40 + 83);
	assert_true(correction(&h.left[2]) == 40 + 83);

	h.mem[THIRD].up = false;
	turn(&h, 1);
	h.later_ns = INT64_MIN;
	h.away_ns = 2 * PORT_PTP_DOUBT_NS + 1;
	put(&h, OUT, MSG_DELAY_REQ, 10, 0);
	until(&h, 4);
	h.mem[THIRD].up = true;
	turn(&h, 1);
	put(&h, IN, MSG_DELAY_RESP, 10, 40);
	turn(&h, 10);
	assert_int_equal(h.n_left, 4); /* in doubt: nobody gets it */
	house_close(&h);
}

/* The worker was away before it found the message, and there is no stamp: nobody knows when it came. */
static void test_doubt_about_its_arrival(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.clock.now += 2 * PORT_PTP_DOUBT_NS + 10000;
	put(&h, IN, MSG_SYNC, 1, 0);
	turn(&h, 3);
	assert_int_equal(h.n_left, 0);
	assert_int_equal(h.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	h.clock.now += 2 * PORT_PTP_DOUBT_NS + 10000;
	h.early_ns = 1234; /* but a stamp knows */
	put(&h, IN, MSG_SYNC, 2, 0);
	until(&h, 1);
	assert_true(correction(&h.left[0]) == (double)(1234 + stay(record(&h, 1))));
	h.early_ns = INT64_MIN;
	h.port[IN].ptp.correction = false; /* nor does it matter where nothing is said of it */
	h.clock.now += 2 * PORT_PTP_DOUBT_NS + 10000;
	put(&h, IN, MSG_SYNC, 3, 0);
	until(&h, 2);
	assert_int_equal(h.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	house_close(&h);
}

/* The worker was away while it handed it over: what completes it is dropped, and only that. */
static void test_doubt_about_its_departure(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	h.away_ns = 2 * PORT_PTP_DOUBT_NS + 1;
	put(&h, IN, MSG_SYNC, 1, 0);
	until(&h, 1);
	assert_int_equal(h.port[OUT].stat.ptp_doubts, 1);
	put(&h, IN, MSG_FOLLOW_UP, 0, 0);
	put(&h, IN, MSG_FOLLOW_UP, 1, 0);
	put(&h, IN, MSG_SYNC, 2, 0);
	put(&h, IN, MSG_FOLLOW_UP, 2, 0);
	until(&h, 4);
	turn(&h, 10);
	assert_int_equal(h.n_left, 4);
	assert_int_equal(h.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	assert_int_equal(h.port[IN].stat.verdict[VERDICT_SENT], 4);
	house_close(&h);
}

/* IEEE 1588-2008 11.6: asymmetry where a Sync comes in is added, where a Delay_Req goes out taken off; latencies at both ends. */
static void test_latencies_and_asymmetry(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	h.port[IN].ptp = (struct port_ptp){.role = ROLE_TRANSPARENT, .correction = true, .peer = PKT_NO_PORT, .asymmetry_ns = 1000,
					   .ingress_latency_ns = 20, .egress_latency_ns = 3, .meter = h.port[IN].ptp.meter};
	put(&h, IN, MSG_SYNC, 1, 0);
	until(&h, 1);
	assert_true(correction(&h.left[0]) == (double)(1000 + 20 + stay(record(&h, 0))));
	put(&h, OUT, MSG_DELAY_REQ, 1, 0);
	until(&h, 2);
	assert_true(correction(&h.left[1]) == (double)(-1000 + 3 + stay(record(&h, 1))));
	house_close(&h);
}

/* A step of the clock while a message waits: durations are true, and so is its correction. */
static void test_a_step_while_it_waits(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, true);
	h.clock.now += CYCLE_NS + 2 * WINDOW_NS;
	turn(&h, 3);
	h.early_ns = 0;
	put(&h, IN, MSG_SYNC, 1, 0);
	turn(&h, 3);
	h.clock.now -= 37 * NS_PER_SEC;
	h.clock.stepped -= 37 * NS_PER_SEC;
	until(&h, 1);
	assert_true(correction(&h.left[0]) == (double)stay(record(&h, 0)));
	assert_true(correction(&h.left[0]) > WINDOW_NS && correction(&h.left[0]) < 2 * CYCLE_NS);
	house_close(&h);
}

/* The worker stands still for longer than it takes notice of, while a message waits, or lies unseen without a stamp: lost, not wrong. */
static void test_a_stop_while_it_waits(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, true);
	h.clock.now += CYCLE_NS + 2 * WINDOW_NS;
	turn(&h, 3);
	h.early_ns = 0;
	put(&h, IN, MSG_SYNC, 1, 0);
	turn(&h, 3);
	h.clock.now += 30 * CYCLE_NS;
	put(&h, IN, MSG_SYNC, 2, 0);
	until(&h, 1);
	assert_int_equal(h.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	assert_int_equal(be_get16(h.left[0].frame + 44), 2);
	assert_true(correction(&h.left[0]) == (double)stay(record(&h, 1)));
	h.early_ns = INT64_MIN;
	h.clock.now += 30 * CYCLE_NS;
	put(&h, IN, MSG_SYNC, 3, 0);
	turn(&h, 3);
	assert_int_equal(h.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 2);
	h.early_ns = 0;
	put(&h, IN, MSG_SYNC, 4, 0);
	until(&h, 2);
	assert_int_equal(be_get16(h.left[1].frame + 44), 4);
	house_close(&h);
}

/* And while it is handed over: it may have left before, or after. What completes it is dropped, whatever the stamp says. */
static void test_a_stop_while_it_leaves(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.early_ns = 0;
	h.later_ns = 5;
	h.away_ns = 30 * CYCLE_NS;
	put(&h, IN, MSG_SYNC, 1, 0);
	until(&h, 1);
	assert_int_equal(h.port[OUT].stat.ptp_doubts, 1);
	put(&h, IN, MSG_FOLLOW_UP, 1, 0);
	put(&h, IN, MSG_SYNC, 2, 0);
	until(&h, 2);
	assert_int_equal(h.left[1].frame[14], MSG_SYNC);
	assert_int_equal(h.port[IN].stat.verdict[VERDICT_PTP_DOUBT], 1);
	house_close(&h);
}

static void test_a_port_that_does_not_correct(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, false);
	turn(&h, 3);
	h.port[IN].ptp.correction = false;
	put(&h, IN, MSG_SYNC, 1, 9);
	until(&h, 1);
	assert_true(correction(&h.left[0]) == 9);
	assert_int_equal(h.port[OUT].stat.ptp_corrected, 0);
	house_close(&h);
}

TEST_GROUP("vnet/worker_ptp",
	cmocka_unit_test(test_a_sync_that_waits_for_its_gate),
	cmocka_unit_test(test_stamps_say_when),
	cmocka_unit_test(test_a_senseless_stamp),
	cmocka_unit_test(test_a_refused_message_is_corrected_once),
	cmocka_unit_test(test_events_go_alone),
	cmocka_unit_test(test_copies_are_corrected_each),
	cmocka_unit_test(test_an_answer_to_everybody),
	cmocka_unit_test(test_doubt_about_its_arrival),
	cmocka_unit_test(test_doubt_about_its_departure),
	cmocka_unit_test(test_latencies_and_asymmetry),
	cmocka_unit_test(test_a_step_while_it_waits),
	cmocka_unit_test(test_a_stop_while_it_waits),
	cmocka_unit_test(test_a_stop_while_it_leaves),
	cmocka_unit_test(test_a_port_that_does_not_correct),
)
