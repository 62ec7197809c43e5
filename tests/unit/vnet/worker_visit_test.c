/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/worker.h"

#include "tests/unit/vnet/worker_house.h"

#define CYCLE_NS 30000
#define LEN	 64

/* Two guests and two wires: what one guest sends to the gated wire must not keep the other from the open one. */
enum { NOISY, QUIET, GATED, OPEN, PORTS };

struct house {
	struct worker_house in;
	uint64_t sent[PORTS];
};

static bool count(void *ctx, struct port *port, struct pkt *p)
{
	struct house *h = ctx;

	(void)p;
	h->sent[port->index]++;
	return true;
}

static void house_open(struct house *h)
{
	/* Class 7 may send one frame a cycle, in the last 3 us of it. */
	struct gcl_entry entries[] = {{.gates = 0x7f, .interval_ns = CYCLE_NS - 3000}, {.gates = 0x80, .interval_ns = 3000}};
	struct gcl_conf gate = {.enabled = true, .initial_gates = 0xff, .n_entries = 2, .entries = entries};
	struct conf_port conf = {.link_bps = 1000000000, .mtu = 1500, .pvid = 1, .queue_depth = 512};
	int i;

	memset(h, 0, sizeof(*h));
	worker_house_open(&h->in, NS_PER_SEC, 5000, NS_PER_SEC);
	for (i = 0; i < 8; i++)
		conf.class_map[i] = (uint8_t)i;
	for (i = 0; i < PORTS; i++) {
		conf.pvid = i == QUIET || i == OPEN ? 2 : 1;
		worker_house_port(&h->in, &conf);
		h->in.mem[i].sent = count;
		h->in.mem[i].ctx = h;
		h->in.port[i].pcp = i == NOISY ? 7 : 0;
	}
	worker_house_gate(&h->in, GATED, &gate);
}

static void put(struct house *h, int port)
{
	uint8_t frame[LEN] = {2, 0, 0, 0, 0, 99, 2, 0, 0, 0, 0, (uint8_t)port, 0x88, 0xb5};

	worker_house_put(&h->in, port, frame, sizeof(frame));
}

static void test_a_backlog_behind_a_gate_keeps_nobody_waiting(void **state)
{
	struct house h;
	int i, turns;

	(void)state;
	house_open(&h);
	for (i = 0; i < 256; i++)
		put(&h, NOISY);
	for (turns = 0; turns < 64; turns++)
		worker_poll(&h.in.worker);
	assert_true(egress_queued(&h.in.port[GATED].egress, 7) > 1); /* one gate after the other is about to open */
	for (i = 0; i < 16; i++) {
		put(&h, QUIET);
		for (turns = 0; turns < 64 && h.sent[OPEN] <= (uint64_t)i; turns++)
			worker_poll(&h.in.worker);
		assert_int_equal(h.sent[OPEN], i + 1);
		assert_true(turns < 32);
	}
	worker_house_close(&h.in);
}

/* Set while the worker was away: its config-change-time lies after the setting, not after the worker's last look at the clock. */
static void test_a_schedule_is_set_when_it_is_set(void **state)
{
	struct gcl_entry entries[] = {{.gates = 0x7f, .interval_ns = NS_PER_MS}, {.gates = 0x80, .interval_ns = NS_PER_MS}};
	struct gcl_conf gate = {.enabled = true, .initial_gates = 0xff, .n_entries = 2, .entries = entries};
	struct worker_mail mail = {.port = GATED};
	const struct gate *g;
	struct gcl *gcl;
	struct house h;
	int64_t t_set;

	(void)state;
	house_open(&h);
	worker_poll(&h.in.worker);
	gate.t_base = h.in.worker.t_now + CYCLE_NS; /* ahead of the last look, behind the setting */
	assert_int_equal(gcl_create(&gcl, &gate, &h.in.port[GATED].egress.wire, NULL), 0);
	mail.gcl = gcl;
	h.in.clock.now += 7 * CYCLE_NS;
	t_set = h.in.clock.now;
	assert_true(spsc_push(&h.in.worker.mail, &mail));
	worker_poll(&h.in.worker);
	assert_ptr_equal(spsc_pop(&h.in.worker.done), &mail);
	g = &h.in.port[GATED].egress.gate;
	assert_ptr_equal(g->admin, gcl);
	assert_true(g->t_change >= t_set);
	worker_house_close(&h.in);
	gcl_destroy(gcl);
}

/* A driver that says of the second and the fourth frame of a hand-over that nobody was called. */
static uint16_t quiet_tx(struct port *port, struct pkt **p, uint16_t n)
{
	uint16_t i;

	assert_int_equal(port->no_call, 0);
	port->no_call = 0xa;
	for (i = 0; i < n; i++)
		port_mem_heap.free(((struct port_mem *)port->priv)->buf.ctx, p[i]);
	return n;
}

static void test_who_was_not_called_is_in_the_record(void **state)
{
	struct port_ops ops;
	struct house h;
	struct pkt rec[8];
	uint64_t pos = 0, lost = 0;
	uint32_t i, n = 0, first = 0, told = 0;
	int turns;

	(void)state;
	house_open(&h);
	ops = *h.in.port[OPEN].ops;
	ops.tx = quiet_tx;
	h.in.port[OPEN].ops = &ops;
	for (i = 0; i < 4; i++)
		put(&h, QUIET);
	for (turns = 0; turns < 64 && n < 4; turns++) {
		worker_poll(&h.in.worker);
		n += rec_read(h.in.worker.rec.shm, &pos, rec + n, 8 - n, &lost);
	}
	assert_int_equal(n, 4);
	for (i = 0; i < 4; i++) {
		if (rec[i].t_out != rec[first].t_out)
			first = i; /* of the next hand-over */
		assert_int_equal(!!(rec[i].flags & PKT_NO_CALL), (i - first) % 2);
		told += (i - first) % 2;
	}
	assert_true(told > 0);
	worker_house_close(&h.in);
}

/* Without records all is counted as with them, and nothing is published. */
static void test_no_records(void **state)
{
	struct why why = {""};
	struct house h;
	int i, turns;

	(void)state;
	house_open(&h);
	recw_close(&h.in.worker.rec);
	assert_int_equal(recw_open(&h.in.worker.rec, NULL, 0, 0, 20000, &why), 0);
	for (i = 0; i < 100; i++)
		put(&h, QUIET);
	h.in.port[QUIET].pvid = 3; /* of these nobody else is a member */
	worker_poll(&h.in.worker);
	h.in.port[QUIET].pvid = 2;
	for (turns = 0; turns < 256; turns++)
		worker_poll(&h.in.worker);
	i = (int)h.in.port[QUIET].stat.verdict[VERDICT_SENT];
	assert_true(i > 0 && h.in.port[QUIET].stat.verdict[VERDICT_VLAN_IN] == 100 - (uint64_t)i);
	assert_true(h.sent[OPEN] == (uint64_t)i && h.in.port[OPEN].stat.tx_frames == (uint64_t)i && h.in.port[OPEN].stat.tx_bytes == (uint64_t)i * LEN);
	assert_int_equal(h.in.port[OPEN].waiting[QUIET], 0);
	assert_int_equal(h.in.worker.stat.records, 0);
	assert_int_equal(h.in.worker.rec.shm->head, 0);
	worker_house_close(&h.in);
}

TEST_GROUP("vnet/worker_visit",
	cmocka_unit_test(test_no_records),
	cmocka_unit_test(test_who_was_not_called_is_in_the_record),
	cmocka_unit_test(test_a_schedule_is_set_when_it_is_set),
	cmocka_unit_test(test_a_backlog_behind_a_gate_keeps_nobody_waiting),
)
