/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random histories of a stream gate, with pauses and steps of the clock, against a reference that works out each frame
 * anew from what was asked for: a remainder, a walk through the list, and what this occurrence of the entry has let
 * pass so far.
 */
#include "tsn/police.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

#define HISTORIES 20000
#define FRAMES	  60
#define ENTRIES	  6

struct reference {
	const struct police_gate_conf *conf;
	int64_t cycle_ns;
	bool running;
	int64_t t_change;
	int64_t t_counted;	/* begin of the occurrence that `passed` is of */
	uint32_t passed;
	bool counting, invalid_rx, octets_exceeded;
};

static int64_t change_time(const struct reference *r, int64_t now)
{
	int64_t t = r->conf->t_base;

	return t >= now ? t : t + (now - t + r->cycle_ns - 1) / r->cycle_ns * r->cycle_ns;
}

static void reference_init(struct reference *r, const struct police_gate_conf *conf, int64_t now)
{
	uint32_t i;

	memset(r, 0, sizeof(*r));
	r->conf = conf;
	r->cycle_ns = conf->cycle_ns;
	for (i = 0; !conf->cycle_ns && i < conf->n_entries; i++)
		r->cycle_ns += conf->entries[i].interval_ns;
	r->t_change = change_time(r, now);
}

/* The entry at an instant, and when this occurrence of it began. */
static const struct police_gate_entry *entry_at(const struct reference *r, int64_t now, int64_t *t_begin)
{
	const struct police_gate_entry *e = r->conf->entries;

	*t_begin = now - ns_mod(now - r->conf->t_base, r->cycle_ns);
	for (; e + 1 < r->conf->entries + r->conf->n_entries && now - *t_begin >= e->interval_ns; e++)
		*t_begin += e->interval_ns;
	return e;
}

static enum police_verdict reference_frame(struct reference *r, uint32_t octets, int64_t now, int8_t *ipv)
{
	const struct police_gate_entry initial = {r->conf->initial_open, r->conf->initial_ipv, 0, 0}, *e = &initial;
	int64_t t_begin = 0;

	*ipv = POLICE_NONE;
	r->running |= r->conf->enabled && now >= r->t_change;
	if (r->running)
		e = entry_at(r, now, &t_begin);
	if (r->invalid_rx || r->octets_exceeded)
		return POLICE_GATE;
	if (!e->open) {
		r->invalid_rx = r->conf->invalid_rx;
		return POLICE_GATE;
	}
	if (e->octets_max) {
		if (!r->counting || r->t_counted != t_begin)
			r->passed = 0;
		r->counting = true;
		r->t_counted = t_begin;
		if (r->passed + octets > e->octets_max) {
			r->octets_exceeded = r->conf->octets_exceeded;
			return POLICE_OCTETS;
		}
		r->passed += octets;
	}
	*ipv = e->ipv;
	return POLICE_PASS;
}

/* What was counted goes on only if the clock stays within the same occurrence. */
static void reference_step(struct reference *r, int64_t now)
{
	int64_t t_begin;

	if (!r->running) {
		r->t_change = change_time(r, now);
		return;
	}
	entry_at(r, now, &t_begin);
	r->counting &= r->t_counted == t_begin;
}

static int64_t below(uint64_t *seed, int64_t n)
{
	return (int64_t)(test_random(seed) % (uint64_t)n);
}

static void random_gate(uint64_t *seed, struct police_gate_conf *c, struct police_gate_entry *e, int64_t now)
{
	int64_t sum = 0;
	uint32_t i;

	*c = (struct police_gate_conf){.enabled = below(seed, 20), .initial_open = below(seed, 2),
				       .initial_ipv = (int8_t)(below(seed, 9) - 1),
				       .invalid_rx = !below(seed, 4), .octets_exceeded = !below(seed, 4), .entries = e};
	c->n_entries = 1 + (uint32_t)below(seed, ENTRIES);
	for (i = 0; i < c->n_entries; i++) {
		e[i] = (struct police_gate_entry){below(seed, 3), (int8_t)(below(seed, 9) - 1), 5 + below(seed, 300),
						  below(seed, 2) ? 0 : 100 + (uint32_t)below(seed, 400)};
		sum += e[i].interval_ns;
	}
	if (below(seed, 2))
		c->cycle_ns = 5 + below(seed, sum + sum / 2);
	c->t_base = now - 3000 + below(seed, 4000);
}

static void history(uint64_t number)
{
	uint64_t state = number * UINT64_C(0x9e3779b97f4a7c15) | 1, *seed = &state;
	struct police_filter_conf filter = {.any_dst = true, .vid = POLICE_ANY, .pcp = POLICE_ANY, .meter = POLICE_NONE,
					    .scheduler = POLICE_NONE};
	static const uint8_t dst[6] = {2};
	struct police_gate_entry entries[ENTRIES];
	struct police_gate_conf gate;
	struct police_conf conf = {.n_filters = 1, .n_gates = 1, .filters = &filter, .gates = &gate};
	struct police_frame f = {.dst = dst, .vid = 1};
	int64_t now = below(seed, INT64_C(2000000000000000000)), t;
	enum police_verdict got, want;
	struct reference r;
	struct police *p;
	struct wire wire;
	int8_t ipv;
	int i;

	assert_int_equal(wire_init(&wire, WIRE_MAX_BPS, NULL), 0);
	random_gate(seed, &gate, entries, now);
	if (police_create(&p, &conf, &wire, now, NULL))
		return; /* a window cut to less than a frame */
	reference_init(&r, &gate, now);
	for (i = 0; i < FRAMES; i++) {
		now += below(seed, below(seed, 10) ? 150 : 100000);
		f.len = 14 + 46 + (uint32_t)below(seed, 200);
		got = police_frame(p, &f, now);
		want = reference_frame(&r, f.len - 14, now, &ipv);
		if (got != want || f.ipv != ipv)
			fail_msg("TAKT_SEED=%" PRIu64 ": frame %d at %" PRId64 ": got %d, IPV %d; want %d, IPV %d",
				 number, i, now, got, f.ipv, want, ipv);
		if (!below(seed, 20)) {
			t = now - 700 + below(seed, 1400);
			police_step(p, t - now, t);
			reference_step(&r, t);
			now = t;
		}
		if (!below(seed, 15)) {
			police_reset(p);
			r.invalid_rx = r.octets_exceeded = false;
		}
	}
	police_destroy(p);
}

static void test_as_the_reference_does(void **state)
{
	const char *one = getenv("TAKT_SEED");
	uint64_t n;

	(void)state;
	if (one)
		history(strtoull(one, NULL, 0));
	for (n = 1; !one && n <= HISTORIES; n++)
		history(n);
}

TEST_GROUP("tsn/police_random",
	cmocka_unit_test(test_as_the_reference_does),
)
