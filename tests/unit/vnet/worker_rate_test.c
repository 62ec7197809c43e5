/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rate of PTP messages goes by time that passes: a step of the clock is none.
 */
#include "vnet/worker.h"

#include <stdlib.h>

#include "tests/ptp_frame.h"
#include "tests/unit/vnet/worker_house.h"

#define PORTS 2

static void house_open(struct worker_house *h)
{
	struct conf_port conf = {.link_bps = 1000000000, .mtu = 1500, .pvid = 1, .queue_depth = 64,
				 .ptp = {.role = ROLE_CLIENT_ONLY, .message_rate = 2}};
	int i;

	worker_house_open(h, 1700000000 * NS_PER_SEC, 100, NS_PER_SEC);
	for (i = 0; i < PORTS; i++)
		worker_house_port(h, &conf);
}

/* One Delay_Req comes in at port 0: how many have been sent, and dropped by the rate, since the beginning? */
static void ask(struct worker_house *h, uint64_t sent, uint64_t dropped)
{
	static const uint8_t src[6] = {2, 0, 0, 0, 0, 1};
	struct ptp_frame f = {.type = MSG_DELAY_REQ, .src = src};
	uint8_t bytes[PTP_FRAME_MAX];
	uint32_t len = ptp_frame_make(bytes, &f);
	int i;

	worker_house_put(h, 0, bytes, len);
	for (i = 0; i < 100; i++)
		worker_poll(&h->worker);
	assert_int_equal(h->port[0].stat.verdict[VERDICT_SENT], sent);
	assert_int_equal(h->port[0].stat.verdict[VERDICT_PTP_RATE], dropped);
}

/* Time that the worker sees pass, in pieces that are no stop of it. */
static void wait(struct worker_house *h, int64_t ns)
{
	for (; ns > 0; ns -= 100 * NS_PER_MS) {
		h->clock.now += 100 * NS_PER_MS;
		worker_poll(&h->worker);
	}
}

static void step(struct worker_house *h, int64_t ns)
{
	h->clock.t_event = h->clock.now + 1;
	h->clock.step_ns = ns;
	worker_poll(&h->worker);
	worker_poll(&h->worker);
	assert_int_equal(h->clock.t_event, 0);
}

static void test_steps(void **state)
{
	static struct worker_house h;
	uint64_t i;

	(void)state;
	house_open(&h);
	for (i = 1; i <= ROLE_MIN_BURST; i++)
		ask(&h, i, 0);
	ask(&h, 8, 1);
	step(&h, 37 * NS_PER_SEC); /* nothing has passed */
	ask(&h, 8, 2);
	wait(&h, 600 * NS_PER_MS);
	ask(&h, 9, 2);
	ask(&h, 9, 3);
	step(&h, -3600 * NS_PER_SEC); /* nor is anybody locked out for an hour */
	ask(&h, 9, 4);
	wait(&h, 600 * NS_PER_MS);
	ask(&h, 10, 4);
	h.clock.now += 10 * NS_PER_SEC; /* the worker stood still: so did the bucket */
	worker_poll(&h.worker);
	ask(&h, 10, 5);
	worker_house_close(&h);
}

TEST_GROUP("vnet/worker_rate",
	cmocka_unit_test(test_steps),
)
