/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cqf as a file asks for it, in a house that turns: what comes in during one cycle leaves in the next, whatever the
 * instant (802.1Q-2022 Annex T).
 */
#include <stdlib.h>

#include "tests/unit/vnet/conf_text.h"
#include "tests/unit/vnet/worker_house.h"

#define CYCLE_NS INT64_C(100000)
#define BASE_NS	 INT64_C(7000)
#define PORTS	 3
#define TURNS	 60000

static const char file[] =
	"ports:\n"
	"- {name: a, mem: yes, cqf: {cycle-time: 100us, classes: [5, 4], base-time: 7us}, vlans: [10]}\n"
	"- {name: b, mem: yes, cqf: {cycle-time: 100us, classes: [5, 4], base-time: 7us}, vlans: [10]}\n"
	"- {name: c, mem: yes, cqf: {cycle-time: 100us, classes: [5, 4], base-time: 7us}, vlans: [10]}\n";

struct house {
	struct worker_house in;
	struct conf conf;
};

static void house_open(struct house *h)
{
	int i;

	memset(h, 0, sizeof(*h));
	load_good(&h->conf, file);
	worker_house_open(&h->in, 1000 * NS_PER_SEC + 123, 211, NS_PER_SEC);
	for (i = 0; i < PORTS; i++) {
		worker_house_port(&h->in, &h->conf.port[i]);
		assert_int_equal(port_police(&h->in.port[i], &h->conf.port[i], h->in.worker.t_now, NULL), 0);
		worker_house_gate(&h->in, i, &h->conf.port[i].gate);
	}
}

static void house_close(struct house *h)
{
	worker_house_close(&h->in);
	conf_fini(&h->conf);
}

static void put(struct house *h, uint64_t *seed)
{
	uint8_t port = (uint8_t)(test_random(seed) % PORTS), to = (uint8_t)(test_random(seed) % (PORTS + 1));
	uint8_t pcp = test_random(seed) % 4 ? 5 - (test_random(seed) & 1) : (uint8_t)(test_random(seed) % 8);
	uint8_t frame[200] = {2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, port, 0x81, 0x00, (uint8_t)(pcp << 5), 10, 0x88, 0xb5};
	uint32_t len = 64 + (uint32_t)(test_random(seed) % (sizeof(frame) - 64));

	worker_house_put(&h->in, port, frame, len);
}

static int64_t cycle_of(int64_t t)
{
	return ns_div_floor(t - BASE_NS, CYCLE_NS);
}

/* How many frames of the two classes left, each in the cycle after the one in which it came. */
static uint32_t judge(struct house *h, uint32_t *others)
{
	struct pkt *rec = malloc((1 << 16) * sizeof(*rec));
	uint64_t pos = 0, lost = 0;
	uint32_t n = rec_read(h->in.worker.rec.shm, &pos, rec, 1 << 16, &lost), i, cyclic = 0;

	assert_int_equal(lost, 0);
	for (i = 0; i < n; i++) {
		int64_t t_hand = rec[i].t_out - rec[i].hop_ns[HOP_SEND], came = cycle_of(rec[i].t_seen);

		if (rec[i].verdict != VERDICT_SENT || came < cycle_of(1000 * NS_PER_SEC) + 2)
			continue; /* no cycle before the first whole one */
		if (pkt_pcp(&rec[i]) != 4 && pkt_pcp(&rec[i]) != 5) {
			*others += cycle_of(t_hand) == came;
			continue;
		}
		assert_int_equal(rec[i].tc, ns_mod(came, 2) ? 4 : 5);
		if (cycle_of(t_hand) != came + 1)
			fail_msg("frame %u: came in cycle %d, left in %d", i, (int)came, (int)cycle_of(t_hand));
		cyclic++;
	}
	free(rec);
	return cyclic;
}

static void test_leaves_in_the_next_cycle(void **state)
{
	static struct house h;
	uint32_t turn, cyclic, others = 0;
	uint64_t seed = 1;

	(void)state;
	house_open(&h);
	for (turn = 0; turn < TURNS; turn++) {
		if (!(test_random(&seed) % 16))
			put(&h, &seed);
		worker_poll(&h.in.worker);
	}
	cyclic = judge(&h, &others);
	assert_true(cyclic > 2000);
	assert_true(others > 200);	/* the other classes do not wait for a cycle */
	house_close(&h);
}

TEST_GROUP("vnet/cqf",
	cmocka_unit_test(test_leaves_in_the_next_cycle),
)
