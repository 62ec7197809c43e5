/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/conf.h"

#include <errno.h>
#include <stdbool.h>

#include "base/ns.h"
#include "tests/unit/vnet/conf_text.h"
#include "tsn/cls.h"

static void same(const struct conf *a, const struct conf *b)
{
	struct conf *x = malloc(sizeof(*x)), *y = malloc(sizeof(*y));
	uint32_t i;

	*x = *a;
	*y = *b;
	for (i = 0; i < a->n_ports; i++) {
		const struct gcl_conf *g = &a->port[i].gate, *h = &b->port[i].gate;

		assert_int_equal(g->n_entries, h->n_entries);
		if (g->n_entries)
			assert_memory_equal(g->entries, h->entries, g->n_entries * sizeof(*g->entries));
		x->port[i].gate.entries = y->port[i].gate.entries = NULL;
		x->port[i].line = y->port[i].line = 0;
	}
	assert_memory_equal(x, y, sizeof(*x));
	free(x);
	free(y);
}

static const char *const good[] = {
	"ports: [{name: a, mem: yes}]",
	"name: on\nrun-dir: /tmp/x\ncpu: 1\nmemory: 64\nhuge-pages: off\nrecords: 1024\npoll-gap: 1ms\nageing-time: 10s\n"
	"ports:\n- {name: \"1\", guest: /run/a b, role: client, packed: on, queues: 8, classify: queue, time-answer: no}\n"
	"- {name: w, wire: 'net_af_xdp0,iface=\"x\"\\', link-speed: 2.5Gb/s, mtu: 9000, pvid: 4094, priority: 7, queue-depth: 2,\n"
	"   vlans: [1, \"10-12\", 4000], traffic-class-table: [0, 0, 0, 0, 7, 7, 7, 7]}\n",
	"ports:\n- name: a\n  mem: true\n  link-speed: 100000000\n  gate-parameters:\n    gate-enabled: yes\n    admin-gate-states: 0x0f\n"
	"    admin-base-time: {seconds: 1700000000, nanoseconds: 5}\n    admin-cycle-time: {numerator: 1, denominator: 1000}\n"
	"    admin-cycle-time-extension: 10us\n    queue-max-sdu: {7: 128}\n"
	"    admin-control-list:\n    - sched-entry S 80 300000\n    - R 7f 400000\n"
	"    - {operation-name: \"ieee802-dot1q-sched:set-gate-states\", time-interval-value: 300us, gate-states-value: 255}\n",
	"ports: [{name: a, mem: yes, gate-parameters: {gate-enabled: no}}]",
	"ports:\n- name: a\n  mem: yes\n  credit-based-shaper: {6: 75Mb/s, 5: {streams: [\"1514,1ms\", \"100,125us\"]}, 3: {admin-idle-slope: 64kb/s}}\n"
	"  launch-time: {7: {mode: deadline, source: avtp, offset: -2ms, late: 0}, 2: {}}\n  asynchronous-shaper: [4, 1]\n",
	"ports: [{name: a, mem: yes, gate-parameters: {admin-cycle-time: {numerator: 2, denominator: 6000}, admin-control-list: [S 1 100000]}}]",
	"clock: {reference: tai, tai-offset: 37, max-error: 1us, hold-gates: closed, ptp4l: /run/ptp4l-eth0, domain: 24}\nports: [{name: a, mem: yes}]",
	"clock: {tai-offset: 0}\nports: [{name: a, mem: yes}]",
	"records: 0\nports: [{name: a, mem: yes}]",
	"clock: {reference: /dev/ptp0, tai-offset: kernel}\nports: [{name: a, mem: yes}]",
};

static void test_round_trip(void **state)
{
	struct conf *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
	struct why why = {""};
	char *text, *again;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		load_good(a, good[i]);
		text = dump(a);
		if (load(b, text, &why))
			fail_msg("%s in\n%s", why.text, text);
		same(a, b);
		again = dump(b);
		assert_string_equal(text, again);
		free(text);
		free(again);
		conf_fini(a);
		conf_fini(b);
	}
	free(a);
	free(b);
}

static void test_defaults(void **state)
{
	struct conf *c = malloc(sizeof(*c));
	struct why why;

	(void)state;
	assert_int_equal(load(c, good[0], &why), 0);
	assert_string_equal(c->name, "takt");
	assert_string_equal(c->run_dir, "/run/takt");
	assert_int_equal(c->cpu, -1);
	assert_int_equal(c->memory_mib, 256);
	assert_true(c->huge);
	assert_int_equal(c->records, 262144);
	assert_int_equal(c->poll_gap_ns, 20 * NS_PER_US);
	assert_true(c->ageing_ns == 300 * NS_PER_SEC);
	assert_int_equal(c->port[0].kind, PORT_MEM);
	assert_int_equal(c->port[0].link_bps, 1000000000);
	assert_int_equal(c->port[0].mtu, 1500);
	assert_int_equal(c->port[0].pvid, 1);
	assert_int_equal(c->port[0].queue_depth, 512);
	assert_memory_equal(c->port[0].class_map, cls_default_map, 8);
	assert_false(c->port[0].has_gate);
	conf_fini(c);
	free(c);
}

static void test_values(void **state)
{
	struct conf *c = malloc(sizeof(*c));
	const struct gcl_conf *g;
	struct why why;

	(void)state;
	assert_int_equal(load(c, good[1], &why), 0);
	assert_true(c->port[1].link_bps == INT64_C(2500000000));
	assert_int_equal(c->port[1].n_vlans, 5);
	assert_int_equal(c->port[1].vlans[3], 12);
	assert_string_equal(c->port[1].wire, "net_af_xdp0,iface=\"x\"\\");
	assert_int_equal(c->port[0].role, GUEST_CLIENT);
	conf_fini(c);
	assert_int_equal(load(c, good[2], &why), 0);
	g = &c->port[0].gate;
	assert_true(g->t_base == 1700000000 * NS_PER_SEC + 5);
	assert_int_equal(g->cycle_ns, NS_PER_MS);
	assert_int_equal(g->max_sdu[7], 128);
	assert_int_equal(g->max_sdu[6], 0);
	assert_int_equal(g->n_entries, 3);
	assert_int_equal(g->entries[0].gates, 0x80);
	assert_int_equal(g->entries[1].interval_ns, 400000);
	assert_int_equal(g->entries[2].gates, 0xff);
	conf_fini(c);
	free(c);
}

static void test_shapers(void **state)
{
	struct conf *c = malloc(sizeof(*c));
	const struct conf_port *p = &c->port[0];
	struct why why;

	(void)state;
	assert_int_equal(load(c, good[4], &why), 0);
	assert_int_equal(p->cbs.idle_bps[6], 75000000);
	assert_int_equal(p->cbs.idle_bps[5], 1538 * 8 * 1000 + 124 * 8 * 8000); /* with preamble, FCS and gap */
	assert_int_equal(p->cbs.idle_bps[3], 64000);
	assert_int_equal(p->cbs.idle_bps[7], 0);
	assert_true(p->launch[7].enabled && p->launch[7].mode == LAUNCH_DEADLINE && p->launch[7].source == LAUNCH_FROM_AVTP);
	assert_int_equal(p->launch[7].offset_ns, -2 * NS_PER_MS);
	assert_true(p->launch[2].enabled && p->launch[2].mode == LAUNCH_STRICT && p->launch[2].source == LAUNCH_FROM_TRAILER);
	assert_int_equal(p->launch[2].late_ns, 50 * NS_PER_US);
	assert_false(p->launch[6].enabled);
	assert_int_equal(p->ats, 0x12);
	conf_fini(c);
	free(c);
}

#define PORT(keys) "ports:\n- {name: a, mem: yes, " keys "}\n"
#define GATE(keys) PORT("gate-parameters: {" keys "}")

static const struct refusal refused[] = {
	{"portz: 1", ":1: portz: no such key: did you mean ports?"},
	{"name: x", ":1: ports: there is none"},
	{"ports: []", "there is none"},
	{"ports: {a: 1}", ":1: ports: is a mapping"},
	{"cpu: x\n", ":1: cpu: \"x\" is wrong"},
	{"\ncpu: 5000\n", ":2: cpu: 5000 is out of range: give -1 to 1023"},
	{"records: 1000000", "no power of two"},
	{"poll-gap: 1 parsec", ":1: poll-gap: "},
	{"poll-gap: 1ns", "poll-gap: 1ns is out of range"},
	{"name: a/b", "name: \"a/b\" is wrong"},
	{"name: abcdefghijklmnop", "too long: at most 15"},
	{"run-dir: x", "a path that begins with /"},
	{"huge-pages: maybe", "give yes or no"},
	{"clock: yes\n", ":1: clock: is a single value: give a mapping"},
	{"clock: {refrence: tai}\n", "did you mean reference?"},
	{"clock: {reference: gps}\n", ":1: reference: is no clock: give tai"},
	{"clock: {reference: [tai]}\n", ":1: reference: is no clock"},
	{"clock: {tai-offset: yes}\n", ":1: tai-offset: \"yes\" is no offset: give kernel, or TAI - UTC"},
	{"clock: {tai-offset: -37}\n", "is no offset"},
	{"clock:\n  tai-offset: 256\n", ":2: tai-offset: 256 is out of range: give 0 to 255"},
	{"clock: {max-error: 10ns}\n", "max-error: 10ns is out of range"},
	{"clock: {hold-gates: yes}\n", "hold-gates: \"yes\" is wrong: give no or open or closed"},
	{"clock: {ptp4l: auto}\n", "ptp4l: \"auto\" is wrong: give a path"},
	{"clock: {domain: 256}\n", "domain: 256 is out of range"},
	{"clock: {reference: /dev/ptp0, tai-offset: 37}\n", ":1: clock: tai-offset is CLOCK_TAI's, and reference is /dev/ptp0"},
	{"ports: [{name: a}]", "has none of guest, wire, mem"},
	{"ports: [{name: a, mem: yes, wire: x}]", "has several of"},
	{"ports: [{mem: yes}]", "name: is missing"},
	{"ports: [{name: a, mem: no}]", "mem: can only be yes"},
	{"ports:\n- {name: a, mem: yes}\n- {name: a, mem: yes}\n", ":3: name: \"a\" is the name of two ports (the other on line 2)"},
	{"ports:\n- {name: a, guest: /x}\n- {name: b, guest: /x}\n", ":3: guest: /x is the socket of two ports"},
	{"ports:\n- {name: a, wire: /x}\n- {name: b, wire: /x}\n", ":3: wire: /x is the wire of two ports"},
	{PORT("queues: 1"), ":2: queues: only a guest port has this key"},
	{PORT("mtu: 10000"), "mtu: 10000 is out of range"},
	{PORT("link-speed: 1"), "link-speed: \"1\" is wrong"},
	{PORT("link-speed: 1.2345678901Gb/s"), "link-speed"},
	{PORT("vlans: 1"), "vlans: is a single value"},
	{PORT("vlans: [0]"), "out of range"},
	{PORT("vlans: [4294967306]"), "is no VLAN"},
	{PORT("vlans: [9-7]"), "out of range"},
	{PORT("vlans: [5, 1-9]"), "VLAN 5 is given twice"},
	{PORT("vlans: [1-65]"), "more than 64"},
	{PORT("queue-depth: 3"), "no power of two"},
	{PORT("traffic-class-table: [1]"), "wants a class for each of 8"},
	{PORT("traffic-class-table: [1, 0, 2, 3, 4, 5, 6, 8]"), "8 is out of range"},
	{PORT("credit-based-shaper: 5Mb/s"), ":2: credit-based-shaper: is a single value: give a mapping such as {6: 75Mb/s}"},
	{PORT("credit-based-shaper: {8: 5Mb/s}"), "\"8\" is no class"},
	{PORT("credit-based-shaper: {6: 5}"), "\"5\" is wrong: give a rate from 1kb/s"},
	{PORT("credit-based-shaper: {6: {}}"), "class 6 has no rate"},
	{PORT("credit-based-shaper: {6: {idle-slope: 5Mb/s}}"), "idle-slope: no such key: use one of admin-idle-slope, streams"},
	{PORT("credit-based-shaper: {6: {streams: []}}"), "streams: is empty"},
	{PORT("credit-based-shaper: {6: {streams: [\"1514 1ms\"]}}"), "is no stream"},
	{PORT("credit-based-shaper: {6: {streams: [\"13,1ms\"]}}"), "is no stream"},
	{PORT("credit-based-shaper: {6: {streams: [\"1514,1ns\"]}}"), "the interval is out of range"},
	{PORT("credit-based-shaper: {6: {streams: [\"9018,1us\", \"9018,1us\", \"9018,1us\", \"9018,1us\", \"9018,1us\", \"9018,1us\"]}}"),
	 "more than 400Gb/s"},
	{PORT("credit-based-shaper: {6: 600Mb/s, 5: 401Mb/s}"), ":2: credit-based-shaper: the idle slopes add up to"},
	{PORT("link-speed: 10Mb/s, credit-based-shaper: {6: 11Mb/s}"), "credit-based-shaper: idle slope 11000000 bit/s of class 6 is out of range"},
	{PORT("launch-time: [7]"), "launch-time: is a list: give a mapping"},
	{PORT("launch-time: {9: {}}"), "\"9\" is no class"},
	{PORT("launch-time: {7: {mode: lazy}}"), "mode: \"lazy\" is wrong: give strict or deadline"},
	{PORT("launch-time: {7: {offset: 2s}}"), "offset: 2s is out of range"},
	{PORT("launch-time: {7: {late: -1}}"), "late: -1 is out of range"},
	{PORT("asynchronous-shaper: 4"), "asynchronous-shaper: is a single value: give a list"},
	{PORT("asynchronous-shaper: [x]"), "\"x\" is no class"},
	{PORT("asynchronous-shaper: [7], launch-time: {7: {}}"), "asynchronous-shaper: class 7 is in launch-time already"},
	{PORT("launch-time: {6: {}}, credit-based-shaper: {6: 1Mb/s}"), "launch-time: class 6 is in credit-based-shaper already"},
	{PORT("gate-parameters: 1"), "is a single value: give a mapping"},
	{GATE(""), ":2: gate-parameters: "},
	{GATE("admin-control-list: []"), ":2: gate-parameters: "},
	{GATE("admin-control-list: [S 1 10]"), "entry 0"},
	{GATE("admin-control-list: [S 1ff 1000]"), "mask is hexadecimal"},
	{GATE("admin-control-list: [X 1 1000]"), "is no entry"},
	{GATE("admin-control-list: [S 100000001 1000]"), "is no entry"},
	{GATE("admin-control-list: [S 1 1000 5]"), "is no entry"},
	{GATE("admin-control-list: [{time-interval-value: 1ms}]"), "gate-states-value: is missing"},
	{GATE("admin-control-list: [{operation-name: foo}]"), "\"foo\" is no operation"},
	{GATE("admin-cycle-time: {numerator: 4, denominator: 3}"), "4/3 s is out of range"},
	{GATE("admin-cycle-time: {numerator: 1, denominator: 1000000001}"), "out of range: give 1 ns"},
	{GATE("admin-cycle-time: {numerator: 4294967296, denominator: 4294967296}"), "out of range"},
	{GATE("admin-cycle-time: {numerator: -1, denominator: 3}"), "{numerator: N, denominator: N}"},
	{GATE("admin-control-list: [{time-interval-value: {numerator: 1, denominator: 3}}]"), "give a duration"},
	{GATE("admin-cycle-time: {numerator: 1, denominator: 0}"), "out of range"},
	{GATE("admin-cycle-time: 1001ms"), "out of range"},
	{GATE("admin-base-time: {seconds: 1}"), "{seconds: N, nanoseconds: N}"},
	{GATE("admin-base-time: -5"), "out of range"},
	{GATE("queue-max-sdu: {8: 1}"), "\"8\" is no class"},
	{GATE("queue-max-sdu: [1]"), "one number for each class"},
	{GATE("queue-max-sdu: {7: 9001}"), "9001 is out of range"},
	{GATE("admin-gate-states: 256"), "256 is out of range"},
};

static void test_refusals(void **state)
{
	struct conf *c = malloc(sizeof(*c));
	struct why why;

	(void)state;
	refuse_all(refused, sizeof(refused) / sizeof(refused[0]));
	assert_int_equal(conf_load(c, "/nonexistent/file", &why), -ENOENT);
	assert_non_null(strstr(why.text, "/nonexistent/file: cannot be opened"));
	free(c);
}

static void test_too_many(void **state)
{
	struct conf *c = malloc(sizeof(*c));
	char text[4096] = "ports:\n";
	struct why why;
	int i;

	(void)state;
	for (i = 0; i < PKT_MAX_PORTS; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "- {name: p%d, mem: yes}\n", i);
	assert_int_equal(load(c, text, &why), 0);
	assert_int_equal(c->n_ports, PKT_MAX_PORTS);
	conf_fini(c);
	strcat(text, "- {name: more, mem: yes}\n");
	assert_int_equal(load(c, text, &why), -EINVAL);
	assert_non_null(strstr(why.text, "has 33 ports: give at most 32"));
	free(c);
}

static void test_gate_alone(void **state)
{
	static const char file[] =
		"ports:\n- {name: a, mem: yes}\n- {name: b, mem: yes, link-speed: 100Mb/s, gate-parameters: "
		"{admin-control-list: [S 1 100000]}}\n";
	struct gcl_conf g, h;
	struct why why;
	char *text = NULL;
	size_t len;
	FILE *f;

	(void)state;
	assert_int_equal(conf_parse_gate(&g, "admin-control-list: [S 1 100]", "f", NULL, &why),
			 0); /* no link: nothing to be too short for */
	assert_int_equal(g.entries[0].interval_ns, 100);
	free(g.entries);
	assert_int_equal(conf_parse_gate(&g, file, "f", "a", &why), -EINVAL);
	assert_int_equal(conf_parse_gate(&g, file, "f", "c", &why), -EINVAL);
	assert_int_equal(conf_parse_gate(&g, file, "f", NULL, &why), 0);
	f = open_memstream(&text, &len);
	conf_print_gate(&g, f);
	fclose(f);
	assert_null(strchr(text, '\n'));
	assert_int_equal(conf_parse_gate(&h, text, "f", NULL, &why), 0);
	assert_int_equal(h.n_entries, 1);
	assert_memory_equal(g.entries, h.entries, sizeof(*g.entries));
	assert_int_equal(h.cycle_ns, g.cycle_ns);
	free(g.entries);
	free(h.entries);
	free(text);
}

/* A cycle that is no whole number of ns: kept as it is, and printed so that it reads back the same. */
static void test_rational_cycle(void **state)
{
	static const struct {
		const char *text, *json;
		int64_t cycle_ns;
		uint32_t num, den;
	} rows[] = {
		{"{numerator: 1, denominator: 3000}", "{\"numerator\": 1, \"denominator\": 3000}", 333333, 1, 3},
		{"{numerator: 1001, denominator: 60000}", "{\"numerator\": 1001, \"denominator\": 60000}", 16683333, 1, 3},
		{"{numerator: 4294967291, denominator: 4294967295}", "{\"numerator\": 4294967291, \"denominator\": 4294967295}", 999999999, 58993459, 858993459},
		{"{numerator: 3, denominator: 7000000}", "{\"numerator\": 3, \"denominator\": 7000000}", 428, 4, 7},
		{"{numerator: 1, denominator: 3}", "{\"numerator\": 1, \"denominator\": 3}", 333333333, 1, 3},
		{"{numerator: 1, denominator: 1}", "\"1s\"", NS_PER_SEC, 0, 1},
		{"{numerator: 10, denominator: 10000}", "\"1ms\"", NS_PER_MS, 0, 1},
	};
	struct gcl_conf g, h;
	struct why why = {""};
	char text[200], *json;
	size_t i, len;
	FILE *f;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "{admin-cycle-time: %s, admin-control-list: [S 1 100000]}", rows[i].text);
		assert_int_equal(conf_parse_gate(&g, text, "f", NULL, &why), 0);
		assert_int_equal(g.cycle_ns, rows[i].cycle_ns);
		assert_int_equal(g.cycle_frac_num, rows[i].num);
		assert_int_equal(g.cycle_frac_den, rows[i].num ? rows[i].den : 0);
		f = open_memstream(&json, &len);
		conf_print_gate(&g, f);
		fclose(f);
		if (!strstr(json, rows[i].json))
			fail_msg("%s does not say %s", json, rows[i].json);
		assert_int_equal(conf_parse_gate(&h, json, "f", NULL, &why), 0);
		assert_int_equal(h.cycle_ns, g.cycle_ns);
		assert_int_equal(h.cycle_frac_num, g.cycle_frac_num);
		assert_int_equal(h.cycle_frac_den, g.cycle_frac_den);
		free(json);
		free(g.entries);
		free(h.entries);
	}
}

TEST_GROUP("vnet/conf",
	cmocka_unit_test(test_round_trip),
	cmocka_unit_test(test_defaults),
	cmocka_unit_test(test_values),
	cmocka_unit_test(test_shapers),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_rational_cycle),
	cmocka_unit_test(test_too_many),
	cmocka_unit_test(test_gate_alone),
)
