/* SPDX-License-Identifier: BSD-3-Clause */
/* What no notation takes, and that a line for the shell is one. */
#include "vnet/conf_sched.h"

#include <errno.h>

#include "tests/unit/vnet/conf_sched_text.h"
#include "tsn/qdisc.h"

static const struct {
	const char *text;
	const char *says[4];
} bad[] = {
	{TABLE("\"frobnicate\": 1"), {"f:1: gate-parameter-table: frobnicate: no such leaf", "take it out"}},
	{TABLE("\"admin-gate-state\": 1"), {"did you mean admin-gate-states"}},
	{TABLE("\"admin-gate-states\": \"1\""), {"gate-parameter-table/admin-gate-states: is not a number", "without quotes, e.g. 1"}},
	{TABLE("\"admin-gate-states\": 256"), {"256 is out of range: give 0 to 255"}},
	{TABLE("\"admin-gate-states\": -1"), {"\"-1\" is no number"}},
	{TABLE("\"admin-gate-states\": 0xff"), {"is no number: give decimal"}},
	{TABLE("\"admin-gate-states\": [1]"), {"is not a number"}},
	{"{\"gate-parameter-table\": {\"gate-enabled\": \"true\"}}", {"gate-enabled: is no boolean: give true or false"}},
	{"{\"gate-parameter-table\": {\"gate-enabled\": yes}}", {"gate-enabled: is no boolean"}},
	{"{\"gate-parameter-table\": [1]}", {"gate-parameter-table: is a list: give an object"}},
	{TABLE("\"ietf-ip:admin-gate-states\": 1"), {"of a module that has nothing here"}},
	{TABLE("\"a:admin-gate-states\": 1"), {"of a module that has nothing here"}},
	{TABLE("\"admin-base-time\": {\"seconds\": 1, \"nanoseconds\": 0}"), {"admin-base-time/seconds: is not a string", "in quotes, e.g. \"1\""}},
	{TABLE("\"admin-base-time\": {\"seconds\": \"1\"}"), {"f:1: gate-parameter-table/admin-base-time: nanoseconds is missing"}},
	{TABLE("\"admin-base-time\": {\"seconds\": \"1\", \"nanoseconds\": 1000000000}"), {"give 0 to 999999999"}},
	{TABLE("\"admin-base-time\": {\"seconds\": \"4000000000\", \"nanoseconds\": 0}"), {"after 2096"}},
	{TABLE("\"admin-base-time\": {\"seconds\": \"281474976710656\", \"nanoseconds\": 0}"), {"out of range: give 0 to 281474976710655"}},
	{TABLE("\"admin-cycle-time\": {\"numerator\": 1, \"denominator\": 0}"), {"admin-cycle-time: 1/0 s is out of range", "up to 1 s"}},
	{TABLE("\"admin-cycle-time\": {\"numerator\": 2, \"denominator\": 1}"), {"2/1 s is out of range"}},
	{TABLE("\"admin-cycle-time\": {\"numerator\": 1, \"denominator\": 4000000000}"), {"less than a nanosecond"}},
	{TABLE("\"admin-cycle-time\": {\"numerator\": 4294967296, \"denominator\": 1}"), {"numerator: 4294967296 is out of range"}},
	{LIST(ENTRY(1) ", " ENTRY(1)), {"two entries have index 1"}},
	{LIST("{\"index\": 0}"), {"gate-control-entry[0]: operation-name is missing"}},
	{LIST("{\"index\": 0, \"operation-name\": \"set-gate-states\"}"), {"lacks its module's name: give \"ieee802-dot1q-sched:set-gate-states\""}},
	{LIST("{\"index\": 0, \"operation-name\": \"ieee802-dot1q-sched:close\"}"), {"is none of its values", "set-and-hold-mac"}},
	{LIST("1"), {"gate-control-entry[0]: is a single value: give an object"}},
	{TABLE("\"admin-control-list\": {\"gate-control-entry\": {}}"), {"is a mapping: give a list"}},
	{TABLE("\"admin-control-list\": [\"sched-entry S 1 1000\"]"), {"admin-control-list: is a list: give an object"}},
	{TABLE("\"queue-max-sdu-table\": [{\"traffic-class\": 8}]"), {"queue-max-sdu-table[0]/traffic-class: 8 is out of range: give 0 to 7"}},
	{TABLE("\"queue-max-sdu-table\": [{\"traffic-class\": 1}, {\"traffic-class\": 1}]"), {"traffic-class 1 is given twice"}},
	{TABLE("\"gate-states\": 1, \"ieee802-dot1q-sched:gate-enabled\": true"), {"gate-states"}},
	{"{\"gate-parameter-table\": {\"gate-enabled\": true, \"ieee802-dot1q-sched:gate-enabled\": true}}", {"given twice"}},
	{"{\"cbsa\": {\"cbsa-parameter-table\": [{\"traffic-class\": 1, \"admin-idle-slope\": 5}]}}", {"cbsa/cbsa-parameter-table[0]/admin-idle-slope: is not a string"}},
	{"{\"cbsa\": {\"cbsa-parameter-table\": [{\"traffic-class\": 1}, {\"traffic-class\": 1}]}}", {"given twice"}},
	{"{\"cbsa\": {\"cbsa-parameter-table\": [{\"traffic-class\": 1, \"admin-idle-slope\": \"10\"}]}}", {"traffic-class 1: 10 bit/s is out of range: give 0, or 1000 to"}},
	{"{\"ietf-interfaces:interfaces\": {}}", {"there is no interface in it"}},
	{"{\"ietf-interfaces:interfaces\": {\"interface\": []}}", {"none has a gate-parameter-table"}},
	{"{\"ietf-interfaces:interfaces\": {\"interface\": {}}}", {"interface: is a mapping: give a list"}},
	{"{\"interfaces\": {\"interface\": [{\"name\": \"a\", \"cbsa\": {}}, {\"name\": \"b\", \"cbsa\": {}}]}}", {"several have a schedule (a, b)", "--port"}},
	{"{\"stream-filters\": {\"stream-filter-instance-table\": [{\"stream-filter-instance-id\": 1, \"stream-handle\": 5, \"priority-spec\": \"one\", "
	 "\"max-sdu-size\": 0}]}}", {"stream-filters: stream-handle 5 has no null-stream-identification", "or wildcard"}},
	{"{\"stream-filters\": {\"stream-filter-instance-table\": [{\"stream-filter-instance-id\": 1, \"wildcard\": [null], \"priority-spec\": 1, "
	 "\"max-sdu-size\": 0}]}}", {"stream-filter-instance-table[0]/priority-spec: \"1\" is none of its values: give \"zero\""}},
	{"{\"stream-filters\": {\"stream-filter-instance-table\": [{\"stream-filter-instance-id\": 1, \"wildcard\": null}]}}", {"writes it [null]"}},
	{"{\"stream-filters\": {\"stream-filter-instance-table\": [{\"stream-filter-instance-id\": 1, \"wildcard\": [null], \"priority-spec\": \"one\", "
	 "\"max-sdu-size\": 0, \"stream-gate-ref\": 8}]}}", {"stream-gate-ref: 8 is no row of stream-gates"}},
	{"{\"flow-meters\": {\"flow-meter-instance-table\": [{\"flow-meter-instance-id\": 1}]}}", {"flow-meter-instance-table[0]: committed-information-rate is missing"}},
	{"{\"stream-gates\": {\"stream-gate-instance-table\": [{\"stream-gate-instance-id\": 1}, {\"stream-gate-instance-id\": 1}]}}",
	 {"stream-gate-instance-id: 1 is given twice"}},
	{"{\"scheduler-groups\": {\"scheduler-group-instance-table\": [{\"scheduler-group-instance-id\": 1, \"max-residence-time\": 0}]}}",
	 {"max-residence-time 0 ns is out of range"}},
	{"{\"scheduler-groups\": {\"scheduler-group-instance-table\": [{\"scheduler-group-instance-id\": 1, \"max-residence-time\": 2000000001}]}}",
	 {"max-residence-time 2000000001 ns is out of range"}},
	{"stream-filters: []\nfrobnicate: 1", {"f:2: frobnicate: no such key"}},
	{"# nothing\ntc qdisc add dev a root mqprio num_tc 2 hw 0", {"f:2: mqprio is no schedule"}},
	{"tc qdisc add dev a root taprio num_tc 2", {"f:1: taprio: no sched-entry"}},
	{"tc qdisc add dev a root taprio\ntc qdisc add dev a root taprio sched-entry S q 1", {"f:1"}},
	{"taprio sched-entry S 1 1000000\ntaprio sched-entry S 1 1000000", {"f:2: two taprio lines"}},
	{"taprio sched-entry S 1 1000000\ntc qdisc add dev a parent 100:1 cbs idleslope 1000", {"f:2: cbs: its parent is no queue"}},
	{"tc qdisc add dev a root cbs idleslope 1000", {"f:1: cbs: its parent"}},
};

static void test_refusals(void **state)
{
	struct conf_sched s;
	struct why why;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		s = (struct conf_sched){.format = CONF_AUTO};
		why.text[0] = '\0';
		if (conf_sched_read(&s, bad[i].text, "f", &why) != -EINVAL)
			fail_msg("taken: %s", bad[i].text);
		for (k = 0; k < 4 && bad[i].says[k]; k++)
			if (!strstr(why.text, bad[i].says[k]))
				fail_msg("\"%s\" does not say \"%s\"", why.text, bad[i].says[k]);
	}
}

/* A line for the shell has a device's name in it, and nothing else. */
static void test_tc_names(void **state)
{
	static const char *const names[] = {"e; reboot", "a b", "$(id)", "-x", "sixteen-letters-", "e\n", ""};
	struct conf_sched s = {.format = CONF_AUTO};
	struct why why = {""};
	char *text = NULL;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_non_null(f);
	assert_int_equal(conf_sched_read(&s, "admin-control-list: [S 1 100000]", "f", &why), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(conf_sched_print(&s, CONF_TC, names[i], f, &why), -EINVAL);
		test_why_names(&why, "no name of a network device", "--dev", NULL);
	}
	assert_int_equal(conf_sched_print(&s, CONF_TC, "fifteen_letter.", f, &why), 0);
	fclose(f);
	assert_non_null(strstr(text, "dev fifteen_letter. root"));
	free(text);
	conf_sched_fini(&s);
}

/* A line is as long as it has to be. */
static void test_tc_long_words(void **state)
{
	struct qdisc q = {.kind = QDISC_CBS, .parent = QDISC_ROOT};
	char dev[400], *line;

	(void)state;
	memset(dev, 'a', sizeof(dev) - 1);
	dev[sizeof(dev) - 1] = '\0';
	line = qdisc_print_tc(&q, dev);
	assert_non_null(line);
	assert_non_null(strstr(line, dev));
	assert_non_null(strstr(line, "offload 0"));
	free(line);
}

/* A notation that is asked for is not guessed. */
static void test_forced(void **state)
{
	struct conf_sched s = {.format = CONF_YANG};
	struct why why;
	enum conf_format format;

	(void)state;
	assert_int_equal(conf_sched_read(&s, "admin-control-list: [S 1 100000]", "f", &why), -EINVAL);
	assert_non_null(strstr(why.text, "f: not JSON"));
	s = (struct conf_sched){.format = CONF_TC};
	assert_int_equal(conf_sched_read(&s, "admin-control-list: [S 1 100000]", "f", &why), -EINVAL);
	assert_non_null(strstr(why.text, "f:1: is no tc line"));
	s = (struct conf_sched){.format = CONF_YAML};
	assert_int_equal(conf_sched_read(&s, "taprio sched-entry S 1 1000", "f", &why), -EINVAL);
	s = (struct conf_sched){.format = CONF_TC};
	assert_int_equal(conf_sched_read(&s, "", "f", &why), -EINVAL);
	assert_int_equal(conf_format_parse(&format, "yang", &why), 0);
	assert_int_equal(format, CONF_YANG);
	assert_int_equal(conf_format_parse(&format, "auto", &why), -EINVAL);
	assert_int_equal(conf_format_parse(&format, "xml", &why), -EINVAL);
	assert_non_null(strstr(why.text, "yaml, tc or yang"));
}

TEST_GROUP("vnet/conf_sched_refuse",
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_tc_names),
	cmocka_unit_test(test_tc_long_words),
	cmocka_unit_test(test_forced),
)
