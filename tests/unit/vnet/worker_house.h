/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worker_house: a worker that turns by a clock which the test moves, between ports in memory: the fixture of worker_*_test.c and cqf_test.c.
 *
 * worker_house_open(), a worker_house_port() for each port in the order of their numbers, worker_house_gate() where a schedule runs from the beginning.
 */
#ifndef TAKT_TESTS_WORKER_HOUSE_H
#define TAKT_TESTS_WORKER_HOUSE_H

#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"
#include "vnet/port_mem.h"
#include "vnet/worker.h"

#define WORKER_HOUSE_PORTS 4

struct worker_house {
	struct clk_sim clock;
	int64_t buffers;	/* that are out */
	struct worker worker;
	int n_ports;
	struct port port[WORKER_HOUSE_PORTS];
	struct port_mem mem[WORKER_HOUSE_PORTS];
	struct gcl *gcl[WORKER_HOUSE_PORTS];
};

static inline struct pktbuf worker_house_buf(struct worker_house *h)
{
	return (struct pktbuf){.ops = &port_mem_heap, .ctx = &h->buffers};
}

/* Who is there is forgotten after ageing_ns; a look at the clock costs cost_ns. */
static inline void worker_house_open(struct worker_house *h, int64_t t_now, int64_t cost_ns, int64_t ageing_ns)
{
	struct clk clk = {.sim = &h->clock};
	struct pktbuf buf = worker_house_buf(h);

	memset(h, 0, sizeof(*h));
	h->clock = (struct clk_sim){.now = t_now, .cost_ns = cost_ns};
	assert_int_equal(worker_init(&h->worker, &clk, &buf, ageing_ns, 20000), 0);
	assert_int_equal(recw_open(&h->worker.rec, NULL, 1 << 16, 0, 20000, NULL), 0);
}

/* A port more; its number. It is up, and what leaves by it is dropped: see port_mem. */
static inline int worker_house_port(struct worker_house *h, const struct conf_port *conf)
{
	struct pktbuf buf = worker_house_buf(h);
	int i = h->n_ports++;

	assert_true(i < WORKER_HOUSE_PORTS);
	assert_int_equal(port_init(&h->port[i], (uint8_t)i, conf, NULL), 0);
	port_mem_open(&h->port[i], &h->mem[i], &buf);
	worker_add_port(&h->worker, &h->port[i]);
	return i;
}

static inline void worker_house_gate(struct worker_house *h, int port, const struct gcl_conf *gate)
{
	assert_int_equal(gcl_create(&h->gcl[port], gate, &h->port[port].egress.wire, NULL), 0);
	egress_set(&h->port[port].egress, h->gcl[port], h->worker.t_now);
}

/* Every buffer has come back. */
static inline void worker_house_close(struct worker_house *h)
{
	int i;

	worker_flush(&h->worker);
	for (i = 0; i < h->n_ports; i++) {
		h->port[i].ops->close(&h->port[i]);
		port_fini(&h->port[i]);
	}
	assert_int_equal(h->buffers, 0);
	recw_close(&h->worker.rec);
	worker_fini(&h->worker);
	for (i = 0; i < h->n_ports; i++)
		gcl_destroy(h->gcl[i]);
}

/* These bytes come in. */
static inline void worker_house_put(struct worker_house *h, int port, const void *bytes, uint32_t len)
{
	assert_true(port_mem_put(&h->mem[port], port_mem_frame(&h->mem[port].buf, bytes, len)));
}

#endif
