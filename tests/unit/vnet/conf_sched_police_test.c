/* SPDX-License-Identifier: BSD-3-Clause */
/* Policing in two notations. */
#include "vnet/conf_sched.h"

#include "tests/unit/vnet/conf_sched_text.h"

static const char policing[] =
	"credit-based-shaper: {6: 75Mb/s}\n"
	"stream-filters:\n"
	"- {stream-filter-instance-id: 0, destination-mac: \"01:00:5e:00:00:0a\", vlan: 10, priority-spec: 5, max-sdu-size: 100, stream-gate-ref: 7,\n"
	"   stream-blocked-due-to-oversize-frame-enabled: yes, flow-meter-ref: 3}\n"
	"- {stream-filter-instance-id: 4, stream-gate-ref: 7, flow-meter-ref: 4, flow-meter-enable: no, priority-spec: 2, scheduler-ref: 1}\n"
	"stream-gates:\n"
	"- stream-gate-instance-id: 7\n"
	"  admin-gate-states: closed\n"
	"  admin-ipv: 3\n"
	"  admin-base-time: 5000000001\n"
	"  admin-cycle-time: {numerator: 1, denominator: 3000}\n"
	"  admin-cycle-time-extension: 77ns\n"
	"  gate-closed-due-octets-exceeded-enable: yes\n"
	"  admin-control-list: [\"sched-entry open 200000 6 3000\", \"sched-entry close 100000\"]\n"
	"flow-meters:\n"
	"- {flow-meter-instance-id: 3, committed-information-rate: 10Mb/s, committed-burst-size: 3000, coupling-flag: one, color-mode: color-aware}\n"
	"- {flow-meter-instance-id: 4, excess-information-rate: 1kb/s, excess-burst-size: 2000, drop-on-yellow: yes, mark-all-frames-red-enable: yes}\n"
	"schedulers:\n"
	"- {scheduler-instance-id: 1, committed-information-rate: 1Mb/s, committed-burst-size: 13000, scheduler-group-ref: 2}\n"
	"scheduler-groups:\n"
	"- {scheduler-group-instance-id: 2, max-residence-time: 10ms}\n";

/* Filters, gates, meters, schedulers and groups through instance data and back: every key, as it is printed. */
static void test_policing(void **state)
{
	struct conf_sched s;
	char *yaml, *yang, *again;

	(void)state;
	read_as(&s, CONF_YAML, policing);
	assert_int_equal(s.police.n_filters, 2);
	yaml = print(&s, CONF_YAML);
	yang = print(&s, CONF_YANG);
	assert_int_equal(s.n_notes, 0);
	conf_sched_fini(&s);
	read_as(&s, CONF_YANG, yang);
	assert_int_equal(s.n_notes, 0);
	assert_int_equal(s.police.filters[0].filter.dst[5], 0x0a);
	assert_int_equal(s.police.filters[1].filter.pcp, 2);
	assert_false(s.police.filters[1].meter_enable);
	assert_true(s.police.filters[1].scheduler_enable);
	assert_int_equal(s.police.gates[0].gate.entries[0].octets_max, 3000);
	again = print(&s, CONF_YAML);
	assert_string_equal(yaml, again);
	free(again);
	again = print(&s, CONF_YANG);
	assert_string_equal(yang, again);
	conf_sched_fini(&s);
	free(again);
	free(yang);
	free(yaml);
}

/* Names become numbers, and a list without its module's mandatory gate is told. */
static void test_policing_names(void **state)
{
	struct conf_sched s;
	char *text;

	(void)state;
	read_as(&s, CONF_YAML, "stream-filters:\n- {stream-filter-instance-id: robot, vlan: 5, flow-meter-ref: slow}\n"
			       "flow-meters:\n- {flow-meter-instance-id: slow, committed-information-rate: 1Mb/s, committed-burst-size: 2000}");
	text = print(&s, CONF_YANG);
	assert_non_null(strstr(text, "\"flow-meter-ref\": 0"));
	assert_int_equal(s.n_notes, 4);
	assert_non_null(strstr(s.note[0], "stream filters have names"));
	assert_non_null(strstr(s.note[1], "flow meters have names"));
	assert_non_null(strstr(s.note[2], "filter robot is for any destination in a VLAN"));
	assert_non_null(strstr(s.note[3], "filter robot has no gate"));
	free(text);
	conf_sched_fini(&s);
}

/* Under a bridge's component, filters in any order: their numbers say which comes first. */
static void test_policing_bridge(void **state)
{
	static const char text[] =
		"{\"ieee802-dot1q-bridge:bridges\": {\"bridge\": [{\"name\": \"b\", \"component\": [{\"name\": \"x\"}, {\"name\": \"c\", "
		"\"ieee802-dot1q-psfp-bridge:stream-filters\": {\"max-stream-filter-instances\": 9, \"stream-filter-instance-table\": ["
		"{\"stream-filter-instance-id\": 9, \"wildcard\": [null], \"priority-spec\": \"wildcard\", \"max-sdu-size\": 0, \"stream-gate-ref\": 1, "
		"\"matching-frames-count\": \"5\"},"
		"{\"stream-filter-instance-id\": 2, \"wildcard\": [null], \"priority-spec\": \"zero\", \"max-sdu-size\": 0, \"stream-gate-ref\": 1}]},"
		"\"ieee802-dot1q-psfp-bridge:stream-gates\": {\"stream-gate-instance-table\": [{\"stream-gate-instance-id\": 1}]}}]}]}}";
	struct conf_sched s;

	(void)state;
	read_as(&s, CONF_YANG, text);
	assert_int_equal(s.police.n_filters, 2);
	assert_string_equal(s.police.filters[0].row.id, "2");
	assert_string_equal(s.police.filters[1].row.id, "9");
	assert_int_equal(s.police.filters[1].filter.pcp, POLICE_ANY);
	assert_true(s.police.gates[0].gate.initial_open);
	assert_false(s.police.gates[0].gate.enabled);
	assert_false(s.gate.enabled);
	conf_sched_fini(&s);
}

TEST_GROUP("vnet/conf_sched_police",
	cmocka_unit_test(test_policing),
	cmocka_unit_test(test_policing_names),
	cmocka_unit_test(test_policing_bridge),
)
