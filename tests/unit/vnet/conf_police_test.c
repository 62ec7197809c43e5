/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/conf_police.h"

#include <errno.h>

#include "base/ns.h"
#include "tests/unit/vnet/conf_text.h"

static const char all[] =
	"ports:\n- name: a\n  mem: true\n  stream-filters:\n"
	"  - {stream-filter-instance-id: 1, destination-mac: 02-00-00-00-00-0B, vlan: 10, priority-spec: five, max-sdu-size: 100,\n"
	"     stream-blocked-due-to-oversize-frame-enabled: yes, stream-gate-ref: g, flow-meter-ref: m, scheduler-ref: 7}\n"
	"  - {stream-filter-instance-id: 3, flow-meter-ref: m, flow-meter-enable: no, scheduler-ref: 7, scheduler-enable: no}\n"
	"  - {stream-filter-instance-id: rest, priority-spec: wildcard, destination-mac: wildcard, vlan: wildcard}\n"
	"  stream-gates:\n  - stream-gate-instance-id: g\n    gate-enable: yes\n    admin-gate-states: closed\n    admin-ipv: 3\n"
	"    admin-base-time: {seconds: 5, nanoseconds: 7}\n    admin-cycle-time: 1ms\n    admin-cycle-time-extension: 10us\n"
	"    gate-closed-due-to-invalid-rx-enable: yes\n    gate-closed-due-octets-exceeded-enable: yes\n    admin-control-list:\n"
	"    - sched-entry open 200000 -1 -1\n    - close 300000\n    - open 1000 0 0\n"
	"    - {time-interval-value: 10us, gate-state-value: open, ipv-spec: null, interval-octet-max: 4294967295}\n"
	"    - {operation-name: \"ieee802-dot1q-psfp:set-gate-and-ipv\", time-interval-value: 10us, gate-state-value: closed, ipv-spec: seven}\n"
	"  - {stream-gate-instance-id: h, gate-enable: no, admin-ipv: null}\n"
	"  flow-meters:\n  - {flow-meter-instance-id: m, committed-information-rate: 10Mb/s, committed-burst-size: 3000, color-mode: color-aware,\n"
	"     excess-information-rate: 500, excess-burst-size: 1000000000, coupling-flag: 1, drop-on-yellow: yes, mark-all-frames-red-enable: yes}\n"
	"  schedulers: [{scheduler-instance-id: 7, committed-information-rate: 1Mb/s, committed-burst-size: 12800, scheduler-group-ref: 0}]\n"
	"  scheduler-groups: [{scheduler-group-instance-id: 0, max-residence-time: 10ms}]\n";

static void test_values(void **state)
{
	static const uint8_t dst[] = {2, 0, 0, 0, 0, 0xb};
	struct conf *c = malloc(sizeof(*c));
	const struct conf_police *p = &c->port[0].police;
	const struct police_gate_entry *e;
	struct police *police;
	struct wire wire;
	struct why why;

	(void)state;
	load_good(c, all);
	assert_int_equal(p->n_filters, 3);
	assert_memory_equal(p->filters[0].filter.dst, dst, 6);
	assert_int_equal(p->filters[0].filter.pcp, 5);
	assert_int_equal(p->filters[0].filter.max_sdu, 100);
	assert_true(p->filters[0].filter.block_oversize);
	assert_false(p->filters[1].meter_enable);
	assert_true(p->filters[2].filter.any_dst);
	assert_int_equal(p->filters[2].filter.vid, POLICE_ANY);
	assert_int_equal(p->filters[2].filter.pcp, POLICE_ANY);
	assert_int_equal(p->gates[0].time.t_base, 5 * NS_PER_SEC + 7);
	assert_int_equal(p->gates[0].gate.initial_ipv, 3);
	assert_int_equal(p->gates[1].gate.initial_ipv, POLICE_NONE);
	assert_int_equal(p->gates[0].gate.n_entries, 5);
	e = p->gates[0].gate.entries;
	assert_true(e[0].open && e[0].ipv == POLICE_NONE && !e[0].octets_max && e[0].interval_ns == 200000);
	assert_true(!e[1].open && e[1].interval_ns == 300000);
	assert_true(e[2].ipv == 0 && e[2].octets_max == 0);
	assert_true(e[3].octets_max == UINT32_MAX && e[3].ipv == POLICE_NONE);
	assert_true(!e[4].open && e[4].ipv == 7);
	assert_true(p->meters[0].meter.coupling && p->meters[0].meter.colour_aware && p->meters[0].meter.eir_bps == 500);
	assert_true(p->schedulers[0].ats.cbs_bits == 12800 && p->groups[0].residence_ns == 10 * NS_PER_MS);
	assert_int_equal(wire_init(&wire, c->port[0].link_bps, NULL), 0);
	assert_int_equal(conf_police_create(&police, p, &wire, 0, &why), 0);
	assert_non_null(police);
	police_destroy(police);
	conf_fini(c);
	free(c);
}

static void test_round_trip(void **state)
{
	static const char *const good[] = {
		all,
		"ports: [{name: a, mem: yes, cqf: {cycle-time: 500us, classes: [5, 4]}}, {name: b, mem: yes, cqf: {cycle-time: 500us, classes: [5, 4]}}]",
		"ports: [{name: a, mem: yes, stream-filters: []}]",
		"ports: [{name: a, mem: yes, flow-meters: [{flow-meter-instance-id: x}]}]",
	};
	struct conf *c = malloc(sizeof(*c));
	struct why why = {""};
	char *text, *again;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		load_good(c, good[i]);
		text = dump(c);
		conf_fini(c);
		if (load(c, text, &why))
			fail_msg("%s in\n%s", why.text, text);
		again = dump(c);
		conf_fini(c);
		assert_string_equal(text, again);
		assert_true(!strstr(good[i], "cqf") == !strstr(text, "cqf"));
		assert_true(!strstr(good[i], "cqf") || (!strstr(text, "stream-gates") && !strstr(text, "gate-parameters")));
		free(text);
		free(again);
	}
	free(c);
}

/* The schedule and the tables that cqf stands for are there as if they had been written out. */
static void test_cqf(void **state)
{
	struct conf *c = malloc(sizeof(*c));
	const struct conf_port *p = &c->port[0];
	struct why why;

	(void)state;
	assert_int_equal(load(c, "ports: [{name: a, mem: yes, cqf: {cycle-time: 500us, classes: [5, 4], base-time: 7}}]", &why), 0);
	assert_true(p->has_gate);
	assert_int_equal(p->gate.n_entries, 2);
	assert_int_equal(p->gate.t_base, 7);
	assert_int_equal(p->gate.entries[0].gates, 0xdf);
	assert_int_equal(p->gate.entries[1].gates, 0xef);
	assert_int_equal(p->gate.entries[1].interval_ns, 500 * NS_PER_US);
	assert_int_equal(p->police.n_filters, 2);
	assert_string_equal(p->police.filters[0].row.id, "cqf-4");
	assert_string_equal(p->police.filters[1].gate, p->police.gates[0].row.id);
	assert_int_equal(p->police.gates[0].gate.entries[0].ipv, 5);
	assert_int_equal(p->police.gates[0].time.t_base, 7);
	conf_fini(c);
	free(c);
}

#define PORT(keys)   "ports:\n- name: a\n  mem: yes\n  " keys "\n"
#define FILTER(keys) PORT("stream-filters:\n  - {stream-filter-instance-id: 1, " keys "}")
#define SGATE(keys)  PORT("stream-gates:\n  - {stream-gate-instance-id: 1, " keys "}")
#define METER(keys)  PORT("flow-meters:\n  - {flow-meter-instance-id: 1, " keys "}")
#define SCHED(keys)  PORT("scheduler-groups: [{scheduler-group-instance-id: 0, max-residence-time: 1ms}]\n  schedulers:\n" \
			  "  - {scheduler-instance-id: 1, " keys "}")

static const struct refusal refused[] = {
	{PORT("stream-filters: 1"), ":4: stream-filters: is a single value: give a list"},
	{PORT("stream-filters: [{vlan: 1}]"), "stream-filter-instance-id: is missing"},
	{FILTER("vlan: 4095"), ":5: vlan: 4095 is out of range: give 1 to 4094"},
	{FILTER("priority-spec: 8"), ":5: priority-spec: \"8\" is no priority: give 0 to 7, or wildcard"},
	{FILTER("destination-mac: 1:2:3:4:5:6"), ":5: destination-mac: \"1:2:3:4:5:6\" is no address"},
	{FILTER("destination-mac: 02:00:00:00:00:0g"), "is no address"},
	{FILTER("destination-mac: \"02:00:00:00:00:1 \""), "is no address"},
	{FILTER("max-sdu-size: -1"), "max-sdu-size: -1 is out of range"},
	{FILTER("stream-gate-ref: x"), ":5: stream-gate-ref: x is no row of stream-gates"},
	{FILTER("flow-meter-ref: 2"), ":5: flow-meter-ref: 2 is no row of flow-meters"},
	{FILTER("scheduler-ref: 2"), ":5: scheduler-ref: 2 is no row of schedulers"},
	{FILTER("vlan: 1}\n  - {stream-filter-instance-id: 1"), ":6: stream-filter-instance-id: 1 is given twice (the other on line 5)"},
	{PORT("stream-filters:\n  - {stream-filter-instance-id: 10}\n  - {stream-filter-instance-id: 9}"),
	 ":6: stream-filter-instance-id: 9 stands behind 10"},
	{FILTER("vlam: 1"), "did you mean vlan?"},
	{SGATE("admin-gate-states: 1"), ":5: admin-gate-states: \"1\" is no state: give open or closed"},
	{SGATE("admin-ipv: 8"), "admin-ipv: \"8\" is no internal priority value"},
	{SGATE("admin-control-list: [open 10]"), ":5: stream-gates: admin-control-list entry 0: time-interval-value"},
	{SGATE("admin-control-list: [ajar 1000]"), "\"ajar 1000\" is no entry: give \"sched-entry open 200000 -1 -1\""},
	{SGATE("admin-control-list: [open 1000 8]"), "is no entry"},
	{SGATE("admin-control-list: [open 1000 7 -2]"), "is no entry"},
	{SGATE("admin-control-list: [open 1000 7 -1 5]"), "is no entry"},
	{SGATE("admin-control-list: [open]"), "is no entry"},
	{SGATE("admin-control-list: [{gate-state-value: open}]"), "time-interval-value: is missing"},
	{SGATE("admin-control-list: [{operation-name: set-gate-states}]"), "is no operation: give set-gate-and-ipv"},
	{SGATE("admin-control-list: 5"), "give a list of entries"},
	{METER("committed-information-rate: 1Mb/s"), ":5: flow-meters: committed-burst-size 0 bytes is less than the shortest frame"},
	{METER("committed-information-rate: 401Gb/s"), "is no rate up to 400Gb/s"},
	{METER("color-mode: blue"), "color-mode: \"blue\" is wrong: give color-blind or color-aware"},
	{METER("coupling-flag: 2"), "give zero or one"},
	{SCHED("committed-information-rate: 1Mb/s, committed-burst-size: 12000"), "scheduler-group-ref: is missing"},
	{SCHED("committed-information-rate: 1Mb/s, committed-burst-size: 12000, scheduler-group-ref: 1"),
	 ":6: scheduler-group-ref: 1 is no row of scheduler-groups"},
	{SCHED("committed-information-rate: 999, committed-burst-size: 12000, scheduler-group-ref: 0"), "from 1kb/s on"},
	{PORT("scheduler-groups: [{scheduler-group-instance-id: 0, max-residence-time: 5s}]"), "max-residence-time: 5s is out of range"},
	{PORT("cqf: {cycle-time: 1ms, classes: [5]}"), ":4: classes: wants the two classes"},
	{PORT("cqf: {cycle-time: 1ms, classes: [5, 5]}"), ":4: cqf: classes: 5 is given twice"},
	{PORT("cqf: {cycle-time: 501ms, classes: [5, 4]}"), "cycle-time: 501ms is out of range"},
	{PORT("cqf: {classes: [5, 4]}"), "cycle-time: is missing"},
	{PORT("cqf: {cycle-time: 100ns, classes: [5, 4]}"), ":4: stream-gates: "},
	{PORT("cqf: {cycle-time: 1ms, classes: [5, 4]}\n  traffic-class-table: [0, 0, 0, 0, 5, 5, 7, 7]"), "no priority is of class 4"},
	{PORT("cqf: {cycle-time: 1ms, classes: [5, 4]}\n  gate-parameters: {gate-enabled: no}"), ":4: cqf: makes gate-parameters of its own"},
	{PORT("cqf: {cycle-time: 1ms, classes: [5, 4]}\n  stream-gates: []"), ":4: cqf: makes stream filters and gates of its own: take stream-gates out"},
	{PORT("cqf: {cycle-time: 1ms, classes: [5, 4]}\n- {name: b, mem: yes, cqf: {cycle-time: 2ms, classes: [5, 4]}}"),
	 ":5: cqf: is another one than that of port a (line 2)"},
};

static void test_refusals(void **state)
{
	(void)state;
	refuse_all(refused, sizeof(refused) / sizeof(refused[0]));
}

/* What police set sends is what the row would have said. */
static void test_gate_alone(void **state)
{
	struct conf *c = malloc(sizeof(*c));
	const struct conf_stream_gate *want;
	struct conf_stream_gate got;
	struct why why = {""};
	char *text = NULL;
	size_t len;
	FILE *f;

	(void)state;
	assert_int_equal(load(c, all, &why), 0);
	want = &c->port[0].police.gates[0];
	f = open_memstream(&text, &len);
	conf_print_stream_gate(want, f);
	fclose(f);
	assert_null(strchr(text, '\n'));
	if (conf_parse_stream_gate(&got, text, "request", &why))
		fail_msg("%s in %s", why.text, text);
	assert_int_equal(got.gate.n_entries, want->gate.n_entries);
	assert_memory_equal(got.gate.entries, want->gate.entries, got.gate.n_entries * sizeof(*got.gate.entries));
	assert_memory_equal(&got.time, &want->time, sizeof(got.time));
	assert_true(got.gate.invalid_rx && got.gate.octets_exceeded && !got.gate.initial_open && got.gate.initial_ipv == 3);
	free(got.gate.entries);
	free(text);
	assert_int_equal(conf_parse_stream_gate(&got, "stream-gate: {gate-enable: no}", "f", &why), 0);
	assert_false(got.gate.enabled);
	assert_int_equal(conf_parse_stream_gate(&got, "stream-gate-instance-id: x", "f", &why), -EINVAL);
	test_why_names(&why, "f:1: stream-gate-instance-id: no such key", NULL);
	assert_int_equal(conf_parse_stream_gate(&got, "admin-control-list: [open 1000, ajar 5]", "f", &why), -EINVAL);
	assert_null(got.gate.entries);
	assert_int_equal(conf_police_gate(&c->port[0].police, "h"), 1);
	assert_int_equal(conf_police_gate(&c->port[0].police, "i"), -ENOENT);
	conf_fini(c);
	free(c);
}

TEST_GROUP("vnet/conf_police",
	cmocka_unit_test(test_values),
	cmocka_unit_test(test_round_trip),
	cmocka_unit_test(test_cqf),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_gate_alone),
)
