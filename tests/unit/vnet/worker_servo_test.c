/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker whose time comes through the real servo from a reference that is stepped and bent, gates running: a frame may be outside its
 * window by the reference only if the next look at it counts something, a step or an error beyond what is tolerated.
 */
#include "vnet/worker.h"

#include <stdlib.h>

#include "tests/unit/vnet/worker_house.h"

#define CYCLE_NS  (7 * NS_PER_MS) /* divides neither 1 s nor 37 s */
#define WINDOW_NS (2 * NS_PER_MS)
#define TURN_NS	  INT64_C(3000)
#define LOOK_NS	  (100 * NS_PER_MS)
#define FRAME_NS  (500 * NS_PER_US)
#define MAX_ERROR INT64_C(8000)
#define HALF_NS	  40
#define SLACK_NS  (MAX_ERROR + 5000) /* and a turn: a frame's instant is known no better here */
#define LEN	  64

enum { IN, OUT, PORTS };

struct house {
	struct worker_house in;
	struct tscmap_servo servo;
	int64_t ticks;	   /* of a counter of 1 GHz */
	int64_t t_from, offset_ns;
	double ppm;	   /* of the reference against it, from t_from on */
	uint64_t inside, outside; /* outside: since the last look */
	uint64_t excused, over;
};

static int64_t reference(const struct house *h)
{
	return h->ticks + h->offset_ns + (int64_t)((double)(h->ticks - h->t_from) * h->ppm * 1e-6);
}

static struct tscmap_sample sample(const struct house *h)
{
	return (struct tscmap_sample){.tsc = (uint64_t)h->ticks, .tai = reference(h), .half_ns = HALF_NS};
}

static bool sent(void *ctx, struct port *port, struct pkt *p)
{
	struct house *h = ctx;
	int64_t phase = reference(h) % CYCLE_NS;

	(void)p;
	if (port->index != OUT)
		return true;
	if (phase <= WINDOW_NS + SLACK_NS || phase >= CYCLE_NS - SLACK_NS)
		h->inside++;
	else
		h->outside++;
	return true;
}

static void house_open(struct house *h)
{
	struct gcl_entry entries[] = {{.gates = 0x80, .interval_ns = WINDOW_NS}, {.gates = 0x7f, .interval_ns = CYCLE_NS - WINDOW_NS}};
	struct gcl_conf gate = {.enabled = true, .n_entries = 2, .entries = entries};
	struct conf_port conf = {.link_bps = 1000000000, .mtu = 1500, .pvid = 1, .pcp = 7, .queue_depth = 512};
	struct tscmap_sample a, b;
	int i;

	memset(h, 0, sizeof(*h));
	h->ticks = 1000 * NS_PER_SEC;
	a = sample(h);
	h->ticks += 50 * NS_PER_MS;
	b = sample(h);
	tscmap_servo_init(&h->servo, &a, &b);
	worker_house_open(&h->in, b.tai, 20, 300 * NS_PER_SEC);
	for (i = 0; i < 8; i++)
		conf.class_map[i] = (uint8_t)i;
	for (i = 0; i < PORTS; i++) {
		worker_house_port(&h->in, &conf);
		h->in.mem[i].sent = sent;
		h->in.mem[i].ctx = h;
	}
	worker_house_gate(&h->in, OUT, &gate);
}

static void put(struct house *h)
{
	uint8_t frame[LEN] = {2, 0, 0, 0, 0, 99, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};

	worker_house_put(&h->in, IN, frame, sizeof(frame));
}

/* What the clock thread does, and what it counts. */
static void look(struct house *h)
{
	struct tscmap_sample s = sample(h);
	uint64_t steps = h->servo.steps;
	bool counted;

	tscmap_servo_update(&h->servo, &s);
	counted = h->servo.steps != steps;
	if (!counted && h->servo.line.bound_ns > MAX_ERROR) {
		counted = true;
		h->over++;
	}
	if (h->outside && !counted)
		fail_msg("%d frames outside their window, and nothing was counted", (int)h->outside);
	h->excused += h->outside;
	h->outside = 0;
}

static void run(struct house *h, int64_t for_ns)
{
	int64_t end = h->ticks + for_ns, t;

	for (; h->ticks < end; h->ticks += TURN_NS) {
		if (h->ticks / LOOK_NS != (h->ticks - TURN_NS) / LOOK_NS)
			look(h);
		if (h->ticks / FRAME_NS != (h->ticks - TURN_NS) / FRAME_NS)
			put(h);
		t = tscmap_at(&h->servo.line, (uint64_t)h->ticks);
		h->in.clock.now = t > h->in.clock.now || h->servo.line.stepped != h->in.clock.stepped ? t : h->in.clock.now;
		h->in.clock.stepped = h->servo.line.stepped;
		worker_poll(&h->in.worker);
	}
}

/* Half an interval after a look, so that there is something to be seen of it before the next. */
static void fault(struct house *h, int64_t step_ns, double ppm)
{
	run(h, LOOK_NS / 2 + 7 * TURN_NS);
	h->offset_ns = reference(h) - h->ticks + step_ns;
	h->t_from = h->ticks;
	h->ppm = ppm;
}

static void test_no_gate_error_without_a_count(void **state)
{
	static const int64_t steps[] = {NS_PER_SEC, -NS_PER_SEC, 37 * NS_PER_SEC, -37 * NS_PER_SEC};
	uint64_t inside, excused;
	struct house h;
	size_t i;

	(void)state;
	house_open(&h);
	run(&h, NS_PER_SEC);
	assert_int_equal(h.excused, 0);
	assert_true(h.inside > 1900);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		excused = h.excused;
		fault(&h, steps[i], 0);
		run(&h, 2 * LOOK_NS);
		assert_true(h.excused > excused); /* until the look that saw it */
		excused = h.excused;
		inside = h.inside;
		run(&h, NS_PER_SEC);
		assert_int_equal(h.excused, excused); /* in phase with the reference again */
		assert_true(h.inside - inside > 1900);
		assert_int_equal(h.servo.steps, i + 1);
		assert_int_equal(h.in.worker.stat.clock_steps, i + 1);
	}
	assert_int_equal(h.over, 0);
	fault(&h, 0, 100);
	run(&h, 3 * LOOK_NS);
	assert_true(h.over > 0);
	excused = h.over;
	run(&h, NS_PER_SEC);
	fault(&h, 0, -100);
	run(&h, 3 * LOOK_NS);
	assert_true(h.over > excused);
	excused = h.over;
	run(&h, NS_PER_SEC);
	assert_in_range(h.servo.line.bound_ns, HALF_NS, 1000); /* its rate is known */
	fault(&h, -300 * NS_PER_US, -100); /* not a step: slewed */
	run(&h, 2 * NS_PER_SEC);
	assert_true(h.over > excused);
	assert_in_range(h.servo.line.bound_ns, HALF_NS, 1000);
	assert_int_equal(h.servo.steps, 4);
	assert_int_equal(h.in.port[OUT].stat.overruns, 0);
	worker_house_close(&h.in);
}

TEST_GROUP("vnet/worker_servo",
	cmocka_unit_test(test_no_gate_error_without_a_count),
)
