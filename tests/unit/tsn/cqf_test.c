/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/cqf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"
#include "tsn/gate.h"

/* What a port makes of cqf: policing of what comes in there, and the gates of what leaves. */
struct port {
	struct police *police;
	struct gcl *gcl;
	struct gate gate;
	uint8_t class_map[8];
};

static int port_make(struct port *p, const struct cqf_conf *conf, int64_t now, struct why *why)
{
	struct police_filter_conf filters[8];
	struct police_gate_conf gate = {.enabled = true, .initial_open = true, .initial_ipv = POLICE_NONE,
					.t_base = conf->t_base, .n_entries = 2};
	struct police_conf police = {.n_gates = 1, .filters = filters, .gates = &gate};
	struct gcl_conf gcl = {.enabled = true, .initial_gates = 0xff, .t_base = conf->t_base, .n_entries = 2};
	struct wire wire;
	struct cqf x;
	uint32_t i;
	int err = cqf_expand(&x, conf, p->class_map, why);

	if (err)
		return err;
	assert_int_equal(wire_init(&wire, WIRE_MAX_BPS, NULL), 0);
	gate.entries = x.ingress;
	gcl.entries = x.egress;
	police.n_filters = x.n_filters;
	for (i = 0; i < x.n_filters; i++)
		filters[i] = (struct police_filter_conf){.any_dst = true, .vid = POLICE_ANY, .pcp = x.pcp[i],
							 .meter = POLICE_NONE,
							 .scheduler = POLICE_NONE};
	assert_int_equal(police_create(&p->police, &police, &wire, now, why), 0);
	assert_int_equal(gcl_create(&p->gcl, &gcl, &wire, why), 0);
	gate_init(&p->gate, now);
	gate_set(&p->gate, p->gcl, now);
	return 0;
}

static void port_end(struct port *p)
{
	police_destroy(p->police);
	gcl_destroy(p->gcl);
}

/* A frame's class at its arrival. */
static uint8_t arrive(struct port *p, uint8_t pcp, int64_t now)
{
	static const uint8_t dst[6] = {2};
	struct police_frame f = {.dst = dst, .vid = 1, .pcp = pcp, .len = 60};

	assert_int_equal(police_frame(p->police, &f, now), POLICE_PASS);
	return p->class_map[f.ipv == POLICE_NONE ? pcp : f.ipv];
}

static int offer(struct port *p, const char *word, struct why *why)
{
	int64_t now, open;
	struct gate later;
	char got[80];
	int n, pcp;
	uint8_t tc;

	assert_int_equal(sscanf(word, "%" SCNd64 "/%d=", &now, &pcp), 2);
	tc = arrive(p, (uint8_t)pcp, now);
	gate_advance(&p->gate, now);
	n = snprintf(got, sizeof(got), "%u", tc);
	open = gate_open_at(&p->gate, tc, now);
	later = p->gate;
	gate_advance(&later, open);
	if (gate_close_at(&later, tc) != NS_NEVER)
		snprintf(got + n, sizeof(got) - (size_t)n, "@%" PRId64 "..%" PRId64, open, gate_close_at(&later, tc));
	return strcmp(got, strchr(word, '=') + 1) ? why_fail(why, EINVAL, "%s: got %s", word, got) : 0;
}

static int cqf_row(const struct test_row *row, struct why *why)
{
	struct cqf_conf conf = {.cycle_ns = test_row_int(row, 0), .t_base = test_row_int(row, 1)};
	struct port p = {0};
	int err, i;

	assert_int_equal(sscanf(row->word[2], "%hhu,%hhu", &conf.class[0], &conf.class[1]), 2);
	for (i = 0; i < 8; i++)
		p.class_map[i] = (uint8_t)(row->word[3][i] - '0');
	err = port_make(&p, &conf, test_row_int(row, 4), why);
	for (i = 5; i < row->n && !err; i++)
		err = offer(&p, row->word[i], why);
	port_end(&p);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/cqf.vec", cqf_row);
}

/* Whatever the instant: in the cycle after, and so at least when this one ends and at most two cycles from now. */
static void test_leaves_in_the_next_cycle(void **state)
{
	struct cqf_conf conf = {.cycle_ns = 125000, .t_base = 4711, .class = {6, 3}};
	struct port p = {.class_map = {1, 0, 2, 3, 4, 5, 6, 7}};
	int64_t now = 1000000, cycle, open, close;
	uint64_t seed = 7;
	uint8_t tc;
	int i;

	(void)state;
	assert_int_equal(port_make(&p, &conf, 0, NULL), 0);
	for (i = 0; i < 20000; i++) {
		now += (int64_t)(test_random(&seed) % 60000);
		cycle = ns_div_floor(now - conf.t_base, conf.cycle_ns);
		tc = arrive(&p, test_random(&seed) & 1 ? 6 : 3, now);
		assert_int_equal(tc, cycle % 2 ? 3 : 6);
		gate_advance(&p.gate, now);
		open = gate_open_at(&p.gate, tc, now);
		assert_true(open == conf.t_base + (cycle + 1) * conf.cycle_ns);
		gate_advance(&p.gate, open);
		close = gate_close_at(&p.gate, tc);
		assert_true(close == open + conf.cycle_ns && close - now <= 2 * conf.cycle_ns);
		now = open;
	}
	port_end(&p);
}

static void test_refused(void **state)
{
	static const struct {
		struct cqf_conf conf;
		const char *names;
	} bad[] = {
		{{.cycle_ns = 0, .class = {5, 4}}, "cycle-time"},
		{{.cycle_ns = GCL_MAX_CYCLE_NS / 2 + 1, .class = {5, 4}}, "cycle-time"},
		{{.cycle_ns = 1000, .class = {5, 5}}, "classes"},
		{{.cycle_ns = 1000, .class = {5, 8}}, "class 8"},
		{{.cycle_ns = 1000, .class = {2, 5}}, "class 2"},
	};
	static const uint8_t map[8] = {1, 0, 3, 3, 4, 5, 6, 7};
	struct cqf x;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(cqf_expand(&x, &bad[i].conf, map, &why), -EINVAL);
		test_why_names(&why, bad[i].names, NULL);
	}
}

TEST_GROUP("tsn/cqf",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_leaves_in_the_next_cycle),
	cmocka_unit_test(test_refused),
)
