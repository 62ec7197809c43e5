/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mail about a port's policing: another list for a stream gate, latches that are opened; and every list comes back
 * once.
 */
#include "vnet/worker.h"

#include <stdlib.h>

#include "tests/unit/vnet/worker_house.h"
#include "tsn/police_list.h"

#define PORTS 2

static void house_open(struct worker_house *h)
{
	struct police_filter_conf filter = {.any_dst = true, .vid = POLICE_ANY, .pcp = POLICE_ANY, .meter = POLICE_NONE,
					    .scheduler = POLICE_NONE};
	struct police_gate_conf closed = {.initial_ipv = POLICE_NONE, .invalid_rx = true};
	struct police_conf police = {.n_filters = 1, .n_gates = 1, .filters = &filter, .gates = &closed};
	struct conf_port conf = {.link_bps = 1000000000, .mtu = 1500, .pvid = 1, .queue_depth = 64};
	int i;

	worker_house_open(h, NS_PER_SEC, 100, NS_PER_SEC);
	for (i = 0; i < PORTS; i++)
		worker_house_port(h, &conf);
	assert_int_equal(police_create(&h->port[0].police, &police, &h->port[0].egress.wire, h->worker.t_now, NULL), 0);
}

/* One frame comes in at port 0: how many have been sent, and dropped at its stream gate, since the beginning? */
static void frame(struct worker_house *h, uint64_t sent, uint64_t dropped)
{
	uint8_t bytes[64] = {2, 0, 0, 0, 0, 99, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
	int i;

	worker_house_put(h, 0, bytes, sizeof(bytes));
	for (i = 0; i < 100; i++)
		worker_poll(&h->worker);
	assert_int_equal(h->port[0].stat.verdict[VERDICT_SENT], sent);
	assert_int_equal(h->port[0].stat.verdict[VERDICT_STREAM_GATE], dropped);
}

/* Post it, let the worker take it up, count the lists that came back with it. */
static uint32_t post(struct worker_house *h, struct worker_mail mail)
{
	struct worker_mail *m = malloc(sizeof(*m));
	uint32_t i, n = 0;

	*m = mail;
	assert_true(spsc_push(&h->worker.mail, m));
	worker_poll(&h->worker);
	m = spsc_pop(&h->worker.done);
	assert_non_null(m);
	for (i = 0; i < 3 && mail.kind == MAIL_POLICE_SET; i++) {
		n += !!m->police_back[i];
		police_list_destroy(m->police_back[i]);
	}
	free(m);
	return n;
}

static struct police_list *list(struct worker_house *h, const struct police_gate_conf *conf)
{
	struct police_list *l;

	assert_int_equal(police_list_create(&l, conf, &h->port[0].egress.wire, NULL), 0);
	return l;
}

static void test_lists_and_latches_by_mail(void **state)
{
	struct police_gate_entry e[] = {{true, POLICE_NONE, 1000000, 0}};
	struct police_gate_conf open = {.initial_open = true, .initial_ipv = POLICE_NONE};
	struct police_gate_conf later = {.enabled = true, .initial_ipv = POLICE_NONE,
					 .t_base = NS_PER_SEC + 100 * NS_PER_MS, .n_entries = 1,
					 .entries = e};
	static struct worker_house h;

	(void)state;
	house_open(&h);
	frame(&h, 0, 1);
	assert_int_equal(post(&h, (struct worker_mail){.kind = MAIL_POLICE_SET, .police_list = list(&h, &open)}), 1);
	frame(&h, 0, 2);	/* latched by the first */
	assert_int_equal(post(&h, (struct worker_mail){.kind = MAIL_POLICE_RESET}), 0);
	frame(&h, 1, 2);
	assert_int_equal(post(&h, (struct worker_mail){.kind = MAIL_POLICE_SET, .police_list = list(&h, &later)}), 1);
	frame(&h, 1, 3);	/* closed until its base time */
	assert_int_equal(post(&h, (struct worker_mail){.kind = MAIL_POLICE_SET, .police_list = list(&h, &later)}), 1);	/* what was pending */
	h.clock.now = later.t_base + 1000;
	frame(&h, 2, 3);
	assert_int_equal(post(&h, (struct worker_mail){.kind = MAIL_POLICE_SET, .police_list = list(&h, &later)}), 0);	/* the one in force stays */
	h.clock.now += NS_PER_MS;
	frame(&h, 3, 3);
	assert_int_equal(post(&h, (struct worker_mail){.kind = MAIL_POLICE_SET, .police_list = list(&h, &open)}), 2);	/* in force, and before it */
	frame(&h, 4, 3);
	worker_house_close(&h);
}

TEST_GROUP("vnet/worker_police",
	cmocka_unit_test(test_lists_and_latches_by_mail),
)
